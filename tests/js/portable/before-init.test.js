/**
 * Before init() has resolved: what needs it says so, and what does not works. A file of its own,
 * for nothing can undo init().
 */
import {
  AgeAutoDecoder,
  AgeDecoder,
  AgeEncoder,
  AgeRtDecoder,
  AgeRtEncoder,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  armor,
  ciphertextSize,
  dearmor,
  init,
  isSupported,
  plaintextSize,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { through } from "../lib/streams.js";
import { coded } from "./lib/errors.js";
import { PASSPHRASE, QUICK } from "./lib/files.js";

const SYNCHRONOUS = {
  "new AgeDecoder()": (passphrase) => new AgeDecoder(passphrase),
  "new AgeRtDecoder()": (passphrase) => new AgeRtDecoder(passphrase),
  "new AgeAutoDecoder()": (passphrase) => new AgeAutoDecoder(passphrase),
  "AgeEncoder.fromPassphrase()": (passphrase) => AgeEncoder.fromPassphrase(passphrase),
  "AgeRtEncoder.fromPassphrase()": (passphrase) => AgeRtEncoder.fromPassphrase(passphrase),
};

for (const [name, call] of Object.entries(SYNCHRONOUS)) {
  test(`${name} is not-initialized`, () =>
    assert.throws(() => call(PASSPHRASE), coded("not-initialized")));
  test(`${name} of an empty passphrase is a RangeError all the same`, () =>
    assert.throws(() => call(""), RangeError));
}

test("isSupported() needs no init()", () => assert.equal(isSupported(), true));

test("sizes and armor need no init()", () => {
  assert.equal(plaintextSize(ciphertextSize(5)), 5);
  assert.bytesEqual(dearmor(armor(new Uint8Array(100))), new Uint8Array(100));
});

test("a stream can be made and ended without it", async () => {
  const reason = new Error("enough");
  const stream = new AgeRtEncryptStream(PASSPHRASE);
  await stream.readable.cancel(reason);
  await assert.rejects(stream.writable.getWriter().closed, (error) => error === reason);
});

test("streams and create() call it themselves, and calls at once share it", async () => {
  const [encoder, wire] = await Promise.all([
    AgeRtEncoder.create(PASSPHRASE, QUICK),
    through([Uint8Array.of(1)], new AgeRtEncryptStream(PASSPHRASE, QUICK)),
    init(),
    init(),
  ]);
  assert.deepEqual(await through(wire, new AgeRtDecryptStream(PASSPHRASE)), [Uint8Array.of(1)]);
  encoder.free();
});

test("after it what is synchronous works", () => {
  const decoder = new AgeRtDecoder(PASSPHRASE);
  assert.equal(decoder.bytesWanted, 1);
  decoder.free();
});
