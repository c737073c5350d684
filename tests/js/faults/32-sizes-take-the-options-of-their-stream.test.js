/** A work factor of one digit makes a header that is a byte shorter: sizes take the stream's own options, and their documentation says so. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ciphertextSize, encrypt, plaintextSize } from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";

for (const options of [
  { workFactor: 1 },
  { workFactor: 9 },
  { workFactor: 10 },
  { workFactor: 2, chunkSize: 1000 },
  { workFactor: 10, chunkSize: 99_999 },
]) {
  test(`with ${JSON.stringify(options)}`, async () => {
    for (const length of [0, 1, 999, 1000, 1001, 65_536]) {
      const file = await encrypt(new Uint8Array(length), PASSPHRASE, options);
      assert.equal(ciphertextSize(length, options), file.length);
      assert.equal(plaintextSize(file.length, options), length);
    }
  });
}

test("the documentation of both says that the options are the stream's", () => {
  const types = readFileSync(
    new URL("../../../node_modules/age-rt-wasm/dist/index.d.ts", import.meta.url),
    "utf8",
  );
  for (const name of ["ciphertextSize", "plaintextSize"]) {
    const before = types.slice(0, types.indexOf(`declare function ${name}(`));
    const comment = before.slice(before.lastIndexOf("/**"));
    assert.match(comment, /@param options/, name);
  }
});
