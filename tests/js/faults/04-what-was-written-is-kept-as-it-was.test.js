/**
 * A write that waits for the key is kept as it was when it was written, whatever kind of view it
 * came in: a Buffer's slice() is a view.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import {
  AgeAutoDecryptStream,
  AgeEncryptStream,
  AgeRtEncryptStream,
  decrypt,
  encrypt,
} from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
/** A derivation in a worker, whose start alone lasts longer than the changes below take to come. */
const options = { workFactor: 10 };
/** Of a multiple of 8 bytes, for views of larger elements. */
const plaintext = Uint8Array.from({ length: 9_600 }, (_, i) => i);

class Subclass extends Uint8Array {}

/** Each way to hand in the same bytes, in memory of its own. */
const INPUTS = {
  ArrayBuffer: (bytes) => new Uint8Array(bytes).buffer,
  Uint8Array: (bytes) => new Uint8Array(bytes),
  "a part of a Uint8Array": (bytes) => new Uint8Array([0, ...bytes, 0]).subarray(1, -1),
  "a subclass of Uint8Array": (bytes) => new Subclass(bytes),
  Buffer: (bytes) => Buffer.from(bytes),
  "a part of a Buffer": (bytes) => Buffer.from([0, ...bytes, 0]).subarray(1, -1),
  DataView: (bytes) => new DataView(new Uint8Array(bytes).buffer),
  Float64Array: (bytes) => new Float64Array(new Uint8Array(bytes).buffer),
};

function overwrite(input) {
  const view = ArrayBuffer.isView(input)
    ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
    : new Uint8Array(input);
  view.fill(0xff);
}

/**
 * Written at once, or once the stream has started because somebody reads; changed while the key is
 * derived.
 */
async function changedMeanwhile(stream, input, afterStart) {
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  let first;
  if (afterStart) {
    first = reader.read();
    await sleep(1);
  }
  const written = writer.write(input).then(() => writer.close());
  written.catch(() => undefined);
  await sleep(5);
  overwrite(input);
  const chunks = [];
  for (let next = await (first ?? reader.read()); !next.done; next = await reader.read())
    chunks.push(next.value);
  await written;
  return new Uint8Array(Buffer.concat(chunks));
}

for (const [name, input] of Object.entries(INPUTS)) {
  for (const afterStart of [false, true]) {
    const when = afterStart ? "after the start" : "before the start";

    test(`${name}, written ${when}: what is encrypted is what was written`, async () => {
      for (const Stream of [AgeEncryptStream, AgeRtEncryptStream]) {
        const file = await changedMeanwhile(
          new Stream(PASSPHRASE, options),
          input(plaintext),
          afterStart,
        );
        assert.deepEqual(await decrypt(file, PASSPHRASE), plaintext);
      }
    });

    test(`${name}, written ${when}: what is decrypted is what was written`, async () => {
      // Of an age file, padded by its plaintext to a multiple of 8 bytes.
      const probe = await encrypt(plaintext, PASSPHRASE, options);
      const text = plaintext.subarray(0, plaintext.length - (probe.length % 8));
      const file = await encrypt(text, PASSPHRASE, options);
      assert.equal(file.length % 8, 0);
      const out = await changedMeanwhile(
        new AgeAutoDecryptStream(PASSPHRASE),
        input(file),
        afterStart,
      );
      assert.deepEqual(out, text);
    });
  }
}
