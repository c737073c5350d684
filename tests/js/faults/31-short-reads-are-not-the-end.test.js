/**
 * A read function may give fewer bytes than it was asked for, as a socket does: only none is the
 * end of the input.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AgeAutoDecoder,
  aiterDecodeCallable,
  encrypt,
  init,
  iterDecodeCallable,
} from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const plaintext = Uint8Array.from({ length: 70_000 }, (_, i) => i);

await init();

/** Gives `share(n)` of the n bytes that it is asked for, until there are none. */
function reading(bytes, share) {
  let at = 0;
  return (n) => bytes.subarray(at, (at += Math.min(n, Math.max(1, share(n)))));
}

function joined(chunks) {
  return new Uint8Array(Buffer.concat(chunks));
}

for (const format of ["age", "age-rt"]) {
  const file = await encrypt(plaintext, PASSPHRASE, { format, workFactor: 1 });

  for (const [name, share] of [
    ["1 byte", () => 1],
    ["7 bytes", () => 7],
    ["half", (n) => n >> 1],
    ["all but 1 byte", (n) => n - 1],
    ["all", (n) => n],
  ]) {
    test(`${format}: ${name} at a time`, () => {
      const chunks = iterDecodeCallable(reading(file, share), new AgeAutoDecoder(PASSPHRASE));
      assert.deepEqual(joined([...chunks]), plaintext);
    });

    test(`${format}: ${name} at a time, over time`, async () => {
      const read = reading(file, share);
      const chunks = [];
      for await (const chunk of aiterDecodeCallable(
        async (n) => read(n),
        new AgeAutoDecoder(PASSPHRASE),
      ))
        chunks.push(chunk);
      assert.deepEqual(joined(chunks), plaintext);
    });
  }

  test(`${format}: the same bytes cut short are truncated all the same`, () => {
    for (const length of [0, 1, 100, file.length - 1]) {
      const read = reading(file.subarray(0, length), (n) => n >> 1);
      assert.throws(
        () => [...iterDecodeCallable(read, new AgeAutoDecoder(PASSPHRASE))],
        ({ code }) => code === "truncated" || (format === "age" && code === "chunk-authentication"),
        `${length} bytes`,
      );
    }
  });
}

test("nothing is read beyond the final chunk", async () => {
  const file = await encrypt(plaintext, PASSPHRASE, { format: "age-rt", workFactor: 1 });
  let given = 0;
  const source = new Uint8Array(Buffer.concat([file, new Uint8Array(1000)]));
  const read = (n) => source.subarray(given, (given += Math.min(n, 5)));
  assert.deepEqual(
    joined([...iterDecodeCallable(read, new AgeAutoDecoder(PASSPHRASE))]),
    plaintext,
  );
  assert.equal(given, file.length);
});
