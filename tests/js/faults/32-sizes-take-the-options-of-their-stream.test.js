/**
 * A work factor of one digit makes a header that is a byte shorter: sizes take the stream's own
 * options, and their documentation says so.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { AgeEncryptStream, ciphertextSize, encrypt, plaintextSize, toBlob } from "age-rt-wasm";

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

test("every option that the stream takes, they take too", async () => {
  const options = {
    ...{ workFactor: 1, chunkSize: 1000, signal: new AbortController().signal },
    ...{ onProgress: () => undefined, onDerivation: () => undefined, workers: 0 },
  };
  const data = new Blob([new Uint8Array(10_000)]);
  const stream = new AgeEncryptStream(PASSPHRASE, options);
  const { size } = await toBlob(data.stream().pipeThrough(stream));
  assert.equal(ciphertextSize(data.size, options), size);
  assert.equal(plaintextSize(size, options), data.size);
});

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
