/** Where the host has no workers the calling thread does the work, without an error. */
import "../lib/no-workers.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { AgeDecryptStream, decrypt, encrypt, toBlob } from "age-rt-wasm";

const PASSPHRASE = "no workers";
const data = Buffer.alloc(5 * 2 ** 20 + 12_345, "not a multiple of anything");

for (const workers of [2, "auto"])
  test(`workers: ${workers}`, async () => {
    const file = await encrypt(data, PASSPHRASE, { workFactor: 1, workers });
    assert.ok(data.equals(await decrypt(file, PASSPHRASE, { workers })));
    const stream = new AgeDecryptStream(PASSPHRASE, { workers });
    const opened = await toBlob(new Blob([file]).stream().pipeThrough(stream));
    assert.ok(data.equals(new Uint8Array(await opened.arrayBuffer())));
  });
