/** Streams that are given an encoder or a decoder made ahead: it is theirs from then on. */
import { liveObjects } from "../lib/instances.js";
import {
  AgeAutoDecoder,
  AgeAutoDecryptStream,
  AgeDecoder,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecoder,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  decrypt,
  init,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { chunksOf, through } from "../lib/streams.js";
import { concat, utf8 } from "./lib/bytes.js";
import { coded } from "./lib/errors.js";
import { failure, fate, oneError } from "./lib/fate.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";

await init();

// By the names of their exports: the build shortens those of the classes.
const ENCRYPTING = [
  {
    name: "AgeRtEncryptStream",
    Stream: AgeRtEncryptStream,
    Encoder: AgeRtEncoder,
    Other: AgeEncoder,
  },
  { name: "AgeEncryptStream", Stream: AgeEncryptStream, Encoder: AgeEncoder, Other: AgeRtEncoder },
];
const DECRYPTING = [
  {
    name: "AgeRtDecryptStream",
    Stream: AgeRtDecryptStream,
    Decoder: AgeRtDecoder,
    Other: AgeAutoDecoder,
    format: "age-rt",
  },
  {
    name: "AgeDecryptStream",
    Stream: AgeDecryptStream,
    Decoder: AgeDecoder,
    Other: AgeRtDecoder,
    format: "age",
  },
  {
    name: "AgeAutoDecryptStream",
    Stream: AgeAutoDecryptStream,
    Decoder: AgeAutoDecoder,
    Other: AgeDecoder,
    format: "age-rt",
  },
];

function never() {
  return new Promise(() => undefined);
}

for (const { name, Stream, Encoder, Other } of ENCRYPTING) {
  const make = (options) => Encoder.create(PASSPHRASE, { ...QUICK, ...options });

  test(`${name} encrypts with an encoder`, async () => {
    const wire = await through([utf8("text")], new Stream(await make()));
    assert.bytesEqual(await decrypt(concat(...wire), PASSPHRASE), utf8("text"));
  });

  test(`${name} encrypts with a promise of an encoder`, async () => {
    const wire = await through([utf8("text")], new Stream(make()));
    assert.bytesEqual(await decrypt(concat(...wire), PASSPHRASE), utf8("text"));
  });

  test(`${name}: the header is the encoder's`, async () => {
    const encoder = await make();
    const header = encoder.getHeader();
    const [first] = await through([], new Stream(encoder));
    assert.bytesEqual(first, header);
  });

  test(`${name}: the chunk size is the encoder's`, async () => {
    const size = Encoder === AgeEncoder ? { chunkSize: 10 } : { maxChunkSize: 10 };
    assert.equal(
      (await through([new Uint8Array(25)], new Stream(await make(size)))).length,
      Encoder === AgeEncoder ? 4 : 5,
    );
  });

  test(`${name}: an encoder that it was given is freed for everyone else`, async () => {
    const encoder = await make();
    const stream = new Stream(encoder);
    for (const use of [
      () => encoder.encodeChunk(new Uint8Array(1)),
      () => encoder.getHeader(),
      () => encoder.finalized,
    ])
      assert.throws(use, coded("freed"));
    await stream.readable.cancel();
  });

  test(`${name}: free() on it does the stream no harm`, async () => {
    const encoder = await make();
    const stream = new Stream(encoder);
    encoder.free();
    assert.bytesEqual(
      await decrypt(concat(...(await through([utf8("text")], stream))), PASSPHRASE),
      utf8("text"),
    );
  });

  test(`${name}: one encoder is one stream`, async () => {
    const encoder = await make();
    const stream = new Stream(encoder);
    assert.throws(() => new Stream(encoder), coded("freed"));
    await stream.readable.cancel();
  });

  test(`${name} refuses an encoder that was freed`, async () => {
    const encoder = await make();
    encoder.free();
    assert.throws(() => new Stream(encoder), coded("freed"));
  });

  test(`${name} refuses an encoder that was used, and leaves it as it is`, async () => {
    const encoder = await make();
    encoder.encodeChunk(new Uint8Array(65_536), false);
    assert.throws(() => new Stream(encoder), TypeError);
    assert.ok(encoder.encodeChunk(new Uint8Array(1), true));
    encoder.free();
  });

  test(`${name} refuses an encoder of the other format, and leaves it as it is`, async () => {
    const encoder = await Other.create(PASSPHRASE, QUICK);
    assert.throws(() => new Stream(encoder), TypeError);
    assert.ok(encoder.getHeader());
    encoder.free();
  });

  test(`${name}: wrong options leave the encoder as it is`, async () => {
    const encoder = await make();
    assert.throws(() => new Stream(encoder, { workFactor: 0 }), RangeError);
    assert.throws(() => new Stream(encoder, { signal: "x" }), TypeError);
    assert.ok(encoder.getHeader());
    encoder.free();
  });

  test(`${name}: a work factor or size that is the encoder's own is a TypeError, and leaves it as it is`, async () => {
    const encoder = await make();
    const size = Encoder === AgeEncoder ? "chunkSize" : "maxChunkSize";
    for (const option of ["workFactor", size]) {
      for (const key of [encoder, never()])
        assert.throws(() => new Stream(key, { [option]: 10 }), TypeError);
    }
    await new Stream(encoder, { workFactor: undefined, [size]: undefined }).readable.cancel();
  });

  test(`${name}: a promise that rejects errors both sides with its reason`, async () => {
    const reason = new Error("no key");
    const seen = await fate(new Stream(Promise.reject(reason)), [new Uint8Array(1)], {
      open: true,
    });
    assert.ok(oneError(seen) === reason && seen.cancelled === reason);
  });

  for (const [what, value] of [
    ["nothing", async () => undefined],
    ["a passphrase", async () => PASSPHRASE],
    ["an encoder of the other format", () => Other.create(PASSPHRASE, QUICK)],
  ]) {
    test(`${name}: a promise of ${what} errors both sides with a TypeError`, async () => {
      const promise = value();
      assert.ok(
        oneError(await fate(new Stream(promise), [new Uint8Array(1)])) instanceof TypeError,
      );
      (await promise)?.free?.();
    });
  }

  test(`${name}: a promise of an encoder that is freed errors both sides`, async () => {
    const encoder = await make();
    encoder.free();
    assert.ok(
      coded("freed")(
        oneError(await fate(new Stream(Promise.resolve(encoder)), [new Uint8Array(1)])),
      ),
    );
  });

  test(`${name}: a promise of an encoder that was used errors both sides with a TypeError`, async () => {
    const encoder = await make();
    encoder.encodeChunk(new Uint8Array(1), true);
    assert.ok(
      oneError(await fate(new Stream(Promise.resolve(encoder)), [new Uint8Array(1)])) instanceof
        TypeError,
    );
    encoder.free();
  });

  for (const [how, abort] of [
    ["abort()", (stream) => stream.writable.abort("enough")],
    ["cancel()", (stream) => stream.readable.cancel("enough")],
  ]) {
    test(`${name}: ${how} does not wait for the promise`, () => abort(new Stream(never())));

    test(`${name}: an encoder that comes after ${how} is freed`, async () => {
      const before = liveObjects();
      let give;
      const stream = new Stream(new Promise((resolve) => (give = resolve)));
      await abort(stream);
      const encoder = await make();
      give(encoder);
      await new Promise((resolve) => setTimeout(resolve, 0));
      assert.throws(() => encoder.getHeader(), coded("freed"));
      assert.equal(liveObjects(), before);
    });
  }

  test(`${name}: abort() while a read waits for the promise ends the read`, async () => {
    const stream = new Stream(never());
    const read = stream.readable.getReader().read();
    const reason = new Error("enough");
    await stream.writable.abort(reason);
    assert.equal(await failure(read), reason);
  });

  test(`${name}: a signal ends the wait for the promise`, async () => {
    const abort = new AbortController();
    const stream = new Stream(never(), { signal: abort.signal });
    const read = stream.readable.getReader().read();
    const reason = new Error("enough");
    abort.abort(reason);
    assert.equal(await failure(read), reason);
  });

  test(`${name}: an encoder in a stream that is over is freed`, async () => {
    const before = liveObjects();
    await through([new Uint8Array(1)], new Stream(await make()));
    await new Stream(await make()).readable.cancel();
    await new Stream(await make()).writable.abort();
    new Stream(await make(), { signal: AbortSignal.abort() });
    assert.equal(liveObjects(), before);
  });
}

for (const { name, Stream, Decoder, Other, format } of DECRYPTING) {
  test(`${name} decrypts with a decoder`, async () => {
    const { bytes, plaintexts } = await makeFile(format, [4]);
    assert.deepEqual(await through([bytes], new Stream(new Decoder(PASSPHRASE))), plaintexts);
  });

  test(`${name}: the limits are the decoder's`, async () => {
    const { bytes } = await makeFile(format, [4], { chunkSize: 10 });
    const error = await failure(through([bytes], new Stream(new Decoder(PASSPHRASE, 5))));
    assert.ok(coded("chunk-size-mismatch")(error));
    assert.deepEqual((await through([bytes], new Stream(new Decoder(PASSPHRASE, 10)))).length, 1);
  });

  test(`${name}: a decoder that it was given is freed for everyone else`, async () => {
    const decoder = new Decoder(PASSPHRASE);
    const stream = new Stream(decoder);
    for (const use of [
      () => decoder.feed(new Uint8Array(1)),
      () => decoder.bytesWanted,
      () => decoder.isDone(),
      () => decoder.finish(),
    ])
      assert.throws(use, coded("freed"));
    await stream.readable.cancel();
  });

  test(`${name}: free() on it does the stream no harm`, async () => {
    const { bytes, plaintexts } = await makeFile(format, [4]);
    const decoder = new Decoder(PASSPHRASE);
    const stream = new Stream(decoder);
    decoder.free();
    assert.deepEqual(await through([bytes], stream), plaintexts);
  });

  test(`${name}: one decoder is one stream`, async () => {
    const decoder = new Decoder(PASSPHRASE);
    const stream = new Stream(decoder);
    assert.throws(() => new Stream(decoder), coded("freed"));
    await stream.readable.cancel();
  });

  test(`${name} refuses a decoder that was freed`, () => {
    const decoder = new Decoder(PASSPHRASE);
    decoder.free();
    assert.throws(() => new Stream(decoder), coded("freed"));
  });

  test(`${name} refuses a decoder that was fed, and leaves it as it is`, () => {
    const decoder = new Decoder(PASSPHRASE);
    decoder.feed(utf8(format === "age" ? "a" : "g"));
    assert.throws(() => new Stream(decoder), TypeError);
    assert.equal(decoder.bytesWanted, 1);
    decoder.free();
  });

  test(`${name} refuses a decoder of another class, and leaves it as it is`, () => {
    const decoder = new Other(PASSPHRASE);
    assert.throws(() => new Stream(decoder), TypeError);
    assert.equal(decoder.bytesWanted, 1);
    decoder.free();
  });

  test(`${name} refuses a promise of a decoder`, () => {
    const decoder = new Decoder(PASSPHRASE);
    assert.throws(() => new Stream(Promise.resolve(decoder)), TypeError);
    decoder.free();
  });

  test(`${name}: a limit that is the decoder's own is a TypeError, and leaves it as it is`, async () => {
    const decoder = new Decoder(PASSPHRASE);
    const size = Decoder === AgeDecoder ? "chunkSize" : "maxChunkSize";
    for (const option of ["maxWorkFactor", size])
      assert.throws(() => new Stream(decoder, { [option]: 10 }), TypeError);
    await new Stream(decoder, { maxWorkFactor: undefined, [size]: undefined }).readable.cancel();
  });

  test(`${name}: a decoder in a stream that is over is freed`, async () => {
    const before = liveObjects();
    const { bytes } = await makeFile(format, [4]);
    await chunksOf(new Blob([bytes]).stream().pipeThrough(new Stream(new Decoder(PASSPHRASE))));
    await failure(through([bytes.subarray(0, 100)], new Stream(new Decoder(PASSPHRASE))));
    await new Stream(new Decoder(PASSPHRASE)).readable.cancel();
    await new Stream(new Decoder(PASSPHRASE)).writable.abort();
    new Stream(new Decoder(PASSPHRASE), { signal: AbortSignal.abort() });
    assert.equal(liveObjects(), before);
  });
}
