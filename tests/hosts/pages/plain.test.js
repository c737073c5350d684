/** Pages without a bundler, from a static server or none, and their workers, in every engine. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { ENGINES, launch } from "../../js/browser/engines.mjs";
import { host } from "../judge.mjs";
import { consumer } from "../project.mjs";
import { report, reportServed, Stuck } from "./visit.mjs";

const NAMES = { chromium: "Chromium", firefox: "Firefox", webkit: "WebKitGTK" };

const folder = consumer("pages", "plain");
cpSync(join(folder, "..", "node_modules", "age-rt-wasm"), join(folder, "age-rt-wasm"), {
  recursive: true,
});
// The job as a classic script, for where there are no modules.
writeFileSync(
  join(folder, "job.js"),
  readFileSync(join(folder, "job.mjs"), "utf8").replaceAll("export ", ""),
);

/**
 * Firefox, as long as a program drives it, now and then never returns from `new Worker()` within a
 * worker, whosever script that is; with nobody at its wheel it was not seen to. Such a page is
 * opened again, in a new browser.
 */
async function withoutStuckWorkers(engine, run) {
  for (let attempt = 1; ; attempt += 1) {
    const browser = await launch(engine);
    try {
      return await run(browser, engine === "firefox" && attempt < 8 ? 30_000 : undefined);
    } catch (error) {
      if (engine !== "firefox" || !(error instanceof Stuck) || attempt === 8) throw error;
      console.log(`Firefox was stuck, attempt ${attempt}`);
    } finally {
      await browser.close();
    }
  }
}

const served = (page) => (browser, patience) =>
  reportServed(browser, { "/": folder }, `/${page}`, patience);
const PAGES = [
  ["import map", served("import-map.html"), "worker"],
  ["dedicated worker", served("worker.html"), "worker", withoutStuckWorkers],
  // It cannot have workers.
  ["service worker", served("service-worker.html"), "calling thread"],
  [
    "classic script, `file:`",
    (browser) => report(browser, pathToFileURL(join(folder, "file.html")).href),
    "worker",
  ],
];

const browsers = {};
after(() => Promise.all(Object.values(browsers).map(async (browser) => (await browser).close())));

async function inOneBrowser(engine, run) {
  return run(await (browsers[engine] ??= launch(engine)));
}

for (const [i, [name, run, derivation, visit = inOneBrowser]] of PAGES.entries()) {
  for (const [j, engine] of ENGINES.entries())
    host(320 + 10 * i + j, `${NAMES[engine]}, ${name}`, () => visit(engine, run), derivation);
}
