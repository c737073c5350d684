/**
 * A file that shrinks, or grows, while it is read must not become a valid file of another length.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { open, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { AgeAutoDecoder, decodeFile, decrypt, encrypt, init } from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 1 };

await init();

/** As Bun reads a file that shrank: to its new end, without an error. */
function changing(size, bytes) {
  const blob = new Blob([bytes]);
  return { size, type: "", slice: () => blob, stream: () => blob.stream() };
}

const CHANGED = { name: "SourceError", code: "source-changed" };

for (const format of ["age", "age-rt"]) {
  for (const [what, size, length] of [
    ["shorter by a byte", 200_000, 199_999],
    ["shorter by chunks", 200_000, 65_536],
    ["empty", 200_000, 0],
    ["longer by a byte", 200_000, 200_001],
    ["longer, and said to be empty", 0, 1],
  ]) {
    test(`${format}: encrypt() of a Blob that is ${what}`, () =>
      assert.rejects(
        encrypt(changing(size, new Uint8Array(length)), PASSPHRASE, { ...QUICK, format }),
        CHANGED,
      ));
  }

  test(`${format}: decrypt() and decodeFile() of one that is shorter or longer`, async () => {
    const file = await encrypt(new Uint8Array(200_000), PASSPHRASE, { ...QUICK, format });
    for (const blob of [
      changing(file.length, file.subarray(0, -1)),
      changing(file.length - 1, file),
    ]) {
      await assert.rejects(decrypt(blob, PASSPHRASE), CHANGED);
      const decoder = new AgeAutoDecoder(PASSPHRASE);
      await assert.rejects(async () => {
        for await (const chunk of decodeFile(blob, decoder)) assert.ok(chunk);
      }, CHANGED);
      decoder.free();
    }
  });
}

test("one that gives what it said is read", async () => {
  const file = await encrypt(changing(100_000, new Uint8Array(100_000)), PASSPHRASE, QUICK);
  assert.equal((await decrypt(changing(file.length, file), PASSPHRASE)).length, 100_000);
});

const folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-shrinking-"));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const format of ["age", "age-rt"])
  test(`${format}: decodeFile() of a file that is cut under its handle`, async () => {
    const path = join(folder, `${format}.age`);
    await writeFile(path, await encrypt(new Uint8Array(500_000), PASSPHRASE, { ...QUICK, format }));
    const handle = await open(path);
    const decoder = new AgeAutoDecoder(PASSPHRASE);
    let chunks = 0;
    try {
      await assert.rejects(async () => {
        for await (const chunk of decodeFile(handle, decoder)) {
          assert.ok(chunk);
          if ((chunks += 1) === 1) await truncate(path, 300_000);
        }
      }, CHANGED);
      assert.ok(chunks > 0);
    } finally {
      decoder.free();
      await handle.close();
    }
  });

test("decodeFile() of a file that is not cut, and from where its handle stands", async () => {
  const path = join(folder, "whole.age");
  const file = await encrypt(new Uint8Array(200_000), PASSPHRASE, QUICK);
  await writeFile(path, Buffer.concat([Buffer.alloc(10), file]));
  const handle = await open(path);
  await handle.read(new Uint8Array(10), 0, 10, null);
  let length = 0;
  for await (const chunk of decodeFile(handle, new AgeAutoDecoder(PASSPHRASE)))
    length += chunk.length;
  assert.equal(length, 200_000);
  await handle.close();
});
