/**
 * Every example that a page can run does in three browsers what `examples.test.js` has it do in
 * Node: once as it is meant, and once with each thing that may go wrong. Those that need a page of
 * their own are in `pages.test.js`.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { transform } from "esbuild";
import { ENGINES, launch } from "../browser/engines.mjs";
import { root } from "../lib/repository.js";
import { blocks, promised, withImports } from "./lib/blocks.js";
import { quickEntry } from "./lib/quick.js";
import { namesStandard, WRONG } from "./lib/situations.js";
import { REPORT, World } from "./lib/world.js";
import * as age from "age-rt-wasm";

const PACKAGE = join(root, "node_modules", "age-rt-wasm");
const IMPORTS = Object.fromEntries(
  ["", "/header", "/reader", "/recipients", "/passphrase", "/session"].map((entry) => [
    `age-rt-wasm${entry}`,
    `/package/dist/${entry.slice(1) || "index"}.js`,
  ]),
);
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Examples</title><link rel="icon" href="data:,"><script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script></html>`;

/**
 * Node's modules, streaming uploads (Chromium has them over HTTP/2 only), servers, passkeys
 * (tests/js/interop/passkeys.test.js has their browser), and what `pages.test.js` runs.
 */
const notForPages =
  /from "node:|process\.|duplex: "half"|new Worker\(|age-rt-wasm\/worker|createDataChannel|passkeys|server\.on\(/;
const those = blocks.filter(
  ({ language, code }) =>
    ["js", "ts"].includes(language) && !notForPages.test(code) && !namesStandard(promised(code)),
);

const scripts = new Map();
for (const [i, { where, code, language }] of those.entries()) {
  const lowered = await transform(withImports(code, Object.keys(age)), {
    // No engine here has `using` yet.
    target: "es2022",
    format: "esm",
    loader: language,
  });
  scripts.set(where, { path: `/example/${i}`, text: lowered.code });
}

async function page(world, { pathname }, response) {
  const given = {
    "/": [PAGE, "text/html"],
    "/plain": [REPORT, "text/plain"],
    "/encrypted-report.pdf.age": [
      world().wrong === "cut" ? half(world().encrypted) : world().encrypted,
      "application/octet-stream",
    ],
    "/page-world.js": [
      readFileSync(new URL("./lib/page-world.js", import.meta.url)),
      "text/javascript",
    ],
    "/example-keys.js": [
      readFileSync(new URL("./lib/example-keys.js", import.meta.url)),
      "text/javascript",
    ],
    "/package/dist/index.js": [quickEntry(), "text/javascript"],
  };
  const example = [...scripts.values()].find(({ path }) => pathname.startsWith(`${path}-`));
  const inPackage = /^\/package\/([\w./-]+\.(?:js|wasm))$/.exec(pathname)?.[1];
  const [body, type] =
    given[pathname] ??
    (example && [example.text, "text/javascript"]) ??
    (inPackage && [
      readFileSync(join(PACKAGE, inPackage)),
      inPackage.endsWith(".js") ? "text/javascript" : "application/wasm",
    ]) ??
    [];
  if (body === undefined) return false;
  response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(body);
  return true;
}

function half(bytes) {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

/**
 * An error of ours, of an abort, or of the engine's own fetch and sockets: nothing that a mistake
 * in the example would throw.
 */
function expected({ ours, name, message }) {
  const fromFetch =
    /network|Load failed|body stream|connection was lost|input stream|Failed to fetch|cancelled/i;
  return ours || name === "AbortError" || (name === "TypeError" && fromFetch.test(message));
}

/** `ENGINE=webkit node --test …` runs one engine. */
for (const engine of process.env.ENGINE ? [process.env.ENGINE] : ENGINES) {
  describe(engine, () => {
    let world;
    let browser;
    let tab;
    const uncaught = [];
    before(async () => {
      world = await World.create({ page: (...request) => page(() => world, ...request) });
      browser = await launch(engine);
      tab = await browser.newPage();
      tab.on("pageerror", (error) => uncaught.push(String(error)));
      await tab.goto(`http://${world.host}/`);
    });
    after(async () => {
      await browser?.close();
      await world?.close();
    });

    async function run(where, situation, sets) {
      world.begin(situation.wrong);
      uncaught.length = 0;
      const url = `${scripts.get(where).path}-${JSON.stringify(situation).replaceAll(/\W/g, "-")}.js`;
      const seen = await tab.evaluate(
        async (url, situation) => (await import("/page-world.js")).run(url, situation),
        url,
        { ...situation, sets },
      );
      // Firefox reports as an error of the page what no script can keep it from reporting.
      const mistakes = uncaught.filter(
        (text) => !/can’t establish a connection|was interrupted while/.test(text),
      );
      assert.deepEqual([...seen.complaints, ...mistakes], [], "on the console");
      return seen;
    }

    for (const { where, code } of those) {
      test(where, { timeout: 60_000 }, async () => {
        const seen = await run(where, {}, code.includes("configure("));
        assert.equal(seen.error?.text, undefined);
        assert.deepEqual(seen.mistakes, []);
        assert.deepEqual(seen.printed, promised(code));
        const uploads = await world.checkUploads();
        assert.ok(seen.effects + uploads > 0, "it does nothing that can be seen");
      });

      for (const [what, [situation, regarding]] of Object.entries(WRONG)) {
        if (!regarding.test(code)) continue;
        test(
          `${where}, with ${what}: an error or none, and nothing unhandled`,
          {
            timeout: 60_000,
          },
          async () => {
            const { error } = await run(where, situation);
            if (error) assert.ok(expected(error), error.text);
          },
        );
      }
    }
  });
}
