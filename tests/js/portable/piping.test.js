/** Streams in pipes: how ends and errors travel, forward and backward. */
import { liveObjects } from "../lib/instances.js";
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  configure,
  init,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { chunksOf, streamOf } from "../lib/streams.js";
import { until } from "../lib/wait.js";
import { concat, flipped } from "./lib/bytes.js";
import { coded } from "./lib/errors.js";
import { drain, failure, FINE } from "./lib/fate.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";

await init();
configure({ concurrency: 2 });

const reason = new Error("enough");

const PAIRS = {
  age: {
    encrypt: (options) => new AgeEncryptStream(PASSPHRASE, { ...QUICK, ...options }),
    decrypt: (options) => new AgeDecryptStream(PASSPHRASE, options),
  },
  "age-rt": {
    encrypt: (options) => new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, ...options }),
    decrypt: (options) => new AgeRtDecryptStream(PASSPHRASE, options),
  },
};

/** A source that gives pieces and then stays open, until the test ends it by `controller`. */
function source(...pieces) {
  const seen = { cancelled: FINE };
  seen.readable = new ReadableStream(
    {
      start: (controller) => void (seen.controller = controller),
      pull: (controller) =>
        pieces.length > 0 ? controller.enqueue(pieces.shift()) : new Promise(() => undefined),
      cancel: (error) => void (seen.cancelled = error),
    },
    { highWaterMark: 0 },
  );
  return seen;
}

/** A destination that keeps what it gets, and tells when the first of it came. */
function destination(write = () => undefined) {
  const seen = { chunks: [], aborted: FINE, closed: false };
  seen.first = new Promise((resolve) => (seen.tell = resolve));
  seen.writable = new WritableStream({
    write(chunk) {
      seen.chunks.push(chunk);
      seen.tell();
      return write(chunk);
    },
    abort: (error) => void (seen.aborted = error),
    close: () => void (seen.closed = true),
  });
  return seen;
}

for (const [format, { encrypt, decrypt }] of Object.entries(PAIRS)) {
  test(`${format}: an error of the source errors the stream, and what reads from it`, async () => {
    const from = source(new Uint8Array(10));
    const to = destination();
    const done = failure(
      from.readable.pipeThrough(encrypt()).pipeThrough(decrypt()).pipeTo(to.writable),
    );
    from.controller.error(reason);
    assert.equal(await done, reason);
    assert.equal(to.aborted, reason);
  });

  test(`${format}: an error of the destination cancels the source, through both streams`, async () => {
    const from = source(new Uint8Array(200_000));
    const to = destination(() => {
      throw reason;
    });
    assert.equal(
      await failure(
        from.readable.pipeThrough(encrypt()).pipeThrough(decrypt()).pipeTo(to.writable),
      ),
      reason,
    );
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(from.cancelled, reason);
  });

  test(`${format}: an end of the source ends all`, async () => {
    const to = destination();
    await streamOf([new Uint8Array(10)])
      .pipeThrough(encrypt())
      .pipeThrough(decrypt())
      .pipeTo(to.writable);
    assert.deepEqual([to.closed, to.aborted, concat(...to.chunks).length], [true, FINE, 10]);
  });

  test(`${format}: preventClose leaves the writable open for more`, async () => {
    const stream = encrypt();
    const read = chunksOf(stream.readable.pipeThrough(decrypt()));
    await streamOf([Uint8Array.of(1)]).pipeTo(stream.writable, { preventClose: true });
    await streamOf([Uint8Array.of(2)]).pipeTo(stream.writable);
    assert.bytesEqual(concat(...(await read)), Uint8Array.of(1, 2));
  });

  test(`${format}: preventAbort leaves the stream whole when the source fails`, async () => {
    const stream = encrypt();
    const read = chunksOf(stream.readable.pipeThrough(decrypt()));
    const from = source();
    const piped = failure(from.readable.pipeTo(stream.writable, { preventAbort: true }));
    from.controller.error(reason);
    assert.equal(await piped, reason);
    const writer = stream.writable.getWriter();
    await writer.write(Uint8Array.of(1));
    await writer.close();
    assert.bytesEqual(concat(...(await read)), Uint8Array.of(1));
  });

  test(`${format}: preventCancel leaves the stream whole when the destination fails`, async () => {
    const stream = encrypt();
    const to = destination(() => {
      throw reason;
    });
    assert.equal(
      await failure(stream.readable.pipeTo(to.writable, { preventCancel: true })),
      reason,
    );
    const reader = stream.readable.getReader();
    const closed = stream.writable.getWriter().close();
    assert.equal((await reader.read()).done, false);
    await closed;
  });

  test(`${format}: pipeThrough() gives the readable back`, async () => {
    const stream = encrypt();
    assert.equal(streamOf([]).pipeThrough(stream), stream.readable);
    await chunksOf(stream.readable);
  });

  test(`${format}: pipeThrough() locks the writable and leaves the readable`, async () => {
    const stream = encrypt();
    streamOf([]).pipeThrough(stream);
    assert.deepEqual([stream.writable.locked, stream.readable.locked], [true, false]);
    await chunksOf(stream.readable);
  });

  test(`${format}: pipeThrough() with a locked writable is a TypeError`, async () => {
    const stream = encrypt();
    stream.writable.getWriter();
    const from = streamOf([]);
    assert.throws(() => from.pipeThrough(stream), TypeError);
    assert.equal(from.locked, false);
  });

  test(`${format}: pipeThrough() with a locked readable still pipes`, async () => {
    const stream = encrypt();
    const reader = stream.readable.getReader();
    assert.equal(streamOf([]).pipeThrough(stream), stream.readable);
    while (!(await reader.read()).done);
  });

  test(`${format}: a locked side can be neither cancelled nor aborted nor locked again`, async () => {
    const stream = encrypt();
    stream.readable.getReader();
    stream.writable.getWriter();
    await assert.rejects(stream.readable.cancel(), TypeError);
    await assert.rejects(stream.writable.abort(), TypeError);
    assert.throws(() => stream.readable.getReader(), TypeError);
    assert.throws(() => stream.writable.getWriter(), TypeError);
  });

  test(`${format}: pipeThrough() with a signal that was aborted before`, async () => {
    const before = liveObjects();
    const from = source(new Uint8Array(10));
    const stream = encrypt();
    const readable = from.readable.pipeThrough(stream, { signal: AbortSignal.abort(reason) });
    assert.equal(await failure(readable.getReader().read()), reason);
    await until(() => liveObjects() === before);
    assert.deepEqual([from.cancelled, liveObjects()], [reason, before]);
  });

  // The platform's pipe waits for the write that runs, and this one for its readers; a signal in
  // the constructor does not.
  for (const [when, options] of [
    ["during the derivation", { workFactor: 16 }],
    ["in the payload", QUICK],
  ]) {
    test(`${format}: pipeThrough() with a signal that is aborted ${when}`, async () => {
      const before = liveObjects();
      const abort = new AbortController();
      const from = source(new Uint8Array(100_000));
      const reader = from.readable
        .pipeThrough(encrypt(options), { signal: abort.signal })
        .getReader();
      if (options === QUICK) await reader.read();
      const read = drain(reader);
      await new Promise((resolve) => setTimeout(resolve, 20));
      abort.abort(reason);
      assert.equal((await read).error, reason);
      assert.equal(await failure(reader.closed), reason);
      await until(() => liveObjects() === before);
      assert.deepEqual([from.cancelled, liveObjects()], [reason, before]);
    });
  }

  test(`${format}: a signal in the constructor cancels a piped source`, async () => {
    const abort = new AbortController();
    const from = source(new Uint8Array(10));
    const to = destination();
    const done = failure(
      from.readable.pipeThrough(encrypt({ signal: abort.signal })).pipeTo(to.writable),
    );
    await to.first;
    abort.abort(reason);
    assert.equal(await done, reason);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.deepEqual([from.cancelled, to.aborted], [reason, reason]);
  });

  test(`${format}: cancel() of the last readable cancels the source, through both streams`, async () => {
    const before = liveObjects();
    const from = source(new Uint8Array(10));
    const reader = from.readable.pipeThrough(encrypt()).pipeThrough(decrypt()).getReader();
    const read = reader.read();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await reader.cancel(reason);
    await read;
    await until(() => liveObjects() === before);
    assert.deepEqual([from.cancelled, liveObjects()], [reason, before]);
  });

  test(`${format}: an error of the data aborts the destination after every chunk before it`, async () => {
    const before = liveObjects();
    const { bytes, plaintexts } = await makeFile(format, [65_536, 65_536, 10]);
    const from = source(flipped(bytes, bytes.length - 1));
    const to = destination();
    const done = failure(from.readable.pipeThrough(decrypt()).pipeTo(to.writable));
    if (format === "age") {
      // Its last chunk has no length: only the end of the input tells.
      await until(() => to.chunks.length === 2);
      from.controller.close();
    }
    const error = await done;
    assert.ok(coded("chunk-authentication")(error) && to.aborted === error);
    assert.deepEqual(to.chunks, plaintexts.slice(0, 2));
    assert.equal(liveObjects(), before);
    if (format === "age-rt") assert.equal(from.cancelled, error);
  });

  test(`${format}: a slow destination gets all`, async () => {
    const to = destination(() => new Promise((resolve) => setTimeout(resolve, 5)));
    await streamOf([new Uint8Array(300_000), new Uint8Array(5)])
      .pipeThrough(encrypt())
      .pipeThrough(decrypt())
      .pipeTo(to.writable);
    assert.equal(concat(...to.chunks).length, 300_005);
  });

  test(`${format}: both branches of tee() get all`, async () => {
    const branches = streamOf([new Uint8Array(100_000)])
      .pipeThrough(encrypt())
      .pipeThrough(decrypt())
      .tee();
    const [one, other] = await Promise.all(branches.map(chunksOf));
    assert.deepEqual([concat(...one).length, concat(...other).length], [100_000, 100_000]);
  });

  test(`${format}: a reader that is released and another that goes on`, async () => {
    const { bytes, plaintexts } = await makeFile(format, [65_536, 65_536, 10]);
    const readable = streamOf([bytes]).pipeThrough(decrypt());
    const chunks = [];
    for (let i = 0; i < 3; i += 1) {
      const reader = readable.getReader();
      chunks.push((await reader.read()).value);
      reader.releaseLock();
    }
    assert.deepEqual(chunks, plaintexts);
    await readable.cancel();
  });

  test(`${format}: a writer that is released and another that goes on`, async () => {
    const stream = encrypt();
    const read = chunksOf(stream.readable.pipeThrough(decrypt()));
    for (const byte of [1, 2, 3]) {
      const writer = stream.writable.getWriter();
      await writer.write(Uint8Array.of(byte));
      writer.releaseLock();
    }
    await stream.writable.close();
    assert.bytesEqual(concat(...(await read)), Uint8Array.of(1, 2, 3));
  });

  test(`${format}: methods added to Object.prototype see nothing that would break`, async () => {
    const { bytes, plaintexts } = await makeFile(format, [10]);
    const stream = decrypt();
    const reader = stream.readable.getReader();
    const writer = stream.writable.getWriter();
    let asked = 0;
    Object.defineProperty(Object.prototype, "then", {
      configurable: true,
      get() {
        asked += 1;
        return undefined;
      },
    });
    let value;
    try {
      const written = writer.write(bytes).then(() => writer.close());
      value = (await reader.read()).value;
      await written;
    } finally {
      delete Object.prototype.then;
    }
    assert.ok(asked > 0);
    assert.deepEqual([value], plaintexts);
  });
}
