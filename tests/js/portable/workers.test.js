/**
 * Streams and calls with workers, those of the host: the same bytes, and the same error behind the
 * same bytes, as without.
 */
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  decrypt,
  encrypt,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { PASSPHRASE, QUICK } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const MIB = 2 ** 20;
const CHUNK = 65_536;
const LENGTH = 5 * MIB + 12_345;
const random = new Random();
/** Bytes that repeat at no multiple of a chunk. */
const plaintext = new Uint8Array(LENGTH);
const pattern = random.bytes(10_007);
for (let at = 0; at < LENGTH; at += pattern.length)
  plaintext.set(pattern.subarray(0, LENGTH - at), at);
let made;
const file = () => (made ??= encrypt(plaintext, PASSPHRASE, QUICK));
const REASON = new Error("enough");

/** What comes out of a stream, and its error. */
async function through(stream, input) {
  const reader = new Blob([input]).stream().pipeThrough(stream).getReader();
  const parts = [];
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      parts.push(next.value);
  } catch (error) {
    return { bytes: await joined(parts), error };
  }
  return { bytes: await joined(parts) };
}

const joined = async (parts) => new Uint8Array(await new Blob(parts).arrayBuffer());

for (const workers of [1, 2, "auto"]) {
  test(`one call, workers: ${workers} (seed ${seed})`, async () => {
    const sealed = await encrypt(new Blob([plaintext]), PASSPHRASE, { ...QUICK, workers });
    assert.equal(sealed.length, (await file()).length);
    assert.bytesEqual(await decrypt(sealed, PASSPHRASE), plaintext);
    for (const data of [sealed, new Blob([sealed])])
      assert.bytesEqual(await decrypt(data, PASSPHRASE, { workers }), plaintext);
  });

  test(`streams, workers: ${workers} (seed ${seed})`, async () => {
    const told = [];
    const encrypting = new AgeEncryptStream(PASSPHRASE, {
      ...QUICK,
      workers,
      onProgress: (bytes) => told.push(bytes),
    });
    const { bytes } = await through(encrypting, plaintext);
    assert.equal(told.at(-1), LENGTH);
    for (const Stream of [AgeDecryptStream, AgeAutoDecryptStream])
      assert.bytesEqual(
        (await through(new Stream(PASSPHRASE, { workers }), bytes)).bytes,
        plaintext,
      );
  });
}

for (const chunk of [0, 15, 16, 40, 79, 80])
  test(`chunk ${chunk} is wrong: what came before it, then its error (seed ${seed})`, async () => {
    const wrong = new Uint8Array(await file());
    wrong[wrong.length - LENGTH - 81 * 16 + chunk * (CHUNK + 16) + 100] ^= 1;
    const { bytes, error } = await through(new AgeDecryptStream(PASSPHRASE, { workers: 2 }), wrong);
    assert.equal(error?.code, "chunk-authentication");
    assert.equal(error.chunkIndex, chunk);
    assert.bytesEqual(bytes, plaintext.subarray(0, chunk * CHUNK));
    await assert.rejects(decrypt(wrong, PASSPHRASE, { workers: 2 }), "chunk-authentication");
  });

test("a file that was cut, or added to, fails as without workers", async () => {
  const whole = await file();
  for (const input of [
    whole.subarray(0, 3 * MIB),
    whole.subarray(0, -1),
    new Uint8Array(await new Blob([whole, new Uint8Array(2 * MIB)]).arrayBuffer()),
  ]) {
    const seen = await through(new AgeDecryptStream(PASSPHRASE, { workers: 2 }), input);
    const expected = await through(new AgeDecryptStream(PASSPHRASE), input);
    assert.ok(expected.error?.code);
    assert.equal(seen.error?.code, expected.error.code);
    assert.equal(seen.error.message, expected.error.message);
    assert.bytesEqual(seen.bytes, expected.bytes);
  }
});

for (const [how, give] of Object.entries({
  "the writable is aborted": ({ writer }) => writer.abort(REASON),
  "the readable is cancelled": ({ reader }) => reader.cancel(REASON),
  "the signal is": ({ abort }) => abort.abort(REASON),
}))
  test(`${how} while batches are under way: both sides end with the reason`, async () => {
    const input = { AgeEncryptStream: plaintext, AgeDecryptStream: await file() };
    for (const Stream of [AgeEncryptStream, AgeDecryptStream]) {
      const abort = new AbortController();
      const limit = Stream === AgeEncryptStream ? QUICK : {};
      const stream = new Stream(PASSPHRASE, { ...limit, workers: 2, signal: abort.signal });
      const [writer, reader] = [stream.writable.getWriter(), stream.readable.getReader()];
      for (const { closed } of [writer, reader]) closed.catch(() => undefined);
      const bytes = input[Stream.name];
      // More than may be under way at a time: it waits for a reader.
      const written = writer.write(bytes).catch((error) => error);
      for (let count = 0; count < MIB;) count += (await reader.read()).value.length;
      await Promise.resolve(give({ writer, reader, abort })).catch(() => undefined);
      assert.equal(await written, REASON);
      const next = await reader.read().catch((error) => error);
      assert.ok(next === REASON || next.done === true);
    }
  });
