/** Pages without a bundler, from a static server or none, and their workers, in every engine. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { ENGINES, launch } from "../../js/browser/engines.mjs";
import { host } from "../judge.mjs";
import { consumer } from "../project.mjs";
import { report, reportServed } from "./visit.mjs";

const NAMES = { chromium: "Chromium", firefox: "Firefox", webkit: "WebKitGTK" };

const folder = consumer("pages", "plain");
cpSync(join(folder, "..", "node_modules", "age-rt-wasm"), join(folder, "age-rt-wasm"), { recursive: true });
// The job as a classic script, for where there are no modules.
writeFileSync(join(folder, "job.js"), readFileSync(join(folder, "job.mjs"), "utf8").replaceAll("export ", ""));

const served = (page) => (browser) => reportServed(browser, { "/": folder }, `/${page}`);
const PAGES = [
  ["import map", served("import-map.html"), "worker"],
  ["dedicated worker", served("worker.html"), "worker"],
  // It cannot have workers.
  ["service worker", served("service-worker.html"), "calling thread"],
  ["classic script, `file:`", (browser) => report(browser, pathToFileURL(join(folder, "file.html")).href), "worker"],
];

const browsers = {};
after(() => Promise.all(Object.values(browsers).map(async (browser) => (await browser).close())));

for (const [i, [name, run, derivation]] of PAGES.entries()) {
  for (const [j, engine] of ENGINES.entries()) {
    host(320 + 10 * i + j, `${NAMES[engine]}, ${name}`, async () => run(await (browsers[engine] ??= launch(engine))), derivation);
  }
}
