/**
 * Where the array for a chunk cannot be had, the core has counted on: the object fails for ever, or
 * a reader would miss that chunk.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AgeAutoDecoder,
  AgeEncoder,
  AgeRtEncoder,
  aiterDecodeChunks,
  encrypt,
  init,
  iterDecodeChunks,
} from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 1 };

await init();

/** As an engine answers where no memory is left: the next array of `length` bytes is refused. */
function refusing(length, task) {
  const Native = globalThis.Uint8Array;
  const { slice } = Native.prototype;
  const refuse = (asked) => {
    if (asked === length) throw new RangeError("Array buffer allocation failed");
  };
  globalThis.Uint8Array = new Proxy(Native, {
    construct(target, args, newTarget) {
      // A view takes no memory worth speaking of.
      if (!(args[0] instanceof ArrayBuffer)) refuse(args[0]?.length ?? args[0]);
      return Reflect.construct(target, args, newTarget);
    },
  });
  Native.prototype.slice = function (start = 0, end = this.length) {
    refuse(end - start);
    return slice.call(this, start, end);
  };
  try {
    return task();
  } finally {
    globalThis.Uint8Array = Native;
    Native.prototype.slice = slice;
  }
}

const OUT = ({ code, cause }) => code === "out-of-memory" && cause instanceof RangeError;

for (const format of ["age", "age-rt"]) {
  for (const length of [100, 50_000]) {
    const Encoder = format === "age" ? AgeEncoder : AgeRtEncoder;
    const create = () =>
      Encoder.create(PASSPHRASE, {
        ...QUICK,
        ...(format === "age" ? { chunkSize: length } : { maxChunkSize: length }),
      });

    test(`${format}, ${length} bytes: a decoder fails, and does not skip to the next chunk`, async () => {
      const encoder = await create();
      const wire = new Uint8Array(
        Buffer.concat([
          encoder.getHeader(),
          ...[1, 2, 3].map((n) => encoder.encodeChunk(new Uint8Array(length).fill(n), n === 3)),
        ]),
      );
      const decoder = new AgeAutoDecoder(PASSPHRASE);
      let at = 0;
      const next = () => decoder.feed(wire.subarray(at, (at += decoder.bytesWanted)));
      for (let chunk = next(); !chunk; chunk = next());
      // The length field of the next.
      if (format === "age-rt") next();
      const error = refusing(length, () => {
        try {
          return next();
        } catch (thrown) {
          return thrown;
        }
      });
      assert.ok(OUT(error), String(error));
      assert.throws(next, (thrown) => thrown === error);
      assert.throws(
        () => decoder.finish(),
        (thrown) => thrown === error,
      );
      assert.equal(decoder.isDone(), false);
      assert.equal(decoder.bytesWanted, 0);
    });

    test(`${format}, ${length} bytes: an iterator's decoder fails too`, async () => {
      const encoder = await create();
      const wire = [
        encoder.getHeader(),
        ...[1, 2, 3].map((n) => encoder.encodeChunk(new Uint8Array(length).fill(n), n === 3)),
      ];
      const decoder = new AgeAutoDecoder(PASSPHRASE);
      const chunks = iterDecodeChunks(wire, decoder);
      assert.equal(chunks.next().value[0], 1);
      assert.throws(() => refusing(length, () => chunks.next()), OUT);
      await assert.rejects(() => aiterDecodeChunks(wire.slice(3), decoder).next(), OUT);
      assert.throws(() => decoder.finish(), OUT);
    });

    test(`${format}, ${length} bytes: an encoder fails, and does not seal the next chunk`, async () => {
      const encoder = await create();
      const chunk = new Uint8Array(length);
      encoder.encodeChunk(chunk, false);
      const wireLength = length + 16 + (format === "age-rt" ? 4 : 0);
      assert.throws(() => refusing(wireLength, () => encoder.encodeChunk(chunk, false)), OUT);
      assert.throws(() => encoder.encodeChunk(chunk, false), OUT);
      assert.throws(() => encoder.encodeChunk(chunk, true), OUT);
      assert.equal(encoder.finalized, false);
    });
  }
}

test("what was thrown is the object's own: others go on", async () => {
  const file = await encrypt("attack at dawn", PASSPHRASE, QUICK);
  const chunks = [...iterDecodeChunks([file], new AgeAutoDecoder(PASSPHRASE))];
  assert.equal(new TextDecoder().decode(chunks[0]), "attack at dawn");
});
