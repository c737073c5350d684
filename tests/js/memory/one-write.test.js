/**
 * One write may hold as many messages as a peer likes: what waits between two of them must not add
 * up.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AgeRtDecryptStream, AgeRtEncoder, AgeRtEncryptStream, encodeBytes } from "age-rt-wasm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

const MESSAGES = 300_000;
const MOST = 4 * 2 ** 20;

/**
 * Writes it all at once, reads chunk by chunk.
 *
 * @returns how far the heap rises meanwhile, in bytes, and how many chunks came
 */
async function risen(stream, bytes) {
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  const reader = stream.readable.getReader();
  await reader.read();
  collect();
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  let chunks = 1;
  for (; !(await reader.read()).done; chunks += 1) {
    if (chunks % 50_000 !== 0) continue;
    collect();
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  }
  await written;
  return { most, chunks };
}

test("empty messages, decrypted", async (t) => {
  const encoder = await AgeRtEncoder.create("pw", { workFactor: 1 });
  const wire = encodeBytes(Array(MESSAGES).fill(new Uint8Array(0)), encoder);
  const { most, chunks } = await risen(new AgeRtDecryptStream("pw"), wire);
  t.diagnostic(`risen by ${(most / 2 ** 20).toFixed(1)} MiB`);
  assert.equal(chunks, MESSAGES);
  assert.ok(most <= MOST);
});

test("a write that is cut into messages of one byte, encrypted", async (t) => {
  const { most, chunks } = await risen(
    new AgeRtEncryptStream("pw", { workFactor: 1, maxChunkSize: 1 }),
    new Uint8Array(MESSAGES),
  );
  t.diagnostic(`risen by ${(most / 2 ** 20).toFixed(1)} MiB`);
  // Header and final chunk besides.
  assert.equal(chunks, MESSAGES + 2);
  assert.ok(most <= MOST);
});
