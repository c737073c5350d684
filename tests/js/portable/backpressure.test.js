/** Who waits for whom: a write for the reads that take its chunks, a close for nobody. */
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  configure,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { until } from "../lib/wait.js";
import { concat, pieces } from "./lib/bytes.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";

configure({ concurrency: 2 });

/** Time for whatever does not wait for somebody. */
function pause() {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

/**
 * make(); input: what is written; first: how much of it gives the first chunk that comes out;
 * chunks: those of the write; final: those of close()
 */
const CASES = {
  AgeEncryptStream: {
    make: () => new AgeEncryptStream(PASSPHRASE, { ...QUICK, chunkSize: 10 }),
    ...plaintext(),
    chunks: 3 + 1 /* header */,
    final: 1,
  },
  AgeRtEncryptStream: {
    make: () => new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, maxChunkSize: 10 }),
    ...plaintext(),
    chunks: 4 + 1,
    final: 1,
  },
  AgeDecryptStream: {
    make: () => new AgeDecryptStream(PASSPHRASE, { chunkSize: 10 }),
    ...(await ciphertext("age", [10, 10, 5])),
    chunks: 2,
    final: 1,
  },
  AgeRtDecryptStream: {
    make: () => new AgeRtDecryptStream(PASSPHRASE),
    ...(await ciphertext("age-rt", [1, 0, 2, 3, 0])),
    chunks: 4,
    final: 0,
  },
};

function plaintext() {
  return { input: new Uint8Array(35), first: 1 };
}

async function ciphertext(format, lengths) {
  const { bytes, header, chunks } = await makeFile(format, lengths, { chunkSize: 10 });
  return { input: bytes, first: header + chunks[0].length };
}

for (const [name, { make, input, first, chunks, final }] of Object.entries(CASES)) {
  test(`${name}: a write waits until all of its chunks are read`, async () => {
    const events = [];
    const { readable, writable } = make();
    const reader = readable.getReader();
    const written = writable
      .getWriter()
      .write(input)
      .then(() => events.push("written"));
    await pause();
    events.push("paused");
    for (let i = 0; i < chunks; i += 1) {
      await reader.read();
      events.push("read");
    }
    await written;
    assert.deepEqual(events, ["paused", ...Array(chunks).fill("read"), "written"]);
    await reader.cancel();
  });

  test(`${name}: a write comes to an end while a read waits`, async () => {
    const { readable, writable } = make();
    const reader = readable.getReader();
    const reads = Array.from({ length: chunks }, () => reader.read());
    await writable.getWriter().write(input);
    assert.ok((await Promise.all(reads)).every(({ done }) => !done));
    await reader.cancel();
  });

  test(`${name}: close() does not wait for a reader`, async () => {
    const { readable, writable } = make();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const written = writer.write(input);
    for (let i = 0; i < chunks; i += 1) await reader.read();
    await written;
    await writer.close();
    for (let i = 0; i < final; i += 1) assert.equal((await reader.read()).done, false);
    assert.equal((await reader.read()).done, true);
  });

  test(`${name}: a source is read no further than to the first chunk, until somebody reads`, async () => {
    let pulled = 0;
    const split = pieces(input, 5);
    const source = new ReadableStream(
      {
        pull(controller) {
          if (pulled === split.length) controller.close();
          else controller.enqueue(split[pulled++]);
        },
      },
      { highWaterMark: 0 },
    );
    const { readable, writable } = make();
    const piped = source.pipeTo(writable);
    const reader = readable.getReader();
    await until(() => pulled >= Math.ceil(first / 5));
    await pause();
    const before = pulled;
    while (!(await reader.read()).done);
    await piped;
    assert.equal(before, Math.ceil(first / 5));
  });
}

for (const name of ["AgeEncryptStream", "AgeRtEncryptStream"]) {
  test(`${name}: nobody reads, and the writer is not ready`, async () => {
    const writer = CASES[name].make().writable.getWriter();
    const written = writer.write(new Uint8Array(35));
    let ready = false;
    writer.ready.then(
      () => (ready = true),
      () => undefined,
    );
    await pause();
    assert.deepEqual([ready, writer.desiredSize], [false, 0]);
    await writer.abort();
    await written.catch(() => undefined);
  });

  test(`${name}: close() before any read gives header and final chunk`, async () => {
    const { readable, writable } = CASES[name].make();
    await writable.getWriter().close();
    const reader = readable.getReader();
    assert.deepEqual(
      [(await reader.read()).done, (await reader.read()).done, (await reader.read()).done],
      [false, false, true],
    );
  });
}

test("AgeEncryptStream: a write that fills no chunk does not wait for a reader, once the header is read", async () => {
  const { readable, writable } = CASES.AgeEncryptStream.make();
  const reader = readable.getReader();
  await reader.read();
  const writer = writable.getWriter();
  await writer.write(new Uint8Array(5));
  await writer.write(new Uint8Array(5));
  await reader.cancel();
});

test("AgeDecryptStream: header, nonce and a part of a chunk do not wait for a reader", async () => {
  const { bytes, header } = await makeFile("age", [10, 10], { chunkSize: 10 });
  const writer = new AgeDecryptStream(PASSPHRASE, { chunkSize: 10 }).writable.getWriter();
  await writer.write(bytes.subarray(0, header));
  await writer.write(bytes.subarray(header, header + 20));
  await writer.abort();
});

test("reads that came before the writes are answered in order", async () => {
  const { readable, writable } = CASES.AgeRtEncryptStream.make();
  const decrypted = readable.pipeThrough(new AgeRtDecryptStream(PASSPHRASE)).getReader();
  const reads = [decrypted.read(), decrypted.read(), decrypted.read()];
  const writer = writable.getWriter();
  for (const text of [1, 2, 3]) await writer.write(Uint8Array.of(text));
  assert.bytesEqual(
    concat(...(await Promise.all(reads)).map(({ value }) => value)),
    Uint8Array.of(1, 2, 3),
  );
  await decrypted.cancel();
});
