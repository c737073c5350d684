/**
 * abort(), cancel() and signals, at every moment of a stream's life: who hears of it, with what,
 * and that nothing is left.
 */
import { liveObjects } from "../lib/instances.js";
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  configure,
  init,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { headerOf } from "../lib/headers.js";
import { failure, FINE } from "./lib/fate.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";

await init();
configure({ concurrency: 2 });

const ENCRYPTING = { AgeEncryptStream, AgeRtEncryptStream };
const DECRYPTING = {
  AgeDecryptStream: [AgeDecryptStream, "age"],
  AgeRtDecryptStream: [AgeRtDecryptStream, "age-rt"],
  AgeAutoDecryptStream: [AgeAutoDecryptStream, "age-rt"],
};

const CHUNK_SIZE = 10;
/** The chunk size, by the name that the stream has for it. */
const sizeOf = (name) => ({
  [/^Age(En|De)cryptStream$/.test(name) ? "chunkSize" : "maxChunkSize"]: CHUNK_SIZE,
});

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/**
 * Moments: what is going on in the stream. Each gives promises of a read and of a write that are
 * pending, where there are any.
 */
const MOMENTS = {
  "before anything": { workFactor: 1, begin: async () => ({}) },

  "during the derivation": {
    workFactor: 18,
    async begin({ reader, writer, slowInput }) {
      const pending = { read: reader.read(), write: writer.write(slowInput) };
      silence(pending);
      await pause();
      return pending;
    },
  },

  "while a read waits": {
    workFactor: 1,
    async begin({ reader, writer, input, reads }) {
      const written = writer.write(input);
      for (let i = 0; i < reads; i += 1) await reader.read();
      await written;
      const pending = { read: reader.read() };
      silence(pending);
      return pending;
    },
  },

  "while a write waits, and another behind it": {
    workFactor: 1,
    async begin({ reader, writer, input }) {
      const pending = { write: writer.write(input), queued: writer.write(input) };
      silence(pending);
      await reader.read();
      return pending;
    },
  },

  "while close() waits": {
    workFactor: 18,
    async begin({ writer, slowInput }) {
      const pending = { write: writer.write(slowInput), queued: writer.close() };
      silence(pending);
      await pause();
      return pending;
    },
  },
};

/** A rejection may come before the test asks for it. */
function silence(pending) {
  for (const promise of Object.values(pending)) promise.catch(() => undefined);
}

const reason = new Error("enough");

/** What ends it: `end` does, `reading` and `writing` are what the two sides must say. */
const ENDINGS = {
  "abort(reason)": {
    end: ({ writer }) => writer.abort(reason),
    reading: (error) => error === reason,
    writing: (error) => error === reason,
  },
  "abort()": {
    end: ({ writer }) => writer.abort(),
    reading: isAbortError,
    writing: (error) => error === undefined,
  },
  "cancel(reason)": {
    end: ({ reader }) => reader.cancel(reason),
    reading: (error) => error === FINE,
    writing: (error) => error === reason,
  },
  "cancel()": {
    end: ({ reader }) => reader.cancel(),
    reading: (error) => error === FINE,
    writing: (error) => error === undefined,
  },
  "the signal, with a reason": {
    end: ({ abort }) => abort.abort(reason),
    reading: (error) => error === reason,
    writing: (error) => error === reason,
  },
  "the signal": { end: ({ abort }) => abort.abort(), reading: isAbortError, writing: isAbortError },
};

function isAbortError(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

async function assertFailure(promise, check, what) {
  const error = await failure(promise);
  assert.ok(check(error), `${what}: ${String(error)}`);
}

const KINDS = {
  ...Object.fromEntries(
    Object.entries(ENCRYPTING).map(([name, Stream]) => [
      name,
      {
        make: (workFactor, signal) =>
          new Stream(PASSPHRASE, { ...sizeOf(name), workFactor, signal }),
        inputs: async () => ({
          input: new Uint8Array(25),
          slowInput: new Uint8Array(25),
          reads: name === "AgeEncryptStream" ? 3 : 4,
        }),
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(DECRYPTING).map(([name, [Stream, format]]) => [
      name,
      {
        make: (workFactor, signal) => new Stream(PASSPHRASE, { ...sizeOf(name), signal }),
        inputs: async () => ({
          input: (await makeFile(format, [10, 10, 3], { chunkSize: CHUNK_SIZE })).bytes.slice(
            0,
            -8,
          ),
          slowInput: slow(format),
          reads: 2,
        }),
      },
    ]),
  ),
};

/** A header that takes its time. */
function slow(format) {
  const text = new TextDecoder().decode(headerOf(18));
  const identifier =
    format === "age"
      ? `age-encryption.org/v1?chunk=${CHUNK_SIZE}`
      : `github.com/parsimonit/age-rt-encryption/v0.2?maxchunk=${CHUNK_SIZE}`;
  return new TextEncoder().encode(text.replace(/^[^\n]*/, identifier));
}

for (const [name, { make, inputs }] of Object.entries(KINDS)) {
  for (const [moment, { workFactor, begin }] of Object.entries(MOMENTS)) {
    for (const [ending, { end, reading, writing }] of Object.entries(ENDINGS)) {
      test(`${name}: ${ending} ${moment}`, async () => {
        const before = liveObjects();
        const abort = new AbortController();
        const stream = make(workFactor, abort.signal);
        const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
        const { read, write, queued } = await begin({ reader, writer, ...(await inputs()) });
        await end({ reader, writer, abort });
        if (read) await assertFailure(read, reading, "the read that waited");
        // With no reason given the platform's own says undefined, and a write that runs meanwhile
        // an AbortError.
        if (write)
          await assertFailure(
            write,
            (error) => writing(error) || isAbortError(error),
            "the write that waited",
          );
        if (queued) await assertFailure(queued, writing, "what waited behind it");
        await assertFailure(reader.closed, reading, "the reader's closed");
        await assertFailure(writer.closed, writing, "the writer's closed");
        await assertFailure(reader.read(), reading, "a read afterwards");
        await assertFailure(writer.write(new Uint8Array(1)), writing, "a write afterwards");
        assert.equal(liveObjects(), before);
      });
    }
  }

  test(`${name}: a signal that was aborted before ends it in the constructor, which does not throw`, async () => {
    const before = liveObjects();
    const stream = make(1, AbortSignal.abort(reason));
    assert.equal(await failure(stream.readable.getReader().read()), reason);
    assert.equal(await failure(stream.writable.getWriter().write(new Uint8Array(1))), reason);
    assert.equal(liveObjects(), before);
  });

  test(`${name}: a signal that times out`, async () => {
    const stream = make(18, AbortSignal.timeout(20));
    // Node would not wait for the signal alone.
    const [error] = await Promise.all([failure(stream.readable.getReader().read()), pause()]);
    assert.equal(error.name, "TimeoutError");
    assert.equal(await failure(stream.writable.getWriter().closed), error);
  });

  test(`${name}: two endings at once, the first counts`, async () => {
    const stream = make(1, undefined);
    const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
    await Promise.all([writer.abort(reason), reader.cancel("another").catch(() => undefined)]);
    assert.equal(await failure(reader.closed), reason);
    assert.equal(await failure(writer.closed), reason);
  });
}

for (const [name, Stream] of Object.entries(ENCRYPTING)) {
  for (const [how, end] of [
    ["abort()", ({ writer }) => writer.abort(reason)],
    ["cancel()", ({ reader }) => reader.cancel(reason)],
    ["the signal", ({ abort }) => abort.abort(reason)],
  ]) {
    test(`${name}: ${how} after the end changes nothing`, async () => {
      const before = liveObjects();
      const abort = new AbortController();
      const stream = new Stream(PASSPHRASE, { ...QUICK, signal: abort.signal });
      const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
      const closed = writer.close();
      while (!(await reader.read()).done);
      await closed;
      await end({ reader, writer, abort });
      assert.deepEqual([await failure(reader.closed), await failure(writer.closed)], [FINE, FINE]);
      assert.equal(liveObjects(), before);
    });
  }

  test(`${name}: the signal is left alone once the stream is over`, async () => {
    const listeners = new Set();
    const { signal } = new AbortController();
    signal.addEventListener = (type, listener) => listeners.add(listener);
    signal.removeEventListener = (type, listener) => listeners.delete(listener);
    const stream = new Stream(PASSPHRASE, { ...QUICK, signal });
    const closed = stream.writable.getWriter().close();
    const reader = stream.readable.getReader();
    while (!(await reader.read()).done);
    await closed;
    assert.equal(listeners.size, 0);
  });
}

for (const [name, [Stream, format]] of Object.entries(DECRYPTING)) {
  test(`${name}: abort() and cancel() after an error leave it as it is`, async () => {
    const { bytes } = await makeFile(format, [3], { chunkSize: CHUNK_SIZE });
    const stream = new Stream("wrong", sizeOf(name));
    const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
    const error = await failure(writer.write(bytes));
    // Both are what the platform's own do with a stream that is errored.
    assert.equal(await failure(reader.cancel(reason)), error);
    assert.equal(await failure(writer.abort(reason)), FINE);
    assert.deepEqual(
      [await failure(reader.closed), await failure(writer.closed)].map((seen) => seen === error),
      [true, true],
    );
  });
}
