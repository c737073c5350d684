/**
 * However a stream ends, what it held in WebAssembly is wiped and freed there and then: no garbage
 * collector is asked.
 */
import { liveObjects } from "../lib/instances.js";
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import {
  AgeAutoDecryptStream,
  AgeDecoder,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecoder,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  DecodeError,
  decrypt,
  init,
  WrongPassphraseError,
} from "age-rt-wasm";
import { joined, through } from "../lib/streams.js";
import { until } from "../lib/wait.js";

const PASSPHRASE = "a passphrase";
const LOW = { workFactor: 1 };
const CHUNKS = Array(4).fill(new Uint8Array(65_536));

await init();
const age = joined(await through(CHUNKS, new AgeEncryptStream(PASSPHRASE, LOW)));
const ageRt = joined(await through(CHUNKS, new AgeRtEncryptStream(PASSPHRASE, LOW)));

/** Ways to make a stream, what goes into it, and what makes it fail. */
const streams = {
  AgeEncryptStream: {
    make: (options) => new AgeEncryptStream(PASSPHRASE, { ...LOW, ...options }),
    input: CHUNKS,
    bad: ["no bytes"],
    error: TypeError,
  },
  AgeRtEncryptStream: {
    make: (options) => new AgeRtEncryptStream(PASSPHRASE, { ...LOW, ...options }),
    input: CHUNKS,
    bad: ["no bytes"],
    error: TypeError,
  },
  "AgeEncryptStream with an encoder": {
    make: encoded(AgeEncoder, AgeEncryptStream),
    input: CHUNKS,
    bad: ["no bytes"],
    error: TypeError,
  },
  "AgeRtEncryptStream with an encoder": {
    make: encoded(AgeRtEncoder, AgeRtEncryptStream),
    input: CHUNKS,
    bad: ["no bytes"],
    error: TypeError,
  },
  AgeDecryptStream: {
    make: (options) => new AgeDecryptStream(PASSPHRASE, options),
    input: [age],
    bad: [changed(age)],
    error: DecodeError,
  },
  AgeRtDecryptStream: {
    make: (options) => new AgeRtDecryptStream(PASSPHRASE, options),
    input: [ageRt],
    bad: [changed(ageRt)],
    error: DecodeError,
  },
  AgeAutoDecryptStream: {
    make: (options) => new AgeAutoDecryptStream(PASSPHRASE, options),
    input: [ageRt],
    bad: [changed(ageRt)],
    error: DecodeError,
  },
  "AgeDecryptStream with a decoder": {
    make: (options) => new AgeDecryptStream(new AgeDecoder(PASSPHRASE), options),
    input: [age],
    bad: [changed(age)],
    error: DecodeError,
  },
  "AgeRtDecryptStream with closeAtFinal": {
    make: (options) => new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true, ...options }),
    input: [ageRt],
    bad: [changed(ageRt)],
    error: DecodeError,
  },
};

function encoded(Encoder, Stream) {
  return async (options) => new Stream(await Encoder.create(PASSPHRASE, LOW), options);
}

function changed(wire) {
  const copy = wire.slice();
  copy[copy.length - 50_000] ^= 1;
  return copy;
}

/** A stream that has given its first chunk and has been written to. */
async function started({ make, input }, options) {
  const pair = await make(options);
  const writer = pair.writable.getWriter();
  for (const piece of input) writer.write(piece).catch(() => undefined);
  writer.closed.catch(() => undefined);
  const reader = pair.readable.getReader();
  reader.closed.catch(() => undefined);
  await reader.read();
  assert.ok(liveObjects() > 0, "the stream holds nothing: the test would see nothing");
  return { reader, writer };
}

afterEach(() => until(() => liveObjects() === 0, 1000));

for (const [name, stream] of Object.entries(streams)) {
  describe(`${name} holds nothing after`, () => {
    test("its close", async () => void (await through(stream.input, await stream.make())));

    test("an error", async () => {
      await assert.rejects(async () => through(stream.bad, await stream.make()), stream.error);
    });

    test("a cancel", async () => {
      const { reader } = await started(stream);
      await reader.cancel();
    });

    test("an abort", async () => {
      const { writer } = await started(stream);
      await writer.abort();
    });

    test("its signal", async () => {
      const controller = new AbortController();
      await started(stream, { signal: controller.signal });
      controller.abort();
    });

    test("a cancel before anything else", async () => (await stream.make()).readable.cancel());

    test("an abort before anything else", async () => (await stream.make()).writable.abort());

    test("its signal, aborted before it was made", async () => {
      const { readable } = await stream.make({ signal: AbortSignal.abort() });
      await assert.rejects(readable.getReader().read(), { name: "AbortError" });
    });
  });
}

describe("nothing is held after", () => {
  test("a wrong passphrase", async () => {
    await assert.rejects(decrypt(age, "another"), WrongPassphraseError);
  });

  test("free()", async () => {
    const encoder = await AgeEncoder.create(PASSPHRASE, LOW);
    const decoder = new AgeRtDecoder(PASSPHRASE);
    assert.equal(liveObjects(), 2);
    encoder.free();
    decoder.free();
  });

  test("create() that was aborted", async () => {
    const controller = new AbortController();
    const encoder = AgeRtEncoder.create(PASSPHRASE, { signal: controller.signal });
    await until(() => liveObjects() === 1);
    controller.abort();
    await assert.rejects(encoder, { name: "AbortError" });
  });

  test("a promise of an encoder that is kept after the stream's end", async () => {
    let keep;
    const pair = new AgeEncryptStream(new Promise((resolve) => (keep = resolve)));
    await pair.readable.cancel();
    keep(await AgeEncoder.create(PASSPHRASE, LOW));
  });

  test("a promise of an encoder of the other format", async () => {
    const encoder = await AgeRtEncoder.create(PASSPHRASE, LOW);
    await assert.rejects(through([], new AgeEncryptStream(Promise.resolve(encoder))), TypeError);
    encoder.free();
  });

  test("a source that fails", async () => {
    const source = new ReadableStream({
      pull: (controller) => controller.error(new RangeError("no more")),
    });
    await assert.rejects(
      source.pipeThrough(new AgeRtEncryptStream(PASSPHRASE, LOW)).getReader().read(),
      RangeError,
    );
  });

  test("a truncated input", async () => {
    await assert.rejects(
      through([ageRt.subarray(0, 100_000)], new AgeRtDecryptStream(PASSPHRASE)),
      { code: "truncated" },
    );
  });
});
