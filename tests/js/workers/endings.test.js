/**
 * On every ending of a stream with workers nobody holds its key: neither a worker's memory nor the
 * calling thread's, nor a buffer in which it was sent. Only a worker that dies takes it along,
 * since nobody is left there to wipe.
 */
import { forget, keys, nothingLeft, sentKeys, SimulatedWorker } from "./lib/simulated.js";
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { AgeDecryptStream, AgeEncryptStream, configure, encrypt } from "age-rt-wasm";

const PASSPHRASE = "every ending";
const QUICK = { workFactor: 1 };
const MIB = 2 ** 20;
const PIECES = 8;
/** The piece after which something happens. */
const THEN = 3;
const data = Buffer.alloc(4 * MIB + 999, Buffer.from("nobody's business but ours"));
const file = await encrypt(data, PASSPHRASE, QUICK);
const HEADER = file.length - data.length - 65 * 16;

/** What the workers do: they outlive a stream. */
const plan = { delay: () => 0, dies: () => false };
configure({ worker: () => new SimulatedWorker(plan) });
after(() => SimulatedWorker.started.forEach((worker) => worker.terminate()));

const REASON = new Error("enough");
const BUSY = { delay: () => 20 };

/** What brings a stream to its end, and what it ends with. */
const ENDINGS = {
  "all of it was read": {},
  "the writable is aborted": { then: ({ writer }) => writer.abort(REASON), error: REASON },
  "the readable is cancelled": { then: ({ reader }) => reader.cancel(REASON), error: REASON },
  "the caller's signal": { then: ({ abort }) => abort.abort(REASON), error: REASON },
  "what is no bytes is written": { then: ({ writer }) => writer.write("text"), error: TypeError },
  "a worker dies before it has done a batch": {
    plan: { dies: () => true },
    error: "worker-failed",
  },
  "a worker dies after it has": { plan: { dies: () => "late" }, error: "worker-failed" },
};
for (const name of ["the writable is aborted", "the readable is cancelled", "the caller's signal"])
  ENDINGS[`${name} while workers are busy`] = { ...ENDINGS[name], plan: BUSY };

/** The same for files that are opened, by what is wrong with them. */
const WRONG = {
  "the first chunk of a batch is wrong": [changed(16), "chunk-authentication"],
  "a chunk in the middle of a batch is wrong": [changed(23), "chunk-authentication"],
  "the last chunk is wrong": [changed(64), "chunk-authentication"],
  "the file was cut": [file.subarray(0, 3 * MIB), "chunk-authentication"],
  "something was added": [Buffer.concat([file, Buffer.alloc(2 * MIB)]), "chunk-authentication"],
};

function changed(index) {
  const copy = new Uint8Array(file);
  copy[HEADER + index * 65_552 + 100] ^= 1;
  return copy;
}

describe("whose key is left nowhere", () => {
  for (const [name, ending] of Object.entries(ENDINGS)) {
    test(`encrypting: ${name}`, () => ends(AgeEncryptStream, data, QUICK, ending));
    test(`decrypting: ${name}`, () => ends(AgeDecryptStream, file, {}, ending));
  }
  for (const [name, [input, error]] of Object.entries(WRONG))
    test(`decrypting: ${name}`, () => ends(AgeDecryptStream, input, {}, { error }));
});

async function ends(Stream, input, options, { then, error, plan: special }) {
  Object.assign(plan, { delay: () => 0, dies: () => false }, special);
  forget();
  const abort = new AbortController();
  const stream = new Stream(PASSPHRASE, { ...options, workers: 2, signal: abort.signal });
  const seen = await through(stream, input, then, abort);
  if (typeof error === "function") assert.ok(seen instanceof error, String(seen));
  else if (typeof error === "string") assert.equal(seen?.code, error, String(seen));
  else assert.equal(seen, error);
  assert.ok(sentKeys.length > 0, "no worker was sent a key");
  assert.ok(keys().length > 0, "no key was seen");
  await nothingLeft();
}

/**
 * Writes all of `input` and reads all that comes.
 *
 * @returns the error that the writable ends with, or the readable.
 */
async function through({ readable, writable }, input, then, abort) {
  const [writer, reader] = [writable.getWriter(), readable.getReader()];
  writer.closed.catch(() => undefined);
  reader.closed.catch(() => undefined);
  const errors = [];
  const fails = (error) => void errors.push(error);
  const written = (async () => {
    const step = Math.ceil(input.length / PIECES);
    for (let piece = 0; piece * step < input.length; piece += 1) {
      await writer.write(input.subarray(piece * step, (piece + 1) * step));
      if (piece === THEN) await then?.({ writer, reader, abort });
    }
    await writer.close();
  })().catch(fails);
  const read = (async () => {
    while (!(await reader.read()).done);
  })().catch(fails);
  await Promise.all([written, read]);
  return errors[0];
}
