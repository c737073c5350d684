/**
 * Random schedules of eight workers that are slow, and some of which die: no pair of key and number
 * is used twice, what comes out is right up to the error, and no memory holds a key afterwards.
 * `npm run schedules` runs a thousand; `SEED=…` runs the same again.
 */
import { forget, nothingLeft, repeated, sealed, SimulatedWorker } from "./lib/simulated.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { AgeDecryptStream, AgeEncryptStream, AgeRtError, configure, decrypt } from "age-rt-wasm";

const SCHEDULES = Number(process.env.SCHEDULES ?? 200);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const PASSPHRASE = "a thousand schedules";

/** Mulberry32. */
function randomness(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

let random = randomness(SEED);
let mortal = false;

configure({
  worker: () =>
    new SimulatedWorker({
      delay: () => (random(6) === 0 ? random(4) : 0),
      dies: () => mortal && random(5) === 0 && (random(2) === 0 ? "late" : "early"),
    }),
});

/** Writes in pieces, with pauses, and gives up at a random place if it is to. */
async function write(writer, data, abort) {
  for (let at = 0; at < data.length;) {
    const end = Math.min(data.length, at + 1 + random(60_000));
    await writer.write(data.subarray(at, end));
    at = end;
    if (random(8) === 0) await new Promise((resolve) => setTimeout(resolve, random(8)));
    if (abort && random(6) === 0) return writer.abort(new Error("enough"));
  }
  return writer.close();
}

async function through(stream, data, abort) {
  const parts = [];
  const written = write(stream.writable.getWriter(), data, abort).catch((error) => error);
  let error;
  try {
    for await (const part of stream.readable) {
      parts.push(part);
      if (random(10) === 0) await new Promise((resolve) => setTimeout(resolve, random(4)));
    }
  } catch (thrown) {
    error = thrown;
  }
  await written;
  return { bytes: Buffer.concat(parts), error };
}

const pattern = Buffer.from(Array.from({ length: 251 }, (_, i) => i));

test(`${SCHEDULES} schedules (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
  const endings = { whole: 0, died: 0, aborted: 0, forged: 0 };
  for (let i = 0; i < SCHEDULES; i += 1) {
    if (i % 20 === 0) await forgetAll();
    random = randomness(SEED + i);
    const again = `SEED=${SEED + i} SCHEDULES=1`;
    mortal = random(3) === 0;
    const abort = !mortal && random(5) === 0;
    const data = Buffer.alloc(random(80_000), pattern);
    const chunkSize = 16 + random(2) * 48;
    const encrypting = new AgeEncryptStream(PASSPHRASE, { workFactor: 1, chunkSize, workers: 8 });
    const { bytes, error } = await through(encrypting, data, abort);
    assert.deepEqual(repeated, [], again);
    if (error) {
      assert.ok(
        abort
          ? error.message === "enough"
          : error instanceof AgeRtError && error.code === "worker-failed",
        `${again}: ${error.stack}`,
      );
      endings[abort ? "aborted" : "died"] += 1;
      // What came out before the error is the beginning of the file.
      const opened = await through(new AgeDecryptStream(PASSPHRASE, { chunkSize }), bytes, false);
      assert.ok(data.subarray(0, opened.bytes.length).equals(opened.bytes), again);
    } else {
      mortal = false;
      const opening = { maxChunkSize: chunkSize, workers: random(4) === 0 ? 8 : 0 };
      assert.ok(data.equals(await decrypt(bytes, PASSPHRASE, opening)), again);
      endings.whole += 1;
      if (random(5) > 0) continue;
      const at = bytes.length - 1 - random(Math.max(1, data.length));
      bytes[at] ^= 1;
      const forged = await through(
        new AgeDecryptStream(PASSPHRASE, { chunkSize, workers: 8 }),
        bytes,
        false,
      );
      const plain = await through(new AgeDecryptStream(PASSPHRASE, { chunkSize }), bytes, false);
      assert.equal(forged.error.code, plain.error.code, again);
      assert.equal(forged.error.chunkIndex, plain.error.chunkIndex, again);
      assert.ok(forged.bytes.equals(plain.bytes), again);
      assert.ok(data.subarray(0, forged.bytes.length).equals(forged.bytes), again);
      endings.forged += 1;
    }
  }
  await forgetAll();
  console.log(JSON.stringify({ ...endings, ...sealed, started: SimulatedWorker.started.length }));
  assert.ok(sealed.workers > 0 && sealed.here > 0);
  if (SCHEDULES >= 1000)
    for (const [name, count] of Object.entries(endings)) assert.ok(count > 20, name);
});

/** What was not looked at yet, and room for the next. */
async function forgetAll() {
  await nothingLeft();
  forget();
}
