/** ciphertextSize() and plaintextSize(): exact, and to the byte that a file cannot have. */
import { ciphertextSize, encrypt, plaintextSize } from "age-rt-wasm";
import { assert, test, vector } from "../harness.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";
import { vectors } from "./lib/vectors.js";

const SIZES = [0, 1, 99, 100, 101, 200, 65_535, 65_536, 65_537, 131_072];
const PARAMETERS = [
  QUICK,
  { workFactor: 10 },
  { workFactor: 1, chunkSize: 100 },
  { workFactor: 1, chunkSize: 65_536 },
  { workFactor: 1, chunkSize: 1_000_000 },
];

for (const options of PARAMETERS) {
  test(`a file has the size that was said, with ${JSON.stringify(options)}`, async () => {
    for (const size of SIZES)
      assert.equal(
        (await encrypt(new Uint8Array(size), PASSPHRASE, options)).length,
        ciphertextSize(size, options),
        `${size}`,
      );
  });
}

test("the reference's files have the sizes that are said", async () => {
  const files = vectors.filter(({ format, expect }) => format === "age" && expect === "success");
  for (const { name, chunks, options } of files) {
    const size = chunks.reduce((sum, length) => sum + length, 0);
    const { length } = await vector(`${name}.age`);
    assert.deepEqual(
      [ciphertextSize(size, options), plaintextSize(length, options)],
      [length, size],
      name,
    );
  }
});

test("there and back", () => {
  for (const options of [undefined, {}, ...PARAMETERS]) {
    for (let size = 0; size < 1000; size += 1)
      assert.equal(plaintextSize(ciphertextSize(size, options), options), size);
    for (const size of [...SIZES, 2 ** 40, 2 ** 52])
      assert.equal(plaintextSize(ciphertextSize(size, options), options), size);
  }
});

test("every size of a file is that of some plaintext, or a RangeError", () => {
  const options = { workFactor: 1, chunkSize: 50 };
  const sizes = new Set(Array.from({ length: 2000 }, (_, size) => ciphertextSize(size, options)));
  for (let size = 0; size < 2000; size += 1) {
    if (sizes.has(size)) assert.ok(plaintextSize(size, options) >= 0);
    else assert.throws(() => plaintextSize(size, options), RangeError, `${size}`);
  }
});

test("no file is shorter than header, nonce and the tag of an empty chunk", async () => {
  const { bytes } = await makeFile("age", [0]);
  assert.equal(plaintextSize(bytes.length, QUICK), 0);
  assert.throws(() => plaintextSize(bytes.length - 1, QUICK), RangeError);
});

for (const call of [ciphertextSize, plaintextSize]) {
  for (const size of [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 53]) {
    test(`${call.name}(${size}) is a RangeError`, () =>
      assert.throws(() => call(size), RangeError));
  }

  for (const size of [undefined, null, "1", 1n, {}, [1]]) {
    test(`${call.name}() of ${typeof size === "bigint" ? "1n" : JSON.stringify(size)} is a TypeError`, () =>
      assert.throws(() => call(size), TypeError));
  }

  for (const options of [
    { chunkSize: 0 },
    { chunkSize: 16_777_217 },
    { chunkSize: 1.5 },
    { workFactor: 0 },
    { workFactor: 21 },
  ]) {
    test(`${call.name}() with ${JSON.stringify(options)} is a RangeError`, () =>
      assert.throws(() => call(1000, options), RangeError));
  }

  for (const options of [null, 1, "x", { chunkSize: "1" }, { workFactor: null }]) {
    test(`${call.name}() with options ${JSON.stringify(options)} is a TypeError`, () =>
      assert.throws(() => call(1000, options), TypeError));
  }
}

test("a plaintext whose file would be beyond 2^53 bytes is a RangeError", () => {
  assert.throws(() => ciphertextSize(2 ** 53 - 1), RangeError);
});
