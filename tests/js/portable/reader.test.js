/**
 * AgeReader: any range is the slice of the plaintext, and nothing that did not verify. The rules
 * are those of age's DecryptReaderAt.
 */
import {
  armor,
  ChunkAuthenticationError,
  encrypt,
  HeaderParseError,
  StateError,
} from "age-rt-wasm";
import { AgeReader } from "age-rt-wasm/reader";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { assert, test } from "../harness.js";
import { coded } from "./lib/errors.js";
import { PASSPHRASE, QUICK } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const CHUNK = 65_536;
const SEALED = CHUNK + 16;
const random = new Random();
const noise = random.bytes(4 * CHUNK);
// By these bytes a chunk is known from another, and from one that was wiped.
for (let i = 0; i < 4; i += 1) for (const at of [9, 10, 99]) noise[i * CHUNK + at] = i + 1;
const utf8 = (text) => new TextEncoder().encode(text);

const sealed = (length, options) =>
  encrypt(noise.subarray(0, length), PASSPHRASE, { ...QUICK, ...options });

/** A source that counts what is asked of it. */
function counted(bytes) {
  const reads = [];
  return {
    reads,
    size: bytes.length,
    closed: 0,
    async read(start, end) {
      reads.push([start, end]);
      await undefined;
      return bytes.slice(start, end);
    },
    close() {
      this.closed += 1;
    },
  };
}

async function collect(stream) {
  const chunks = [];
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      chunks.push(next.value);
    return { bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()) };
  } catch (error) {
    return { bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()), error };
  }
}

test("opening tells how much of the passphrase's derivation is done, and ends at 1", async () => {
  const told = [];
  const reader = await AgeReader.open(new Blob([await sealed(100)]), PASSPHRASE, {
    onDerivation: (fraction) => told.push(fraction),
  });
  reader.close();
  assert.equal(told[0], 0);
  assert.equal(told.at(-1), 1);
  assert.deepEqual(
    told,
    [...told].sort((a, b) => a - b),
  );
});

for (const length of [
  0,
  1,
  997,
  CHUNK - 17,
  CHUNK - 1,
  CHUNK,
  CHUNK + 1,
  CHUNK + 17,
  2 * CHUNK,
  3 * CHUNK + 5,
]) {
  test(`${length} bytes: any range is the slice (seed ${seed})`, async () => {
    const reader = await AgeReader.open(new Blob([await sealed(length)]), PASSPHRASE);
    assert.deepEqual([reader.size, reader.byteLength], [length, length]);
    const plaintext = noise.subarray(0, length);
    const edges = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, length - 1, length, length + 9, -1, -CHUNK];
    const ranges = edges.flatMap((start) => edges.map((end) => [start, end]));
    for (let i = 0; i < 100; i += 1)
      ranges.push([random.below(length + 1), random.below(length + 1)]);
    for (const [start, end] of ranges) {
      const bytes = await reader.read(start, end);
      const blob = await new Blob([plaintext]).slice(start, end).arrayBuffer();
      assert.bytesEqual(bytes, blob, `${start} to ${end}`);
      assert.equal(bytes.buffer.byteLength, bytes.length);
    }
    assert.bytesEqual(await reader.read(), plaintext);
    assert.bytesEqual(await reader.slice(0, 5), plaintext.subarray(0, 5));
    assert.ok((await reader.slice()) instanceof ArrayBuffer);
    assert.bytesEqual((await collect(reader.stream())).bytes, plaintext);
    assert.bytesEqual(
      (await collect(reader.stream(3, -3))).bytes,
      plaintext.subarray(3, length > 3 ? -3 : 3),
    );
    reader.close();
  });
}

test("a chunk is fetched once while it is kept, neighbours together, and no other is touched", async () => {
  const file = await sealed(4 * CHUNK);
  const source = counted(file);
  const reader = await AgeReader.open(source, PASSPHRASE);
  const payload = file.length - 4 * SEALED;
  assert.deepEqual(source.reads.splice(0), [
    [0, CHUNK],
    [payload + 3 * SEALED, file.length],
  ]);
  assert.deepEqual(reader.ciphertextRange(5, CHUNK + 5), {
    start: payload,
    end: payload + 2 * SEALED,
  });
  assert.deepEqual(reader.ciphertextRange(5, 5), { start: payload, end: payload });
  await reader.read(CHUNK - 1, CHUNK + 1);
  assert.deepEqual(source.reads.splice(0), [[payload, payload + 2 * SEALED]]);
  // The last one was read on opening, and two more since: only the third is missing.
  await reader.read();
  assert.deepEqual(source.reads.splice(0), [[payload + 2 * SEALED, payload + 3 * SEALED]]);
  await Promise.all([reader.read(0, 9), reader.read(CHUNK, CHUNK + 9), reader.read(-9)]);
  assert.deepEqual(source.reads, []);
  reader.close();
  assert.equal(source.closed, 1);
});

test("reads at the same time share one request for a chunk, and nothing is kept where cacheBytes is 0", async () => {
  const file = await sealed(3 * CHUNK);
  const source = counted(file);
  const reader = await AgeReader.open(source, PASSPHRASE, { cacheBytes: 0 });
  source.reads.length = 0;
  const reads = Array.from({ length: 50 }, (_, i) => reader.read(i * 100, i * 100 + 50));
  for (const [i, bytes] of (await Promise.all(reads)).entries())
    assert.bytesEqual(bytes, noise.subarray(i * 100, i * 100 + 50));
  assert.equal(source.reads.length, 1);
  await reader.read(0, 1);
  assert.equal(source.reads.length, 2);
  reader.close();
});

test(`many reads at the same time, with a small cache (seed ${seed})`, async () => {
  const reader = await AgeReader.open(new Blob([await sealed(4 * CHUNK)]), PASSPHRASE, {
    cacheBytes: CHUNK,
  });
  const reads = Array.from({ length: 300 }, async () => {
    const [start, length] = [random.below(4 * CHUNK), random.below(100_000)];
    assert.bytesEqual(
      await reader.read(start, start + length),
      noise.subarray(start, start + length),
    );
  });
  await Promise.all(reads);
  reader.close();
});

test("a file under 64 KiB takes one read, and another chunk size is read where it is allowed", async () => {
  const source = counted(await sealed(1000, { chunkSize: 100 }));
  await assert.rejects(AgeReader.open(source, PASSPHRASE), coded("chunk-size-mismatch"));
  source.reads.length = 0;
  const reader = await AgeReader.open(source, PASSPHRASE, { chunkSize: 100 });
  assert.deepEqual(source.reads, [[0, source.size]]);
  assert.bytesEqual(await reader.read(95, 305), noise.subarray(95, 305));
  reader.close();
});

test("a wrong passphrase, no age file, an age-rt stream, a file of no possible size", async () => {
  const file = await sealed(CHUNK + 100);
  const header = file.length - SEALED - 116;
  const open = (bytes, key = PASSPHRASE) => AgeReader.open(new Blob([bytes]), key);
  await assert.rejects(open(file, "another"), coded("wrong-passphrase"));
  await assert.rejects(open(noise), coded("not-age"));
  await assert.rejects(open(new Uint8Array(0)), coded("truncated"));
  const error = await assert.rejects(
    open(await sealed(9, { format: "age-rt" })),
    coded("wrong-format"),
  );
  assert.ok(error instanceof HeaderParseError && /AgeRtDecryptStream/.test(error.message));
  for (const length of [
    5,
    header - 20,
    header - 5,
    header,
    header + 1,
    header + 15,
    header + SEALED + 16,
  ])
    await assert.rejects(open(file.subarray(0, length)), coded("truncated"), `${length}`);
  // At a chunk's boundary, and within a chunk.
  for (const length of [header + SEALED, header + SEALED + 50, header + 5000])
    await assert.rejects(
      open(file.subarray(0, length)),
      coded("chunk-authentication"),
      `${length}`,
    );
});

test("a damaged chunk: what is in front of it comes out, others can be read, check() lists it", async () => {
  const file = await sealed(3 * CHUNK + 10);
  file[file.length - 26 - 2 * SEALED + 100] ^= 1;
  const reader = await AgeReader.open(new Blob([file]), PASSPHRASE);
  const error = await assert.rejects(reader.read(), coded("chunk-authentication"));
  assert.ok(error instanceof ChunkAuthenticationError);
  assert.equal(error.chunkIndex, 1);
  assert.bytesEqual(await reader.read(2 * CHUNK), noise.subarray(2 * CHUNK, 3 * CHUNK + 10));
  const streamed = await collect(reader.stream());
  assert.equal(streamed.error.code, "chunk-authentication");
  assert.bytesEqual(streamed.bytes, noise.subarray(0, CHUNK));
  const ranges = [];
  for await (const range of reader.check()) ranges.push(range);
  assert.deepEqual(ranges, [
    { start: 0, end: CHUNK, ok: true },
    { start: CHUNK, end: 2 * CHUNK, ok: false },
    { start: 2 * CHUNK, end: 3 * CHUNK + 10, ok: true },
  ]);
  reader.close();
});

test("an armored Blob is read; another armored source is not-age, which says so", async () => {
  const text = `\ufeff\n${armor(await sealed(CHUNK + 9))}`;
  const reader = await AgeReader.open(new Blob([text]), PASSPHRASE);
  assert.bytesEqual(await reader.read(CHUNK - 5), noise.subarray(CHUNK - 5, CHUNK + 9));
  reader.close();
  const bare = counted(utf8(armor(await sealed(9))));
  const error = await assert.rejects(AgeReader.open(bare, PASSPHRASE), coded("not-age"));
  assert.ok(/armor/.test(error.message));
  assert.equal(bare.closed, 1);
});

test("a file of the origin's private file system, by its handle", async () => {
  const blob = new Blob([await sealed(100)]);
  const reader = await AgeReader.open({ getFile: async () => blob }, PASSPHRASE);
  assert.bytesEqual(await reader.read(), noise.subarray(0, 100));
  reader.close();
});

test("a source that gives another number of bytes, or throws, is source-failed", async () => {
  const file = await sealed(3 * CHUNK);
  for (const change of [(bytes) => bytes.subarray(1), (bytes) => new Uint8Array([...bytes, 1])]) {
    const source = counted(file);
    const { read } = source;
    const reader = await AgeReader.open(source, PASSPHRASE);
    source.read = async (...range) => change(await read(...range));
    await assert.rejects(reader.read(0, 9), (error) => error.code === "source-failed");
    source.read = () => Promise.reject(new Error("lost"));
    const error = await assert.rejects(
      reader.read(0, 9),
      (error) => error.code === "source-failed",
    );
    assert.equal(error.cause.message, "lost");
    // It is read again once that works.
    source.read = read;
    assert.bytesEqual(await reader.read(0, 9), noise.subarray(0, 9));
    reader.close();
  }
});

test("after close(), and while a read is under way: freed", async () => {
  const file = await sealed(3 * CHUNK);
  const source = counted(file);
  const reader = await AgeReader.open(source, PASSPHRASE);
  const { read } = source;
  source.read = (start, end, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const freed = (error) => error instanceof StateError && error.code === "freed";
  const pending = assert.rejects(reader.read(0, 9), freed);
  const streamed = reader.stream().getReader();
  await Promise.resolve();
  reader.close();
  reader.close();
  await pending;
  source.read = read;
  await assert.rejects(reader.read(0, 9), freed);
  await assert.rejects(reader.slice(0, 9), freed);
  await assert.rejects(streamed.read(), freed);
  await assert.rejects(reader.check().next(), freed);
  assert.throws(() => reader.stream(), freed);
  assert.throws(() => reader.respond(new Request("http://localhost/")), freed);
  assert.equal(source.closed, 1);
});

test("a read's signal ends that read alone, and its request once nobody else waits", async () => {
  const source = counted(await sealed(3 * CHUNK));
  const reader = await AgeReader.open(source, PASSPHRASE);
  const { read } = source;
  const signals = [];
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  source.read = async (start, end, { signal }) => {
    signals.push(signal);
    await gate;
    return read.call(source, start, end);
  };
  const [one, two] = [new AbortController(), new AbortController()];
  const reason = new Error("changed my mind");
  const first = assert.rejects(
    reader.read(0, 9, { signal: one.signal }),
    (error) => error === reason,
  );
  const second = reader.read(5, 9, { signal: two.signal });
  one.abort(reason);
  await first;
  assert.equal(signals[0].aborted, false);
  go();
  assert.bytesEqual(await second, noise.subarray(5, 9));
  const third = assert.rejects(
    reader.read(CHUNK, CHUNK + 9, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  await third;
  reader.close();
});

/** Every array that the package makes of a chunk's plaintext while `task` runs. */
async function made(task) {
  const Native = Uint8Array;
  const arrays = [];
  globalThis.Uint8Array = new Proxy(Native, {
    construct(target, args, newTarget) {
      const array = Reflect.construct(target, args, newTarget);
      if (array.length === CHUNK && array.buffer.byteLength === CHUNK) arrays.push(array);
      return array;
    },
  });
  try {
    await task();
  } finally {
    globalThis.Uint8Array = Native;
  }
  return arrays;
}

test("what is kept of the plaintext is wiped on close(), and when it makes room", async () => {
  const file = new Blob([await sealed(3 * CHUNK)]);
  for (const cacheBytes of [0, 4 * CHUNK]) {
    let reader;
    const arrays = await made(async () => {
      reader = await AgeReader.open(file, PASSPHRASE, { cacheBytes });
      await reader.read(5, 2 * CHUNK + 5);
    });
    const holding = () =>
      arrays.filter((array) =>
        [0, 1, 2].some(
          (i) =>
            array[9] !== 0 &&
            array[9] === noise[i * CHUNK + 9] &&
            array[10] === noise[i * CHUNK + 10],
        ),
      ).length;
    assert.ok(arrays.length >= 3);
    assert.equal(holding(), cacheBytes === 0 ? 0 : 3);
    reader.close();
    assert.equal(holding(), 0);
  }
});

test("close() wipes what a stream and a check that stopped halfway still hold, and they ask for nothing more", async () => {
  const source = counted(await sealed(4 * CHUNK));
  let reader;
  let stream;
  let check;
  let given;
  const arrays = await made(async () => {
    reader = await AgeReader.open(source, PASSPHRASE);
    stream = reader.stream(0, 4 * CHUNK - 1).getReader();
    given = (await stream.read()).value;
    check = reader.check();
    await check.next();
    // What it fetches ahead has come.
    await reader.read();
  });
  const chunks = [0, 1, 2, 3].map((i) => noise.subarray(i * CHUNK, (i + 1) * CHUNK));
  const holding = () =>
    arrays.filter(
      (array) =>
        array !== given && chunks.some((chunk) => array[9] === chunk[9] && array[99] === chunk[99]),
    ).length;
  assert.ok(holding() >= 3);
  source.reads.length = 0;
  reader.close();
  assert.equal(holding(), 0);
  await assert.rejects(stream.read(), coded("freed"));
  await check.next().catch(() => undefined);
  assert.deepEqual(source.reads, []);
  assert.bytesEqual(given, chunks[0]);
});

test("plaintext that was opened as the reader closes is not given out as zeros", async () => {
  const file = await sealed(2 * CHUNK);
  // In each of the turns that a read takes.
  for (let turns = 0; turns < 60; turns += 1) {
    const reader = await AgeReader.open(counted(file), PASSPHRASE);
    const stream = reader.stream(0, CHUNK - 1).getReader();
    const reads = [reader.read(0, 9), stream.read().then(({ value }) => value.subarray(0, 9))];
    const all = Promise.allSettled(reads);
    for (let turn = 0; turn < turns; turn += 1) await undefined;
    reader.close();
    for (const { status, value, reason } of await all) {
      if (status === "fulfilled") assert.bytesEqual(value, noise.subarray(0, 9));
      else assert.equal(reason.code, "freed");
    }
  }
});

test("a stream that is cancelled while it waits ends its request, and so does its request's signal", async () => {
  const source = counted(await sealed(3 * CHUNK));
  const reader = await AgeReader.open(source, PASSPHRASE);
  let asked;
  source.read = (start, end, { signal }) => {
    asked = signal;
    return new Promise(() => undefined);
  };
  const stream = reader.stream().getReader();
  const waiting = stream.read();
  for (let turn = 0; turn < 5; turn += 1) await undefined;
  await stream.cancel(new Error("somewhere else"));
  assert.ok((await waiting).done);
  assert.ok(asked.aborted);
  const over = new AbortController();
  const request = new Request("http://localhost/", { signal: over.signal });
  const body = reader.respond(request).body.getReader();
  const next = assert.rejects(body.read());
  for (let turn = 0; turn < 5; turn += 1) await undefined;
  over.abort();
  await next;
  assert.ok(asked.aborted);
  reader.close();
});

test("of one request, what nobody waits for any more is wiped as it comes, and others get theirs", async () => {
  const source = counted(await sealed(4 * CHUNK));
  const reader = await AgeReader.open(source, PASSPHRASE);
  const { read } = source;
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  source.read = async (start, end, { signal }) => {
    await gate;
    signal.throwIfAborted();
    return read.call(source, start, end);
  };
  const abort = new AbortController();
  const arrays = await made(async () => {
    const both = reader.read(0, 2 * CHUNK, { signal: abort.signal });
    const second = reader.read(CHUNK, CHUNK + 9);
    for (let turn = 0; turn < 5; turn += 1) await undefined;
    abort.abort(new Error("changed my mind"));
    await assert.rejects(both, (error) => error.message === "changed my mind");
    go();
    assert.bytesEqual(await second, noise.subarray(CHUNK, CHUNK + 9));
  });
  const holds = (i) =>
    arrays.some(
      (array) => array[9] === noise[i * CHUNK + 9] && array[99] === noise[i * CHUNK + 99],
    );
  assert.deepEqual([holds(0), holds(1)], [false, true]);
  reader.close();
});

test("however many reads wait, each signal has one listener", async () => {
  const source = counted(await sealed(3 * CHUNK));
  const { read } = source;
  let most = 0;
  let listeners = 0;
  const { signal } = new AbortController();
  const counting = {
    aborted: false,
    reason: undefined,
    throwIfAborted() {},
    addEventListener(...all) {
      listeners += 1;
      most = Math.max(most, listeners);
      signal.addEventListener(...all);
    },
    removeEventListener(...all) {
      listeners -= 1;
      signal.removeEventListener(...all);
    },
  };
  const reader = await AgeReader.open(source, PASSPHRASE, { cacheBytes: 0 });
  source.read = read;
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => reader.read(i, i + 9, { signal: counting })),
  );
  assert.deepEqual([most, listeners], [1, 0]);
  reader.close();
  const owned = await AgeReader.open(source, PASSPHRASE, { signal: counting });
  assert.equal(listeners, 1);
  owned.close();
  assert.equal(listeners, 0);
});

test("a long header is read in turns, and no further once the signal is aborted", async () => {
  const nobody = {
    wrapFileKey: () => [{ args: ["example.com/x"], body: new Uint8Array(200_000) }],
  };
  const mine = await generateIdentity();
  const file = await encrypt(noise.subarray(0, 9), [nobody, recipient(await recipientOf(mine))]);
  const abort = new AbortController();
  const reason = new Error("changed my mind");
  const source = counted(file);
  const { read } = source;
  let timed = false;
  source.read = async (start, end) => {
    // Queued behind the answer: it comes in the middle of the header, or not before its end.
    if (start > 0) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        timed = true;
        abort.abort(reason);
      };
      port2.postMessage(0);
    }
    return read.call(source, start, end);
  };
  await assert.rejects(
    AgeReader.open(source, identity(mine), { signal: abort.signal }),
    (error) => error === reason,
  );
  assert.ok(timed);
});

test("a handle whose read() tells no bytesRead, as Deno's own, is told what to take instead", async () => {
  const file = await sealed(100);
  const handle = {
    stat: async () => ({ size: file.length }),
    read: async (buffer) => {
      buffer.set(file);
      return file.length;
    },
  };
  const error = await assert.rejects(AgeReader.open(handle, PASSPHRASE), coded("source-failed"));
  assert.ok(/node:fs\/promises/.test(error.message));
});

test("a chunk that others read is not given away to a stream", async () => {
  const reader = await AgeReader.open(new Blob([await sealed(3 * CHUNK)]), PASSPHRASE);
  const [one, other] = [reader.stream(), reader.stream()].map((stream) => stream.getReader());
  const part = (i) => noise.subarray(i * CHUNK, (i + 1) * CHUNK);
  // It waits for all three from now on.
  assert.bytesEqual((await other.read()).value, part(0));
  for (let i = 0; i < 3; i += 1) {
    const { value } = await one.read();
    assert.bytesEqual(value, part(i));
    value.fill(0);
  }
  for (let i = 1; i < 3; i += 1) assert.bytesEqual((await other.read()).value, part(i));
  reader.close();
});

test("the signal of open() ends the reader", async () => {
  const abort = new AbortController();
  const reason = new Error("changed my mind");
  const file = new Blob([await sealed(100)]);
  const reader = await AgeReader.open(file, PASSPHRASE, { signal: abort.signal });
  abort.abort(reason);
  await assert.rejects(reader.read(0, 1), (error) => error === reason);
  await assert.rejects(
    AgeReader.open(file, PASSPHRASE, { signal: abort.signal }),
    (error) => error === reason,
  );
});

test("a source that never answers is not waited for once the signal is aborted", async () => {
  const never = () => new Promise(() => undefined);
  const file = await sealed(3 * CHUNK);
  const SOURCES = {
    "the first bytes": () => ({ size: file.length, read: never }),
    "the last chunk": () => {
      const source = counted(file);
      const { read } = source;
      source.read = (start, end) => (start === 0 ? read(start, end) : never());
      return source;
    },
    "getFile()": () => ({ getFile: never }),
    "stat()": () => ({ read: never, stat: never }),
  };
  for (const [what, source] of Object.entries(SOURCES)) {
    const abort = new AbortController();
    const reason = new Error(what);
    const opening = AgeReader.open(source(), PASSPHRASE, { signal: abort.signal });
    const failed = assert.rejects(opening, (error) => error === reason);
    // Everything but the answer has had its turn.
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
    abort.abort(reason);
    await failed;
  }
});

test("an armored Blob is read no further once the signal is aborted", async () => {
  const lines = new TextEncoder().encode(armor(await sealed(3 * CHUNK)));
  const abort = new AbortController();
  const reason = new Error("changed my mind");
  let pulls = 0;
  const source = new Blob([lines]);
  source.stream = () =>
    new ReadableStream(
      {
        pull(controller) {
          const start = 4096 * pulls;
          pulls += 1;
          if (pulls === 2) abort.abort(reason);
          controller.enqueue(lines.slice(start, start + 4096));
          if (start + 4096 >= lines.length) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  await assert.rejects(
    AgeReader.open(source, PASSPHRASE, { signal: abort.signal }),
    (error) => error === reason,
  );
  // Time in which a reader that goes on would read the rest.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(pulls <= 3, `${pulls} pieces were read`);
});

test("a source's size is read once, and is a whole number", async () => {
  const file = await sealed(3 * CHUNK);
  for (const later of [NaN, -1, 17, Infinity, "x"]) {
    let size = file.length;
    const source = {
      get size() {
        return size;
      },
      async read(start, end) {
        size = later;
        return file.slice(start, end);
      },
    };
    const reader = await AgeReader.open(source, PASSPHRASE);
    assert.bytesEqual(await reader.read(), noise.subarray(0, 3 * CHUNK));
    reader.close();
  }
  for (const size of [Infinity, -Infinity, 2 ** 53, -0.5, NaN]) {
    const read = async () => file;
    for (const source of [
      { size, read },
      { read, stat: async () => ({ size }) },
    ])
      await assert.rejects(AgeReader.open(source, PASSPHRASE), RangeError);
  }
  for (const size of [undefined, null, "5", 5n])
    await assert.rejects(
      AgeReader.open({ read: async () => file, stat: async () => ({ size }) }, PASSPHRASE),
      RangeError,
    );
});

test("a source may use one buffer for all that it gives", async () => {
  // A header of more than the first bytes, which takes two reads.
  const nobody = { wrapFileKey: () => [{ args: ["example.com/x"], body: new Uint8Array(70_000) }] };
  const mine = await generateIdentity();
  const file = await encrypt(noise, [nobody, recipient(await recipientOf(mine))]);
  const buffer = new Uint8Array(file.length);
  const source = {
    size: file.length,
    async read(start, end) {
      buffer.set(file.subarray(start, end));
      return buffer.subarray(0, end - start);
    },
  };
  const reader = await AgeReader.open(source, identity(mine));
  assert.bytesEqual(await reader.read(), noise);
  reader.close();
});

test("what a source's close() throws hides no other error, and ends nobody else's wait", async () => {
  const fail = () => {
    throw new Error("cannot be closed");
  };
  const file = await sealed(CHUNK);
  const wrong = { ...counted(file), close: fail };
  await assert.rejects(AgeReader.open(wrong, "another passphrase"), coded("wrong-passphrase"));
  // One signal for several readers, and one that throws like a listener of the caller's own.
  const listeners = new Set();
  const signal = {
    aborted: false,
    reason: undefined,
    throwIfAborted() {
      if (this.aborted) throw this.reason;
    },
    addEventListener: (_, listener) => void listeners.add(listener),
    removeEventListener: (_, listener) => void listeners.delete(listener),
  };
  await AgeReader.open({ ...counted(file), close: fail }, PASSPHRASE, { signal });
  const other = await AgeReader.open(counted(file), PASSPHRASE, { signal });
  signal.reason = new Error("changed my mind");
  signal.aborted = true;
  assert.throws(
    () => listeners.forEach((listener) => listener()),
    (error) => error.message === "cannot be closed",
  );
  await assert.rejects(other.read(), (error) => error === signal.reason);
});

/** A signal that tells how many listen to it. */
function countingSignal() {
  const { signal } = new AbortController();
  const counting = {
    listeners: 0,
    ever: 0,
    aborted: false,
    reason: undefined,
    throwIfAborted() {},
    addEventListener(...all) {
      counting.listeners += 1;
      counting.ever += 1;
      signal.addEventListener(...all);
    },
    removeEventListener: (...all) =>
      void ((counting.listeners -= 1), signal.removeEventListener(...all)),
  };
  return counting;
}

test("an opening that fails leaves no listener on its signal", async () => {
  const signal = countingSignal();
  const file = new Blob([await sealed(10)]);
  for (const [source, key] of [
    [file, "another passphrase"],
    [file, { unwrapFileKey: 1 }],
    [{}, PASSPHRASE],
  ])
    await assert.rejects(AgeReader.open(source, key, { signal }));
  assert.equal(signal.listeners, 0);
});

test("an answer listens to its request's signal only while it is read", async () => {
  const signal = countingSignal();
  const request = Object.defineProperty(new Request("http://localhost/"), "signal", {
    value: signal,
  });
  const file = await sealed(3 * CHUNK);
  const reader = await AgeReader.open(new Blob([file]), PASSPHRASE);
  const left = reader.respond(request).body.getReader();
  await left.read();
  assert.ok(signal.ever > 0);
  assert.equal(signal.listeners, 0, "between two reads");
  const damaged = file.slice();
  damaged[damaged.length - CHUNK - 17] ^= 1;
  const failing = await AgeReader.open(new Blob([damaged]), PASSPHRASE);
  await assert.rejects(failing.respond(request).arrayBuffer());
  assert.equal(signal.listeners, 0, "after an error");
  await reader.respond(request).arrayBuffer();
  assert.equal(signal.listeners, 0, "at the end");
  reader.close();
  failing.close();
});

test("onDerivation hears of the derivation", async () => {
  const told = [];
  const file = new Blob([await sealed(10)]);
  const reader = await AgeReader.open(file, PASSPHRASE, {
    onDerivation: (fraction) => told.push(fraction),
  });
  assert.deepEqual([told[0], told.at(-1)], [0, 1]);
  reader.close();
});

test("respond(): one range, none, several, none that there is", async () => {
  const length = CHUNK + 100;
  const reader = await AgeReader.open(new Blob([await sealed(length)]), PASSPHRASE);
  const ask = async (headers, method = "GET") => {
    const response = reader.respond(new Request("http://localhost/", { method, headers }));
    const body = new Uint8Array(await response.arrayBuffer());
    return [
      response.status,
      response.headers.get("Content-Range"),
      response.headers.get("Content-Length"),
      body,
    ];
  };
  const all = noise.subarray(0, length);
  const of = (start, end) => `bytes ${start}-${end - 1}/${length}`;
  for (const [range, start, end] of [
    ["bytes=0-", 0, length],
    ["bytes=5-9", 5, 10],
    [`bytes=${CHUNK - 1}-${CHUNK}`, CHUNK - 1, CHUNK + 1],
    ["bytes=-7", length - 7, length],
    ["bytes=9-999999", 9, length],
    ["bytes=-999999", 0, length],
  ]) {
    const [status, contentRange, len, body] = await ask({ Range: range });
    assert.deepEqual(
      [status, contentRange, len],
      [206, of(start, end), String(end - start)],
      range,
    );
    assert.bytesEqual(body, all.subarray(start, end));
  }
  for (const headers of [
    {},
    { Range: "bytes=0-1,5-6" },
    { Range: "bytes=9-5" },
    { Range: "lines=1-2" },
    { Range: "bytes=-" },
    { Range: "bytes=0-1", "If-Range": '"x"' },
  ]) {
    const [status, contentRange, len, body] = await ask(headers);
    assert.deepEqual(
      [status, contentRange, len],
      [200, null, String(length)],
      JSON.stringify(headers),
    );
    assert.bytesEqual(body, all);
  }
  for (const range of [`bytes=${length}-`, "bytes=-0"])
    assert.deepEqual((await ask({ Range: range })).slice(0, 2), [416, `bytes */${length}`]);
  // RFC 9110, section 14.2: a range is for GET alone.
  for (const range of ["bytes=5-9", `bytes=${length}-`]) {
    const [status, contentRange, len, body] = await ask({ Range: range }, "HEAD");
    assert.deepEqual([status, contentRange, len, body.length], [200, null, String(length), 0]);
  }
  assert.equal((await ask({}, "DELETE"))[0], 405);
  const { headers } = reader.respond(new Request("http://localhost/"), {
    headers: { "Content-Type": "video/webm" },
  });
  assert.equal(headers.get("Content-Type"), "video/webm");
  assert.equal(headers.get("Content-Security-Policy"), "sandbox; default-src 'none'");
  assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
  assert.equal(headers.get("Cache-Control"), "no-store");
  reader.close();
});

test("wrong arguments", async () => {
  const file = new Blob([await sealed(10)]);
  for (const source of [undefined, null, 1, {}, [], new Uint8Array(1), { size: 5 }])
    await assert.rejects(AgeReader.open(source, PASSPHRASE), TypeError);
  for (const size of [-1, 0.5, NaN])
    await assert.rejects(AgeReader.open({ size, read: async () => file }, PASSPHRASE), RangeError);
  await assert.rejects(AgeReader.open(file, ""), RangeError);
  await assert.rejects(AgeReader.open(file, PASSPHRASE, { cacheByte: 1 }), TypeError);
  for (const cacheBytes of [-1, 0.5])
    await assert.rejects(AgeReader.open(file, PASSPHRASE, { cacheBytes }), RangeError);
  await assert.rejects(AgeReader.open(file, PASSPHRASE, { workers: 1.5 }), RangeError);
  const reader = await AgeReader.open(file, PASSPHRASE);
  for (const at of [0.5, NaN, "1"]) {
    await assert.rejects(reader.read(at), RangeError);
    assert.throws(() => reader.stream(0, at), RangeError);
    assert.throws(() => reader.ciphertextRange(at, 1), RangeError);
  }
  reader.close();
});
