/**
 * While a key is derived, a decoder has no chunk: whoever asks for one, or says that the input has
 * ended, gets an error, and never a piece of WebAssembly memory, where the plaintext of other
 * streams lies. One reader at a time; the first goes on unharmed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AgeAutoDecoder,
  AgeAutoDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  aiterDecodeCallable,
  aiterDecodeChunks,
  aiterEncodeChunks,
  decodeFile,
  encrypt,
  init,
  iterDecodeCallable,
  iterDecodeChunks,
  iterEncodeChunks,
  StateError,
} from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
/** A derivation that takes some time, so that it can be met under way. */
const WORK_FACTOR = 12;
const plaintext = Uint8Array.from({ length: 70_000 }, (_, i) => i);
const none = () => new Uint8Array(0);

await init();
const files = {
  age: await encrypt(plaintext, PASSPHRASE, { workFactor: WORK_FACTOR }),
  "age-rt": await encrypt(plaintext, PASSPHRASE, { format: "age-rt", workFactor: WORK_FACTOR }),
};

/** At most `limit` of what it gives: on a package with the fault it never ends. */
async function some(chunks, limit = 10) {
  const seen = [];
  try {
    for await (const chunk of chunks) {
      seen.push(chunk);
      if (seen.length === limit) break;
    }
    return { seen };
  } catch (error) {
    return { seen, error };
  }
}

/** Ways to read from a decoder with nothing to read. */
const second = {
  iterDecodeChunks: (decoder) => some(iterDecodeChunks([], decoder)),
  iterDecodeCallable: (decoder) => some(iterDecodeCallable(none, decoder)),
  aiterDecodeChunks: (decoder) => some(aiterDecodeChunks([], decoder)),
  aiterDecodeCallable: (decoder) => some(aiterDecodeCallable(none, decoder)),
  decodeFile: (decoder) => some(decodeFile(new Blob([]), decoder)),
  "feed()": (decoder) =>
    some(
      (function* () {
        yield decoder.feed(new Uint8Array(16));
      })(),
    ),
  "finish()": (decoder) =>
    some(
      (function* () {
        decoder.finish();
        yield none();
      })(),
    ),
  "a stream": (decoder) =>
    some(
      (function* () {
        new AgeAutoDecryptStream(decoder);
        yield none();
      })(),
    ),
};

for (const [format, file] of Object.entries(files)) {
  for (const [name, read] of Object.entries(second)) {
    test(`${format}: ${name} while the key is derived is in-use, and the first reader gets all`, async () => {
      const decoder = new AgeAutoDecoder(PASSPHRASE);
      const first = some(aiterDecodeChunks([file], decoder));
      // The first has taken the header by now, and waits for the key.
      await Promise.resolve();
      await Promise.resolve();
      const { seen, error } = await read(decoder);
      assert.deepEqual([seen.length, error?.code], [0, "in-use"]);
      assert.ok(error instanceof StateError);
      const whole = await first;
      assert.equal(whole.error, undefined);
      assert.deepEqual(new Uint8Array(Buffer.concat(whole.seen)), plaintext);
    });
  }

  test(`${format}: a retry with an empty body after the end is already-done, and not an empty stream`, async () => {
    const decoder = new AgeAutoDecoder(PASSPHRASE);
    await some(aiterDecodeChunks([file], decoder));
    for (const read of [second.iterDecodeChunks, second.aiterDecodeChunks, second.decodeFile])
      assert.equal((await read(decoder)).error?.code, "already-done");
    assert.equal(decoder.isDone(), true);
  });

  test(`${format}: a retry with an empty body after a body that was cut short is truncated`, async () => {
    const decoder = new AgeAutoDecoder(PASSPHRASE);
    const cut = file.subarray(0, 200);
    const { error } = await some(aiterDecodeChunks([cut], decoder));
    for (const read of Object.values(second).slice(0, 5))
      assert.equal((await read(decoder)).error, error);
  });

  test(`${format}: an iterator whose decoder was given to a stream before it started is freed`, async () => {
    const decoder = new AgeAutoDecoder(PASSPHRASE);
    const chunks = aiterDecodeChunks([file], decoder);
    const stream = new AgeAutoDecryptStream(decoder);
    assert.equal((await some(chunks)).error?.code, "freed");
    const whole = await new Response(new Blob([file]).stream().pipeThrough(stream)).arrayBuffer();
    assert.deepEqual(new Uint8Array(whole), plaintext);
  });

  test(`${format}: a reader that leaves early lets the next one go on`, () => {
    const decoder = new AgeAutoDecoder(PASSPHRASE);
    let at = 0;
    const read = (n) => file.subarray(at, (at += n));
    for (const chunk of iterDecodeCallable(read, decoder)) {
      assert.ok(chunk.length > 0);
      break;
    }
    const rest = [...iterDecodeCallable(read, decoder)];
    assert.deepEqual(rest[0], plaintext.subarray(65_536));
  });
}

for (const Encoder of [AgeEncoder, AgeRtEncoder]) {
  const Stream = Encoder === AgeEncoder ? AgeEncryptStream : AgeRtEncryptStream;
  const name = Encoder === AgeEncoder ? "AgeEncoder" : "AgeRtEncoder";

  test(`${name}: a second iterator and a stream are in-use, and the first goes on`, async () => {
    const encoder = await Encoder.create(PASSPHRASE, { workFactor: 1 });
    const first = iterEncodeChunks([plaintext.subarray(0, 1000)], encoder);
    const wire = [first.next().value];
    assert.throws(() => iterEncodeChunks([], encoder).next(), { code: "in-use" });
    await assert.rejects(() => aiterEncodeChunks([], encoder).next(), { code: "in-use" });
    assert.throws(() => new Stream(encoder), { code: "in-use" });
    wire.push(...first);
    const chunks = [...iterDecodeChunks(wire, new AgeAutoDecoder(PASSPHRASE))];
    assert.deepEqual(new Uint8Array(Buffer.concat(chunks)), plaintext.subarray(0, 1000));
  });
}
