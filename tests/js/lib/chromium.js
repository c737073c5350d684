/** Chromium with pages that have the package at hand. */
import { launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";

export const WORKER_PATH = "/node_modules/age-rt-wasm/worker.js";

export class Chromium {
  static async start() {
    const chromium = new Chromium();
    chromium.server = await site();
    chromium.engine = await launch("chromium");
    return chromium;
  }

  get origin() {
    return this.server.origin;
  }

  get pid() {
    return this.engine.browser.process().pid;
  }

  /**
   * A page under a Content-Security-Policy. In it the package is `age`, loaded and compiled, and
   * the portable helpers are `help`.
   *
   * @returns the page, and the URLs of the workers that it has started.
   */
  async open(csp = "") {
    const page = await this.engine.newPage();
    const started = [];
    page.on("workercreated", (worker) => started.push(worker.url()));
    await page.goto(`${this.origin}/page?csp=${encodeURIComponent(csp)}`);
    await page.evaluate(async () => {
      // Before the package, whose instance it is to see.
      const instances = await import("/tests/js/lib/instances.js");
      globalThis.help = {
        ...instances,
        ...(await import("/tests/js/lib/wait.js")),
        ...(await import("/tests/js/lib/headers.js")),
      };
      globalThis.age = await import("/node_modules/age-rt-wasm/dist/index.js");
      await globalThis.age.init();
    });
    return { page, started };
  }

  async stop() {
    await this.engine?.close();
    await this.server?.close();
  }
}

/** In a page: encrypts and decrypts a text, with a derivation each. */
export function roundTrip(page, workFactor) {
  return page.evaluate(async (workFactor) => {
    const { decrypt, encrypt } = globalThis.age;
    return new TextDecoder().decode(
      await decrypt(await encrypt("text", "a passphrase", { workFactor }), "a passphrase"),
    );
  }, workFactor);
}
