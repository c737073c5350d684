/**
 * `npm run bench [row …] [-- --quick | --profile | --browser <engine> | --before <tarball> |
 * --serve | --write]`: ours and the rivals in turn, and the ratios of their times; or where the
 * time of ours goes. `--write` puts a whole run's table into BENCHMARKS.md. With `--before`, rows
 * of streams run an earlier release too, in the same rounds.
 *
 * Every row has a process of its own, or a page, so that none finds what another has left. Results
 * are JSON in target/bench too.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../../js/tooling/build/build.mjs";
import { installPacked, unpack } from "../../js/tooling/lib/packed.mjs";
import { Failure, main, root } from "../../js/tooling/lib/run.mjs";
import { agePrograms, pythonReference } from "../../js/tooling/lib/setup.mjs";
import { child } from "./lib/child.js";
import { writeTable } from "./lib/document.js";
import { HEAD, lines } from "./lib/table.js";
import {
  beforeRows,
  besideRows,
  browserRows,
  chromiumRows,
  nodeRows,
  profiledRows,
  programRows,
} from "./rows/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    browser: { type: "string", multiple: true, default: [] },
    before: { type: "string" },
    serve: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

/** Where rows find the package to compare with, by this name. */
const BEFORE = join(root, "node_modules", "age-rt-wasm-before");

main(async () => {
  if (values.write && (values.quick || values.before || positionals.length > 0))
    throw new Failure(
      "--write takes a whole run of this release, so that all figures belong together",
    );
  for (const name of positionals)
    if (!nodeRows.includes(name) && !chromiumRows.includes(name))
      throw new Failure(
        `No row is called ${name}; there are ${[...nodeRows, ...chromiumRows].join(", ")}`,
      );
  const named = positionals.find((name) => beforeRows.includes(name));
  if (named && !values.before)
    throw new Failure(`${named} takes the package to compare with: --before TARBALL`);
  await build();
  installPacked();
  rmSync(BEFORE, { recursive: true, force: true });
  if (values.before) unpack(values.before, BEFORE);
  const { serveRows, inBrowser } = await import("./browser.mjs");
  if (values.serve) {
    const { origin } = await serveRows();
    console.log(`\nThe benchmark's page is at ${origin}/bench (Ctrl-C ends it)`);
    return;
  }
  if (values.profile) return profiles();
  if (values.browser.length === 0) await inNode();
  for (const engine of values.browser)
    await inBrowser(engine, {
      names: wanted(engine === "chromium" ? [...browserRows, ...chromiumRows] : browserRows),
      quick: values.quick,
      report: reporter(engine),
    });
  if (values.write) for (const engine of values.browser) writeTable(engine);
});

async function inNode() {
  pythonReference();
  const names = wanted(nodeRows);
  // One is built from source, which takes minutes.
  if (names.some((name) => programRows.includes(name))) agePrograms();
  const report = reporter("node", `Node ${process.versions.node}`);
  for (const name of names) {
    const mode = values.quick ? "quick" : "whole";
    const before = values.before && besideRows.includes(name) ? ["--before"] : [];
    report(await child("../row.mjs", [name, mode, ...before]));
  }
  if (values.write) writeTable("node");
}

async function profiles() {
  if (values.quick || values.browser.length > 0)
    throw new Failure("A profile is taken in Node, of the whole work");
  if (positionals.length === 0 || positionals.some((name) => !profiledRows.includes(name)))
    throw new Failure(`There are profiles of ${profiledRows.join(", ")}`);
  for (const name of positionals) {
    const { title, result } = await child("../row.mjs", [name, "profile"]);
    console.log(`\n${title}: where our time goes\n\n| | % |\n| --- | --- |`);
    for (const [part, percent] of result) console.log(`| ${part} | ${percent.toFixed(1)} |`);
  }
}

/** The long rows take an hour: only when they are named, or when they are quick. */
function wanted(names) {
  if (positionals.length > 0) return names.filter((name) => positionals.includes(name));
  return names.filter(
    (name) =>
      (values.quick || !name.endsWith("-long")) && (values.before || !beforeRows.includes(name)),
  );
}

/** Prints a table, row by row, and keeps the JSON. */
function reporter(host, version = host) {
  const rows = [];
  const folder = join(root, "target", "bench");
  mkdirSync(folder, { recursive: true });
  console.log(
    `\n${version}, ${cpus()[0]?.model ?? "unknown processor"}${values.quick ? ", quick: no figure counts" : ""}\n\n${HEAD}`,
  );
  return ({ result, atLeastIn, ...row }) => {
    // What one engine gains another may have had before.
    if (atLeastIn?.[host]) row.atLeast = atLeastIn[host];
    rows.push({ ...row, result });
    console.log(lines(row, result, values));
    // Row by row: what was measured is kept where a later row fails.
    const kept = {
      host: version,
      processor: cpus()[0]?.model,
      date: new Date().toISOString(),
      quick: values.quick,
      rows,
    };
    writeFileSync(
      join(folder, `${host}${values.quick ? "-quick" : ""}.json`),
      `${JSON.stringify(kept, undefined, 2)}\n`,
    );
  };
}
