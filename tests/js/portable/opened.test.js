/**
 * `opened`: whether the key fits, before the first byte of plaintext; and the size of what comes.
 */
import {
  AgeAutoDecoder,
  AgeAutoDecryptStream,
  AgeDecoder,
  AgeDecryptStream,
  AgeRtDecoder,
  AgeRtDecryptStream,
  decrypt,
  encrypt,
  plaintextSize,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { streamOf } from "../lib/streams.js";
import { flipped } from "./lib/bytes.js";
import { failure } from "./lib/fate.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";

const STREAMS = [
  ["AgeDecryptStream", AgeDecryptStream, AgeDecoder, "age"],
  ["AgeRtDecryptStream", AgeRtDecryptStream, AgeRtDecoder, "age-rt"],
  ["AgeAutoDecryptStream, age", AgeAutoDecryptStream, AgeAutoDecoder, "age"],
  ["AgeAutoDecryptStream, age-rt", AgeAutoDecryptStream, AgeAutoDecoder, "age-rt"],
];

for (const [name, Stream, Decoder, format] of STREAMS) {
  test(`${name}: opened tells format and work factor, with nothing read`, async () => {
    const { bytes } = await makeFile(format, [10]);
    const { init } = await import("age-rt-wasm");
    await init();
    for (const key of [PASSPHRASE, new Decoder(PASSPHRASE)]) {
      const stream = new Stream(key);
      streamOf([bytes]).pipeThrough(stream);
      const opened = await stream.opened;
      assert.equal(opened.format, format);
      assert.equal(opened.workFactor, QUICK.workFactor);
      assert.equal((await stream.readable.getReader().read()).value.length, 10);
    }
  });

  test(`${name}: opened is one promise, whenever it is asked for`, async () => {
    const { bytes } = await makeFile(format, [10]);
    const stream = new Stream(PASSPHRASE);
    const early = stream.opened;
    const reader = streamOf([bytes]).pipeThrough(stream).getReader();
    while (!(await reader.read()).done);
    assert.ok(stream.opened === early);
    const late = new Stream(PASSPHRASE);
    const again = streamOf([bytes]).pipeThrough(late).getReader();
    while (!(await again.read()).done);
    assert.equal((await late.opened).format, format);
  });

  test(`${name}: opened comes before the plaintext`, async () => {
    const { bytes } = await makeFile(format, [10]);
    const stream = new Stream(PASSPHRASE);
    const order = [];
    const told = stream.opened.then(() => order.push("opened"));
    const read = streamOf([bytes])
      .pipeThrough(stream)
      .getReader()
      .read()
      .then(() => order.push("plaintext"));
    await Promise.all([told, read]);
    assert.deepEqual(order, ["opened", "plaintext"]);
  });

  test(`${name}: opened rejects with the stream's error, asked for before or after`, async () => {
    const { bytes, header } = await makeFile(format, [10]);
    // In the header's MAC, whose line is the last before the nonce.
    const otherMac = flipped(bytes, header - 16 - 10);
    for (const [input, passphrase] of [
      [bytes, "wrong"],
      [otherMac, PASSPHRASE],
      [bytes.subarray(0, header - 30), PASSPHRASE],
      [new Uint8Array(500), PASSPHRASE],
    ]) {
      const stream = new Stream(passphrase);
      const early = failure(stream.opened);
      const error = await failure(streamOf([input]).pipeThrough(stream).getReader().read());
      assert.ok(error.code, String(error));
      assert.ok((await early) === error);
      assert.ok((await failure(stream.opened)) === error);
    }
  });

  test(`${name}: opened rejects with the reason of an abort, a cancel, a signal`, async () => {
    const reason = new Error("enough");
    const abort = new AbortController();
    const endings = [
      (stream) => stream.writable.abort(reason),
      (stream) => stream.readable.cancel(reason),
      () => abort.abort(reason),
    ];
    for (const end of endings) {
      const stream = new Stream(PASSPHRASE, { signal: abort.signal });
      const told = failure(stream.opened);
      await end(stream);
      assert.equal(await told, reason);
    }
  });

  test(`${name}: opened resolves where only a later chunk is wrong`, async () => {
    const { bytes } = await makeFile(format, [10]);
    const changed = flipped(bytes, bytes.length - 1);
    const stream = new Stream(PASSPHRASE);
    const read = failure(streamOf([changed]).pipeThrough(stream).getReader().read());
    assert.equal((await stream.opened).format, format);
    assert.equal((await read).code, "chunk-authentication");
  });
}

for (const workFactor of [1, 9, 10]) {
  for (const chunkSize of [undefined, 10, 65_535]) {
    test(`plaintextSize of what is opened is exact: work factor ${workFactor}, chunk size ${chunkSize}`, async () => {
      for (const size of [0, 1, 10, 11, 70_000]) {
        const file = await encrypt(new Uint8Array(size), PASSPHRASE, { workFactor, chunkSize });
        const stream = new AgeAutoDecryptStream(PASSPHRASE);
        streamOf([file]).pipeThrough(stream);
        const opened = await stream.opened;
        assert.equal(opened.workFactor, workFactor);
        assert.equal(opened.plaintextSize(file.length), size);
        assert.equal(plaintextSize(file.length, { workFactor, chunkSize }), size);
        const chunks = Math.max(1, Math.ceil(size / (chunkSize ?? 65_536)));
        const start = file.length - size - 16 * chunks;
        assert.throws(() => opened.plaintextSize(start + 15), RangeError);
        assert.equal(opened.plaintextSize(start + 16), 0);
        await stream.readable.cancel();
      }
    });
  }
}

test("plaintextSize of what is opened is a TypeError for age-rt, whose size depends on its messages", async () => {
  const file = await encrypt("text", PASSPHRASE, { ...QUICK, format: "age-rt" });
  assert.equal((await decrypt(file, PASSPHRASE)).length, 4);
  const stream = new AgeAutoDecryptStream(PASSPHRASE);
  streamOf([file]).pipeThrough(stream);
  const opened = await stream.opened;
  assert.throws(() => opened.plaintextSize(file.length), TypeError);
  await stream.readable.cancel();
});
