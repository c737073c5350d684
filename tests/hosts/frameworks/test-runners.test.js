/** The package in a consumer's own tests. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { transformSync } from "esbuild";
import { host } from "../judge.mjs";
import { nodes, output } from "../programs.mjs";
import { consumer, project } from "../project.mjs";

const modules = join(project("frameworks"), "node_modules");
const vitest = [join(modules, "vitest", "vitest.mjs"), "run"];
const jest = [join(modules, "jest", "bin", "jest.js")];

host(210, "Vitest", () => reported("vitest", "vitest", vitest));
host(211, "Vitest, jsdom", () =>
  reported("vitest", "vitest-jsdom", [...vitest, "--environment=jsdom"]),
);
host(212, "Jest, CommonJS", () =>
  reported("jest", "jest-cjs", [...jest, "--testMatch=**/job-cjs.test.cjs"]),
);
host(213, "Jest, ES modules", () =>
  reported("jest", "jest-esm", [
    "--experimental-vm-modules",
    ...jest,
    "--testMatch=**/job-esm.test.mjs",
  ]),
);
// Jest's own jsdom hides TextEncoder, streams and more of what browsers have; this is the usual way
// to have them back.
host(214, "Jest, jsdom (jest-fixed-jsdom)", () =>
  reported("jest", "jest-jsdom", [
    ...jest,
    "--env=jest-fixed-jsdom",
    "--testMatch=**/job-cjs.test.cjs",
  ]),
);

test("Jest's own jsdom: importing does no harm", async () => {
  await output(
    nodes[24],
    [...jest, "--env=jsdom", "--testMatch=**/import.test.cjs"],
    prepared("jest", "jest-import"),
  );
});

/** What the consumer's test left behind. */
async function reported(source, name, args) {
  const folder = prepared(source, name);
  await output(nodes[24], args, folder);
  return JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
}

function prepared(source, name) {
  const folder = consumer("frameworks", source, name);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true }));
  const { code } = transformSync(readFileSync(join(folder, "job.mjs"), "utf8"), { format: "cjs" });
  writeFileSync(join(folder, "job.cjs"), code);
  return folder;
}
