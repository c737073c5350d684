/**
 * How chunks and messages come and go: each when it is due, and with the boundaries that the format
 * keeps.
 */
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  ciphertextSize,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { chunksOf, through } from "../lib/streams.js";
import { concat, lengths, pieces, utf8 } from "./lib/bytes.js";
import { LENGTH_LEN, makeFile, PASSPHRASE, QUICK, TAG_LEN } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const random = new Random();

function rtEncrypt(options) {
  return new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, ...options });
}

function rtDecrypt(options) {
  return new AgeRtDecryptStream(PASSPHRASE, options);
}

test("two bytes come out as one chunk of two bytes before anything else is written", async () => {
  const encrypt = rtEncrypt();
  const reader = encrypt.readable.pipeThrough(rtDecrypt()).getReader();
  const writer = encrypt.writable.getWriter();
  const written = writer.write(utf8("hi"));
  const { value } = await reader.read();
  assert.bytesEqual(value, utf8("hi"));
  await written;
  await reader.cancel();
});

test("a conversation: each message comes out before the next is written", async () => {
  const encrypt = rtEncrypt();
  const reader = encrypt.readable.pipeThrough(rtDecrypt()).getReader();
  const writer = encrypt.writable.getWriter();
  for (const text of ["one", "two", "", "three"]) {
    const [{ value }] = await Promise.all([reader.read(), writer.write(utf8(text))]);
    assert.bytesEqual(value, utf8(text));
  }
  const [{ done }] = await Promise.all([reader.read(), writer.close()]);
  assert.ok(done);
});

for (const [format, Stream] of [
  ["age", AgeEncryptStream],
  ["age-rt", AgeRtEncryptStream],
]) {
  test(`${format}: header and nonce come out before the first write`, async () => {
    const stream = new Stream(PASSPHRASE, QUICK);
    const reader = stream.readable.getReader();
    const { value } = await reader.read();
    const { header } = await makeFile(format, [0]);
    assert.equal(value.length, header);
    await reader.cancel();
  });
}

test("one write is one chunk on the wire", async () => {
  const messages = [5, 0, 1, 65_536, 3].map((length) => random.bytes(length));
  const [, ...chunks] = await through(messages, rtEncrypt());
  assert.deepEqual(
    lengths(chunks),
    [...lengths(messages), 0].map((length) => LENGTH_LEN + length + TAG_LEN),
  );
});

test("a chunk's length field counts ciphertext and tag", async () => {
  const [, chunk] = await through([new Uint8Array(1000)], rtEncrypt());
  assert.equal(new DataView(chunk.buffer).getUint32(0), 1000 + TAG_LEN);
});

test("a write above the maximum is split", async () => {
  const messages = await through(
    await through([random.bytes(65_536 * 2 + 1)], rtEncrypt()),
    rtDecrypt(),
  );
  assert.deepEqual(lengths(messages), [65_536, 65_536, 1]);
});

test("a write of exactly the maximum is not", async () => {
  const messages = await through(await through([random.bytes(65_536)], rtEncrypt()), rtDecrypt());
  assert.deepEqual(lengths(messages), [65_536]);
});

test("the maximum is the one that was asked for", async () => {
  const messages = await through(
    await through([random.bytes(25)], rtEncrypt({ maxChunkSize: 10 })),
    rtDecrypt(),
  );
  assert.deepEqual(lengths(messages), [10, 10, 5]);
});

test("messages of no length are messages", async () => {
  const messages = await through(
    await through(
      [new Uint8Array(0), new Uint8Array(1), new Uint8Array(0), new Uint8Array(0)],
      rtEncrypt(),
    ),
    rtDecrypt(),
  );
  assert.deepEqual(lengths(messages), [0, 1, 0, 0]);
});

test("a stream without messages gives none", async () => {
  assert.deepEqual(await through(await through([], rtEncrypt()), rtDecrypt()), []);
});

test("a final chunk with data is a message", async () => {
  const { bytes, plaintexts } = await makeFile("age-rt", [3, 4]);
  assert.deepEqual(await through([bytes], rtDecrypt()), plaintexts);
});

test(`messages are kept however the transport splits and joins them (seed ${seed})`, async () => {
  const messages = Array.from({ length: 40 }, () =>
    random.bytes(random.below(3) === 0 ? random.below(3) : random.below(2000)),
  );
  const wire = concat(...(await through(messages, rtEncrypt())));
  const splits = [1, 2, 3, 5, 7, 100, 1400, 5003, wire.length].map((size) => pieces(wire, size));
  for (const split of [...splits, random.cut(wire, 3000)])
    assert.deepEqual(await through(split, rtDecrypt()), messages);
});

test("empty pieces of a transport change nothing", async () => {
  const { bytes, plaintexts } = await makeFile("age-rt", [3, 0, 4]);
  const split = pieces(bytes, 10).flatMap((piece) => [new Uint8Array(0), piece, new Uint8Array(0)]);
  assert.deepEqual(await through(split, rtDecrypt()), plaintexts);
});

test("many messages in one piece come out one by one", async () => {
  const { bytes } = await makeFile(
    "age-rt",
    Array.from({ length: 2000 }, (_, i) => i % 7),
  );
  const stream = rtDecrypt();
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  assert.deepEqual(
    lengths(await chunksOf(stream.readable)),
    Array.from({ length: 2000 }, (_, i) => i % 7),
  );
  await written;
});

test("age: writes are joined to full chunks", async () => {
  const [, ...chunks] = await through(
    pieces(new Uint8Array(250), 30),
    new AgeEncryptStream(PASSPHRASE, { ...QUICK, chunkSize: 100 }),
  );
  assert.deepEqual(lengths(chunks), [116, 116, 66]);
});

test("age: a full chunk comes out as soon as there is more", async () => {
  const stream = new AgeEncryptStream(PASSPHRASE, QUICK);
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  const written = writer.write(new Uint8Array(65_537));
  await reader.read();
  assert.equal((await reader.read()).value.length, 65_536 + TAG_LEN);
  await written;
  await reader.cancel();
});

test("age: a last full chunk is the final one, and no empty one follows", async () => {
  for (const size of [100, 200, 300]) {
    const wire = await through(
      [new Uint8Array(size)],
      new AgeEncryptStream(PASSPHRASE, { ...QUICK, chunkSize: 100 }),
    );
    assert.equal(concat(...wire).length, ciphertextSize(size, { ...QUICK, chunkSize: 100 }));
  }
});

test("age: empty writes are nothing", async () => {
  const empty = new Uint8Array(0);
  const wire = await through(
    [empty, new Uint8Array(100), empty, new Uint8Array(100), empty],
    new AgeEncryptStream(PASSPHRASE, { ...QUICK, chunkSize: 100 }),
  );
  assert.deepEqual(
    lengths(await through(wire, new AgeDecryptStream(PASSPHRASE, { chunkSize: 100 }))),
    [100, 100],
  );
});

test("age: an empty file gives no chunk", async () => {
  assert.deepEqual(
    await through(
      await through([], new AgeEncryptStream(PASSPHRASE, QUICK)),
      new AgeDecryptStream(PASSPHRASE),
    ),
    [],
  );
});

test("age: a chunk comes out before the next has arrived", async () => {
  const { bytes, header, plaintexts } = await makeFile("age", [100, 100, 7], { chunkSize: 100 });
  const stream = new AgeDecryptStream(PASSPHRASE, { chunkSize: 100 });
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes.subarray(0, header + 116));
  assert.bytesEqual((await reader.read()).value, plaintexts[0]);
  await written;
  await reader.cancel();
});

test("a message is out before its stream knows whether more will come", async () => {
  const encoder = await AgeRtEncoder.create(PASSPHRASE, QUICK);
  const stream = rtDecrypt();
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  const written = writer.write(concat(encoder.getHeader(), encoder.encodeChunk(utf8("now"))));
  assert.bytesEqual((await reader.read()).value, utf8("now"));
  await written;
  encoder.free();
  await reader.cancel();
});

test("work factors other than the standard one are read", async () => {
  for (const workFactor of [1, 2, 10, 13]) {
    const wire = await through([new Uint8Array(1)], rtEncrypt({ workFactor }));
    assert.deepEqual(lengths(await through(wire, rtDecrypt())), [1]);
  }
});
