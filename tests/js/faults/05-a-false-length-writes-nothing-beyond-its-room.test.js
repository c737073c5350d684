/**
 * An array whose `length` is not its own must not write over the module's memory, where the keys
 * and chunks of others lie.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AgeAutoDecoder,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtEncoder,
  encrypt,
  init,
  iterDecodeChunks,
} from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 1 };

await init();

/** Says `says`, and has `has` bytes. */
function lying(says, has, byteLengthToo) {
  class Lying extends Uint8Array {
    get length() {
      return says;
    }
  }
  const array = new Lying(has);
  if (byteLengthToo) Object.defineProperty(array, "byteLength", { value: says });
  return array;
}

function owning(says, has) {
  return Object.defineProperty(new Uint8Array(has), "length", { value: says });
}

/** Another stream beside it: whatever is written over the memory would harm it. */
async function unharmed(task) {
  const encoder = await AgeRtEncoder.create(PASSPHRASE, QUICK);
  const wire = [encoder.getHeader(), encoder.encodeChunk(new Uint8Array(1000).fill(1))];
  const decoder = new AgeAutoDecoder(PASSPHRASE);
  const chunks = iterDecodeChunks(
    (function* () {
      yield* wire;
      yield encoder.encodeChunk(new Uint8Array(1000).fill(2));
      yield encoder.encodeChunk(new Uint8Array(0), true);
    })(),
    decoder,
  );
  assert.deepEqual(chunks.next().value, new Uint8Array(1000).fill(1));
  await task();
  assert.deepEqual(chunks.next().value, new Uint8Array(1000).fill(2));
  assert.equal(chunks.next().value.length, 0);
  assert.equal(chunks.next().done, true);
}

/** All of it, or a TypeError: never a part, never more than the array has. */
function refusedOrWhole(call) {
  try {
    return call();
  } catch (error) {
    assert.ok(error instanceof TypeError, String(error));
    return undefined;
  }
}

for (const [name, make] of [
  ["a subclass", (says, has) => lying(says, has, false)],
  ["a subclass, byteLength too", (says, has) => lying(says, has, true)],
  ["an own property", owning],
]) {
  for (const [says, has] of [
    [10, 60_000],
    [100, 10],
    [1, 65_000],
  ]) {
    test(`${name} that says ${says} and has ${has}: encoders`, () =>
      unharmed(async () => {
        for (const Encoder of [AgeEncoder, AgeRtEncoder]) {
          const encoder = await Encoder.create(PASSPHRASE, QUICK);
          const chunk = refusedOrWhole(() => encoder.encodeChunk(make(says, has), true));
          if (!chunk) continue;
          const frame = Encoder === AgeRtEncoder ? 20 : 16;
          assert.ok([says, has].includes(chunk.length - frame));
        }
      }));

    test(`${name} that says ${says} and has ${has}: decoders and streams`, () =>
      unharmed(async () => {
        const decoder = new AgeAutoDecoder(PASSPHRASE);
        // Zeros are no header; only the kind of the error may differ.
        assert.throws(() => [...iterDecodeChunks([make(says, has)], decoder)]);
        decoder.free();
        const stream = new AgeEncryptStream(PASSPHRASE, QUICK);
        const writer = stream.writable.getWriter();
        writer.closed.catch(() => undefined);
        const reading = new Response(stream.readable).arrayBuffer().catch((error) => error);
        await writer.write(make(says, has)).catch((error) => error);
        await writer.close().catch((error) => error);
        await reading;
      }));
  }
}

test("an honest subclass is taken as it is", async () => {
  class Honest extends Uint8Array {}
  const file = await encrypt(Honest.from([1, 2, 3]), PASSPHRASE, QUICK);
  const [chunk] = iterDecodeChunks([Honest.from(file)], new AgeAutoDecoder(PASSPHRASE));
  assert.deepEqual(chunk, Uint8Array.of(1, 2, 3));
});
