/**
 * Vercel's edge runtime compiles nothing: its bundlers set a condition, under which the module is
 * imported. tests/hosts has Next.js itself.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const home = dirname(dirname(createRequire(import.meta.url).resolve("age-rt-wasm")));

/**
 * What a bundler for the edge makes of an import of the package, and which module files it came by.
 */
async function bundled(conditions) {
  const modules = [];
  const { outputFiles } = await build({
    stdin: { contents: `export { encrypt } from "age-rt-wasm"`, resolveDir: here },
    bundle: true,
    format: "esm",
    conditions,
    write: false,
    plugins: [
      {
        name: "modules",
        setup({ onResolve }) {
          onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => {
            modules.push(join(resolveDir, path.replace("?module", "")));
            return { path, external: true };
          });
        },
      },
    ],
  });
  return { modules, text: outputFiles[0].text };
}

test("under edge-light the module is an import, and nothing is compiled", async () => {
  const { modules, text } = await bundled(["edge-light"]);
  assert.deepEqual(modules, [join(home, "dist", "age_rt.wasm")]);
  assert.ok(WebAssembly.validate(readFileSync(modules[0])));
  assert.doesNotMatch(text, /DecompressionStream/);
});

test("elsewhere it is not", async () => {
  assert.deepEqual((await bundled(["browser"])).modules, []);
});
