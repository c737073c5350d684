/**
 * closeAtFinal: a live connection's half-close. The readable ends with the final chunk, though more
 * could come.
 */
import { AgeAutoDecryptStream, AgeRtDecryptStream } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { chunksOf } from "../lib/streams.js";
import { coded } from "./lib/errors.js";
import { fate, FINE } from "./lib/fate.js";
import { makeFile, PASSPHRASE } from "./lib/files.js";

const CHUNK_SIZE = 100;
const options = { closeAtFinal: true, maxChunkSize: CHUNK_SIZE };

const STREAMS = {
  AgeRtDecryptStream: () => new AgeRtDecryptStream(PASSPHRASE, options),
  AgeAutoDecryptStream: () => new AgeAutoDecryptStream(PASSPHRASE, options),
};

for (const [name, make] of Object.entries(STREAMS)) {
  for (const [how, lengths] of [
    ["with data", [3, 4]],
    ["without data", [3, 0]],
  ]) {
    test(`${name}: the readable closes at a final chunk ${how} though the input is open`, async () => {
      const { bytes, plaintexts } = await makeFile("age-rt", lengths, { chunkSize: CHUNK_SIZE });
      const stream = make();
      const writer = stream.writable.getWriter();
      const written = writer.write(bytes);
      assert.deepEqual(
        await chunksOf(stream.readable),
        plaintexts.filter(({ length }) => length > 0),
      );
      await written;
    });
  }

  test(`${name}: the writable closes fine afterwards`, async () => {
    const { bytes } = await makeFile("age-rt", [3, 0], { chunkSize: CHUNK_SIZE });
    const seen = await fate(make(), [bytes]);
    assert.deepEqual([seen.read, seen.pipe, seen.writerClosed], [FINE, FINE, FINE]);
  });

  test(`${name}: an empty piece afterwards is nothing`, async () => {
    const { bytes } = await makeFile("age-rt", [3, 0], { chunkSize: CHUNK_SIZE });
    assert.equal((await fate(make(), [bytes, new Uint8Array(0)])).pipe, FINE);
  });

  test(`${name}: bytes afterwards error the writable only`, async () => {
    const { bytes, plaintexts } = await makeFile("age-rt", [3, 0], { chunkSize: CHUNK_SIZE });
    const seen = await fate(make(), [bytes, new Uint8Array(1)], { open: true });
    assert.deepEqual(
      [seen.chunks, seen.read, seen.readerClosed],
      [plaintexts.slice(0, 1), FINE, FINE],
    );
    assert.ok(coded("trailing-data")(seen.pipe));
    assert.ok(
      seen.pipe === seen.writerClosed && seen.pipe === seen.written && seen.pipe === seen.cancelled,
    );
  });

  test(`${name}: an input that ends before the final chunk is truncated all the same`, async () => {
    const { bytes, chunks } = await makeFile("age-rt", [3, 0], { chunkSize: CHUNK_SIZE });
    const seen = await fate(make(), [bytes.subarray(0, -chunks[1].length)]);
    assert.ok(coded("truncated")(seen.read) && seen.pipe === seen.read);
  });
}

test("without it the readable stays open until the input ends", async () => {
  const { bytes } = await makeFile("age-rt", [3, 0]);
  const stream = new AgeRtDecryptStream(PASSPHRASE);
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes);
  await reader.read();
  await written;
  let ended = false;
  const end = reader.read().then(({ done }) => (ended = done));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(ended, false);
  await writer.close();
  await end;
  assert.equal(ended, true);
});

test("an age file with a last chunk that is full closes at it", async () => {
  const { bytes, plaintexts } = await makeFile("age", [CHUNK_SIZE, CHUNK_SIZE], {
    chunkSize: CHUNK_SIZE,
  });
  const stream = STREAMS.AgeAutoDecryptStream();
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes);
  assert.deepEqual(await chunksOf(stream.readable), plaintexts);
  await written;
});

test("an age file with a short last chunk closes when the input ends, which alone tells", async () => {
  const { bytes, plaintexts } = await makeFile("age", [CHUNK_SIZE, 3], { chunkSize: CHUNK_SIZE });
  const seen = await fate(STREAMS.AgeAutoDecryptStream(), [bytes]);
  assert.deepEqual([seen.chunks, seen.read, seen.pipe], [plaintexts, FINE, FINE]);
});
