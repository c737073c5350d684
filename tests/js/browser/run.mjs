/**
 * Runs the portable tests in browsers: `node run.mjs [--engine chromium]… [file …]`, all three
 * without a name. Ends with `N passed, N failed`.
 */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DEPARTURES } from "./departures.mjs";
import { ENGINES, launch } from "./engines.mjs";
import { site } from "./site.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: "string", multiple: true, default: ENGINES } },
});
const files =
  positionals.length > 0
    ? positionals
    : readdirSync(join(here, "..", "portable"))
        .filter((name) => name.endsWith(".test.js"))
        .sort();

/**
 * Those that run a second time, of streams that have two workers: see
 * `tests/js/workers/lib/with-workers.js`.
 */
const WITH_WORKERS = ["one-call.test.js", "stream-sizes.test.js", "trailing-data.test.js"];

let passed = 0;
let failed = 0;
const { origin, close } = await site();
/** Each engine's files that no browser has yet. */
const waiting = values.engine.map((engine) => ({ engine, jobs: jobs(), isBegun: false }));
// Two browsers at a time, as most machines have the cores for: one that is done with an engine
// helps the other. What one prints stays together.
await Promise.all([inTurn(), inTurn()]);
await close();
const code = failed > 0 || passed === 0 ? 1 : 0;
// Only once it is written: what waits for a pipe is lost with the process.
process.stdout.write(`${passed} passed, ${failed} failed\n`, () => process.exit(code));

function jobs() {
  const again = files.filter((file) => WITH_WORKERS.includes(file));
  return [
    ...files.map((file) => ({ file, workers: false })),
    ...again.map((file) => ({ file, workers: true })),
  ];
}

async function inTurn() {
  for (let next; (next = whatIsNext());) {
    next.isBegun = true;
    const { engine, jobs } = next;
    const lines = [`# ${engine}`];
    const browser = await launch(engine);
    for (let job; (job = jobs.shift());) {
      const { file, workers } = job;
      const start = performance.now();
      await inPage(browser, file, DEPARTURES[engine], lines, workers);
      lines.push(`# ${file}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
    await browser.close();
    console.log(lines.join("\n"));
  }
}

function whatIsNext() {
  const left = waiting.filter(({ jobs }) => jobs.length > 0);
  return left.find(({ isBegun }) => !isBegun) ?? left[0];
}

/** Every file has a page of its own: what one leaves behind, another must not find. */
async function inPage(browser, file, departures, lines, workers) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${origin}/page${workers ? "?workers" : ""}`);
  let results;
  try {
    results = await page.evaluate(
      async (url, hopeless) => {
        const { run } = await import("/tests/js/harness.js");
        await import(url);
        return run(undefined, hopeless);
      },
      `/tests/js/portable/${file}`,
      Object.keys(departures).map((id) => id.slice(file.length + 2)),
    );
  } catch (error) {
    results = [{ name: file, ok: false, error: String(error) }];
  }
  if (results.length === 0)
    results.push({ name: file, ok: false, error: "no test was registered" });
  results.push({
    name: "the console is clean",
    ok: complaints.length === 0,
    error: complaints.join("\n"),
  });
  for (const { name, ok, error } of results) {
    const id = `${file}: ${name}`;
    lines.push(report(workers ? `${id}, with workers` : id, ok, error, departures[id]));
  }
  await page.close();
}

/** @returns the line about one test. */
function report(id, ok, error, departure) {
  const good = ok === (departure === undefined);
  if (good) passed += 1;
  else failed += 1;
  if (departure === undefined) return ok ? `ok ${id}` : `not ok ${id}\n  ${error}`;
  return ok
    ? `not ok ${id}\n  The engine does it now: remove it from departures.mjs`
    : `ok ${id} # the engine departs: ${departure}`;
}
