/** Who imports one thing gets that thing: bundlers leave the rest of the package out. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { rollup } from "rollup";
import { root } from "../lib/repository.js";

const INDEX = join(root, "node_modules", "age-rt-wasm", "dist", "index.js");
/** Words that only sockets have, and only the streams. */
const OF_SOCKETS = "bufferedAmount";
const OF_STREAMS = "WritableStream";
/** A part of the WebAssembly module, packed, is longer than all of the JavaScript. */
const MODULE_LENGTH = 30_000;

const BUNDLERS = {
  async esbuild(source) {
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: root },
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
    });
    return outputFiles[0].text;
  },
  async rollup(source) {
    const virtual = {
      resolveId: (id) => (id === "entry" ? id : id === "age-rt-wasm" ? INDEX : null),
      load: (id) => (id === "entry" ? source : null),
    };
    const { output } = await (
      await rollup({ input: "entry", plugins: [virtual] })
    ).generate({ format: "es" });
    // As applications do: what the package ships is readable.
    return (await transform(output[0].code, { minify: true })).code;
  },
};

for (const [name, bundle] of Object.entries(BUNDLERS)) {
  const importing = (names) => bundle(`export { ${names} } from "age-rt-wasm";`);

  test(`${name}: everything`, async () => {
    const code = await bundle(`export * from "age-rt-wasm";`);
    assert.ok(
      code.includes(OF_SOCKETS) && code.includes(OF_STREAMS) && code.length > MODULE_LENGTH,
    );
  });

  for (const [names, most] of [
    ["ciphertextSize, plaintextSize", 5000],
    ["AgeRtError", 5000],
    // Pieces of any length, both ways, and the white space around the armor.
    ["armor, dearmor", 8000],
  ]) {
    test(`${name}: ${names} alone without the WebAssembly module`, async (t) => {
      const code = await importing(names);
      t.diagnostic(`${gzipSync(code, { level: 9 }).length} bytes, compressed`);
      assert.ok(code.length < most);
    });
  }

  test(`${name}: sockets alone without the WebAssembly module`, async (t) => {
    const code = await importing("fromWebSocket, fromDataChannel");
    t.diagnostic(`${gzipSync(code, { level: 9 }).length} bytes, compressed`);
    assert.ok(code.includes(OF_SOCKETS) && code.length < MODULE_LENGTH);
  });

  for (const names of ["AgeEncryptStream", "AgeRtDecryptStream", "encrypt, decrypt"]) {
    test(`${name}: ${names} without sockets`, async (t) => {
      const code = await importing(names);
      t.diagnostic(`${gzipSync(code, { level: 9 }).length} bytes, compressed`);
      assert.ok(!code.includes(OF_SOCKETS) && code.length > MODULE_LENGTH);
    });
  }

  test(`${name}: iterators without streams`, async () => {
    assert.ok(!(await importing("iterEncodeChunks, AgeRtEncoder")).includes(OF_STREAMS));
  });

  test(`${name}: an import for nothing is nothing`, async () => {
    assert.ok(
      (await bundle(`import { armor } from "age-rt-wasm"; export const x = 1;`)).length < 200,
    );
  });
}
