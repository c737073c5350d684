/** Where the tests of sockets run, each with the WebSocket that it has. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { bun, deno, nodes, output } from "../../../hosts/programs.mjs";
import { launch } from "../../browser/engines.mjs";
import { site } from "../../browser/site.mjs";
import { root } from "../../lib/repository.js";
import { exchange } from "./exchange.js";

const CHILD = fileURLToPath(new URL("runtime-child.js", import.meta.url));

/** What the runtimes keep for themselves. */
const HOME = join(root, "target", "runtimes");

/** Each with what comes before a script's path. */
const RUNTIMES = {
  "Node's own": [nodes[22]],
  Deno: [deno, "run", "--quiet", "--no-lock", "--node-modules-dir=manual", "--allow-all"],
  Bun: [bun],
};

/** Runs a script in a runtime. @returns the `result` that it prints. */
export async function inRuntime(name, script, args) {
  const [program, ...flags] = RUNTIMES[name];
  mkdirSync(HOME, { recursive: true });
  const { error, result } = JSON.parse(await output(program, [...flags, script, ...args], HOME));
  if (error) throw new Error(`${name}: ${error}`);
  return result;
}

/** A host of exchanges: `exchange(url, task)` and `close()`. */
export const HOSTS = {
  "ws in Node": async () => ({
    exchange: (url, task) => exchange(new WebSocket(url), task),
    close: () => undefined,
  }),
  ...Object.fromEntries(
    Object.keys(RUNTIMES).map((name) => [
      name,
      async () => ({
        exchange: (url, task) => inRuntime(name, CHILD, [url, JSON.stringify(task)]),
        close: () => undefined,
      }),
    ]),
  ),
  ...Object.fromEntries(
    ["chromium", "firefox", "webkit"].map((engine) => [engine, () => inBrowser(engine)]),
  ),
};

async function inBrowser(engine) {
  const server = await site();
  const browser = await launch(engine);
  return {
    async exchange(url, task) {
      const page = await browser.newPage();
      await page.goto(`${server.origin}/page`);
      const result = await page.evaluate(
        async (url, task) => {
          const { exchange } = await import("/tests/js/sockets/lib/exchange.js");
          return exchange(new WebSocket(url), task);
        },
        url,
        task,
      );
      await page.close();
      return result;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
