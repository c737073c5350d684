/**
 * Both formats with the reference implementation, which reads and writes work factor 18 only: two
 * derivations a test.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
} from "age-rt-wasm";
import { seeded } from "../lib/random.js";
import { joined, through } from "../lib/streams.js";
import { fullChunks, PASSPHRASE, SIZES } from "./lib/plaintexts.js";
import { Reference } from "./lib/reference.js";

/** Pieces of a transport, unlike any chunk. */
const PIECE = 20_000;

// Two at a time: one derives here while the other does in Python.
describe("age-rt 0.2.2 from PyPI", { concurrency: 2 }, () => {
  let reference;
  before(async () => void (reference = await Reference.start()));
  after(() => reference?.stop());

  for (const size of SIZES) {
    test(`reads our age file of ${size} bytes`, async (t) => {
      const random = seeded(t);
      const plaintext = random.bytes(size);
      const wire = joined(
        await through(random.cut(plaintext, PIECE), new AgeEncryptStream(PASSPHRASE)),
      );
      assert.deepEqual(joined(await reference.decode("age", PASSPHRASE, wire)), plaintext);
    });

    test(`writes an age file of ${size} bytes that we read`, async (t) => {
      const random = seeded(t);
      const plaintext = random.bytes(size);
      const wire = await reference.encode("age", PASSPHRASE, fullChunks(plaintext));
      assert.deepEqual(
        joined(await through(random.cut(wire, PIECE), new AgeDecryptStream(PASSPHRASE))),
        plaintext,
      );
    });

    test(`reads our age-rt messages of ${size} bytes together`, async (t) => {
      const random = seeded(t);
      const messages = messagesOf(random, size);
      const wire = joined(await through(messages, new AgeRtEncryptStream(PASSPHRASE)));
      assert.deepEqual(await reference.decode("age-rt", PASSPHRASE, wire), [
        ...messages,
        new Uint8Array(0),
      ]);
    });

    test(`writes age-rt messages of ${size} bytes together that we read`, async (t) => {
      const random = seeded(t);
      const messages = messagesOf(random, size);
      // Both ways to end a stream: the last message as the final chunk, and an empty one after it.
      const ending = size % 2 === 0 ? [new Uint8Array(0)] : [];
      const wire = await reference.encode("age-rt", PASSPHRASE, [...messages, ...ending]);
      assert.deepEqual(
        await through(random.cut(wire, PIECE), new AgeRtDecryptStream(PASSPHRASE)),
        messages,
      );
    });
  }
});

/** Messages as full as they may be; those of the largest size have lengths of their own. */
function messagesOf(random, size) {
  const bytes = random.bytes(size);
  return size < 2 ** 20 ? fullChunks(bytes) : random.cut(bytes, 65_536);
}
