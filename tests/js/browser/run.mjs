/** Runs the portable tests in browsers: `node run.mjs [--engine chromium] [file …]`. Ends with `N passed, N failed`. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launch } from "./engines.mjs";
import { site } from "./site.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { engine: { type: "string", multiple: true, default: ["chromium"] } } });
const files = positionals.length > 0 ? positionals : readdirSync(join(here, "..", "portable")).filter((name) => name.endsWith(".test.js")).sort();

let passed = 0;
let failed = 0;
const { origin, close } = await site();
for (const engine of values.engine) {
  console.log(`# ${engine}`);
  const browser = await launch(engine);
  for (const file of files) await inPage(browser, file);
  await browser.close();
}
await close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

/** Every file has a page of its own: what one leaves behind, another must not find. */
async function inPage(browser, file) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${origin}/page`);
  let results;
  try {
    results = await page.evaluate(async (url) => {
      const { run } = await import("/tests/js/harness.js");
      await import(url);
      return run();
    }, `/tests/js/portable/${file}`);
  } catch (error) {
    results = [{ name: file, ok: false, error: String(error) }];
  }
  if (results.length === 0) results.push({ name: file, ok: false, error: "no test was registered" });
  if (complaints.length > 0) results.push({ name: `${file}: the console is clean`, ok: false, error: complaints.join("\n") });
  for (const { name, ok, error } of results) {
    if (ok) passed += 1;
    else failed += 1;
    console.log(ok ? `ok ${file}: ${name}` : `not ok ${file}: ${name}\n  ${error}`);
  }
  await page.close();
}
