/**
 * The site that browser tests see: the packed package, the portable tests and the vectors, without
 * a bundler.
 */
import { join } from "node:path";
import { root } from "../../../js/tooling/lib/run.mjs";
import { serve } from "../../../js/tooling/lib/serve.mjs";

/** @param main - what the main entry is. */
const importMap = (main) =>
  JSON.stringify({
    imports: {
      "age-rt-wasm": main,
      "age-rt-wasm/reader": "/node_modules/age-rt-wasm/dist/reader.js",
      "age-rt-wasm/header": "/node_modules/age-rt-wasm/dist/header.js",
      "age-rt-wasm/session": "/node_modules/age-rt-wasm/dist/session.js",
      "age-rt-wasm/recipients": "/node_modules/age-rt-wasm/dist/recipients.js",
      "age-rt-wasm/passphrase": "/node_modules/age-rt-wasm/dist/passphrase.js",
    },
  });

const PACKAGE = "/node_modules/age-rt-wasm/dist/index.js";
const WITH_WORKERS = "/tests/js/workers/lib/with-workers.js";

/**
 * `/page?csp=…` is an empty page under that Content-Security-Policy, in which
 * `import("age-rt-wasm")` works. In `/page?workers` it gives every stream two workers.
 *
 * @returns { origin, close() }
 */
export async function site(options = {}) {
  const server = await serve(
    { "/node_modules/": join(root, "node_modules"), "/tests/": join(root, "tests") },
    {
      ...options,
      async page(url, response, request) {
        if (await options.page?.(url, response, request)) return true;
        if (url.pathname !== "/page") return false;
        const csp = url.searchParams.get("csp");
        const main = url.searchParams.has("workers") ? WITH_WORKERS : PACKAGE;
        if (csp) response.setHeader("Content-Security-Policy", csp);
        response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
        response.end(
          `<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,"><script type="importmap">${importMap(main)}</script></html>`,
        );
        return true;
      },
    },
  );
  return {
    origin: `http://localhost:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}
