/**
 * encodeFile() and decodeFile() with everything that is a file: streams, blobs, and what works like
 * Node's FileHandle.
 */
import {
  AgeAutoDecoder,
  AgeEncoder,
  AgeRtDecoder,
  AgeRtEncoder,
  decodeFile,
  encodeFile,
  init,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { concat, flipped, pieces, utf8 } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";
import { collected } from "./lib/iterators.js";
import { Random } from "./lib/random.js";

await init();

const MESSAGES = ["Hello", "World", "!"].map(utf8);
const PLAINTEXT = new Random(1).bytes(150_000);

/** A WritableStream that keeps what it gets. */
function destination({ failing = false } = {}) {
  const seen = { parts: [], closed: false, aborted: undefined };
  const stream = new WritableStream({
    write(part) {
      if (failing && seen.parts.length === 2) throw new Error("the disk is full");
      seen.parts.push(part);
    },
    close: () => void (seen.closed = true),
    abort: (reason) => void (seen.aborted = reason),
  });
  return { stream, seen };
}

/**
 * What is used of a FileHandle, over memory; it reads and writes at most `most` bytes a call, as a
 * file may.
 */
class Handle {
  bytes;
  #at = 0;
  #most;

  constructor(bytes = new Uint8Array(0), most = Infinity) {
    this.bytes = bytes;
    this.#most = most;
  }

  async write(data) {
    const taken = data.subarray(0, this.#most);
    this.bytes = concat(this.bytes, taken);
    return { bytesWritten: taken.length };
  }

  async read(buffer, offset, length, position) {
    if (position !== null) throw new Error("a position moves no file");
    const given = this.bytes.subarray(this.#at, this.#at + Math.min(length, this.#most));
    this.#at += given.length;
    buffer.set(given, offset);
    return { bytesRead: given.length };
  }
}

const rt = () => AgeRtEncoder.create(PASSPHRASE, QUICK);
const messagesOf = async (bytes) =>
  (await collected(decodeFile(new Blob([bytes]), new AgeRtDecoder(PASSPHRASE)))).chunks;

test("a WritableStream is written and closed", async () => {
  const { stream, seen } = destination();
  await encodeFile(MESSAGES, stream, await rt());
  assert.deepEqual(await messagesOf(concat(...seen.parts)), [...MESSAGES, new Uint8Array(0)]);
  assert.ok(seen.closed);
  assert.equal(stream.locked, false);
});

for (const most of [Infinity, 7]) {
  test(`a handle is written, ${most} bytes at most a call`, async () => {
    const handle = new Handle(undefined, most);
    await encodeFile(MESSAGES, handle, await rt());
    assert.deepEqual(await messagesOf(handle.bytes), [...MESSAGES, new Uint8Array(0)]);
  });

  test(`a handle is read, ${most} bytes at most a call`, async () => {
    const file = await makeFile("age-rt", [5, 0, 60_000, 3]);
    const { chunks, error } = await collected(
      decodeFile(new Handle(file.bytes, most), new AgeRtDecoder(PASSPHRASE)),
    );
    assert.equal(error, undefined);
    assert.deepEqual(chunks, file.plaintexts);
  });
}

test("an age file, from a stream of chunks to a blob and back", async () => {
  const { stream, seen } = destination();
  const source = new ReadableStream({
    start: (controller) => (
      pieces(PLAINTEXT, 65_536).forEach((piece) => controller.enqueue(piece)),
      controller.close()
    ),
  });
  await encodeFile(source, stream, await AgeEncoder.create(PASSPHRASE, QUICK));
  const { chunks } = await collected(
    decodeFile(new Blob(seen.parts), new AgeAutoDecoder(PASSPHRASE)),
  );
  assert.bytesEqual(concat(...chunks), PLAINTEXT);
});

test("a ReadableStream is read", async () => {
  const file = await makeFile("age-rt", [5, 0]);
  const { chunks } = await collected(
    decodeFile(new Blob([file.bytes]).stream(), new AgeRtDecoder(PASSPHRASE)),
  );
  assert.deepEqual(chunks, file.plaintexts);
});

test("a source that fails aborts the file with its error", async () => {
  const { stream, seen } = destination();
  const failure = new Error("the source failed");
  const source = (async function* () {
    yield MESSAGES[0];
    throw failure;
  })();
  assert.ok((await assert.rejects(encodeFile(source, stream, await rt()))) === failure);
  assert.ok(seen.aborted === failure);
  assert.equal(seen.closed, false);
});

test("a file that fails ends the source, and its error is the one that is told", async () => {
  const { stream, seen } = destination({ failing: true });
  let ended = false;
  const source = (function* () {
    try {
      for (;;) yield MESSAGES[0];
    } finally {
      ended = true;
    }
  })();
  await assert.rejects(
    encodeFile(source, stream, await rt()),
    (error) => error.message === "the disk is full",
  );
  assert.ok(ended);
  assert.equal(seen.closed, false);
});

test("a file that was changed or cut is an error after every chunk before that", async () => {
  const file = await makeFile("age-rt", [5, 5, 0]);
  for (const [bytes, code] of [
    [flipped(file.bytes, file.bytes.length - 1), "chunk-authentication"],
    [file.bytes.subarray(0, -1), "truncated"],
    [concat(file.bytes, new Uint8Array(1)), "trailing-data"],
  ]) {
    for (const form of [new Blob([bytes]), new Blob([bytes]).stream(), new Handle(bytes)]) {
      const { chunks, error } = await collected(decodeFile(form, new AgeRtDecoder(PASSPHRASE)));
      assertError(error, code);
      assert.deepEqual(chunks.slice(0, 2), file.plaintexts.slice(0, 2));
    }
  }
});

test("a file that cannot be read is its own error", async () => {
  const failure = new Error("the disk is gone");
  const handle = { read: () => Promise.reject(failure) };
  assert.ok((await collected(decodeFile(handle, new AgeRtDecoder(PASSPHRASE)))).error === failure);
});

test("a handle whose read() and write() give numbers, as Deno's own, is a TypeError that says what to pass", async () => {
  const { bytes: sealed } = await makeFile("age-rt", [5, 0]);
  const deno = {
    read: async (buffer) => {
      buffer.set(sealed);
      return sealed.length;
    },
    write: async (bytes) => bytes.length,
  };
  const told = (error) => error instanceof TypeError && /node:fs\/promises/.test(error.message);
  // Null is its end of the file.
  for (const file of [deno, { ...deno, read: async () => null }]) {
    const { error } = await collected(decodeFile(file, new AgeRtDecoder(PASSPHRASE)));
    assert.ok(told(error), String(error));
  }
  await assert.rejects(encodeFile(MESSAGES, deno, await rt()), told);
});

test("what is no file is a TypeError", async () => {
  for (const file of ["report.age", new Uint8Array(1), {}, 1]) {
    await assert.rejects(encodeFile([], file, await rt()), TypeError);
    assert.throws(() => decodeFile(file, new AgeRtDecoder(PASSPHRASE)), TypeError);
  }
});
