/**
 * The browsers, as the tests start them: headless, with a profile of their own, and without
 * connections of the browser's.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { which } from "../../../js/tooling/lib/run.mjs";
import { ENGINE_PACKAGES } from "../../../js/tooling/lib/setup.mjs";
import { launchWebKit } from "./webkit.mjs";

export const ENGINES = Object.keys(ENGINE_PACKAGES);

const WINDOW = process.env.WINDOW === "1";

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * A browser with `newPage()`, and `close()`, which removes its profile too. Throws if the engine is
 * not there.
 *
 * `flags` are Chromium's and Firefox's, `preferences` Firefox's. With `WINDOW=1` they have a
 * window: a browser without one saves otherwise in places.
 *
 * What pages of all engines have in common: `goto(url)`, `evaluate(function, ...arguments)`,
 * `on("pageerror", …)`, `close()`.
 */
export async function launch(engine, { flags = [], preferences = {} } = {}) {
  if (engine === "webkit") return launchWebKit();
  const executablePath = which(...ENGINE_PACKAGES[engine][0].programs);
  if (!executablePath) throw new Error(`${engine} is not installed`);
  const userDataDir = mkdtempSync(join(tmpdir(), `age-rt-wasm-${engine}-`));
  const options =
    engine === "firefox"
      ? { browser: "firefox", headless: !WINDOW, args: flags, extraPrefsFirefox: preferences }
      : { headless: !WINDOW, args: [...CHROMIUM_FLAGS, ...flags] };
  const browser = await puppeteer.launch({
    executablePath,
    userDataDir,
    protocolTimeout: 600_000,
    ...options,
  });
  return {
    browser,
    userDataDir,
    newPage: () => browser.newPage(),
    async close() {
      await browser.close();
      rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
