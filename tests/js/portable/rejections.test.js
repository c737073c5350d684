/**
 * No ending leaves a rejection that nobody could have handled: in Node it would take the process
 * down.
 */
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
} from "age-rt-wasm";
import { assert, inNode, test } from "../harness.js";
import { streamOf } from "../lib/streams.js";
import { utf8 } from "./lib/bytes.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";

/** Bun, too, tells its process and not its global object. */
const likeNode = inNode || typeof Bun !== "undefined";

/** Runs something and gives what was rejected meanwhile without a handler. */
async function unhandled(run) {
  const seen = [];
  const stop = likeNode ? listenInNode(seen) : listenInPage(seen);
  try {
    await run();
    // Both kinds of host tell at the end of a task.
    for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    stop();
  }
  return seen;
}

function listenInNode(seen) {
  // Those of the test runner, which would fail the test for what it makes on purpose.
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => seen.push(error));
  return () => {
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  };
}

function listenInPage(seen) {
  const listener = (event) => {
    event.preventDefault();
    seen.push(event.reason);
  };
  addEventListener("unhandledrejection", listener);
  return () => removeEventListener("unhandledrejection", listener);
}

test("one that nobody handles is seen", async () => {
  const error = new Error("nobody's");
  assert.deepEqual(await unhandled(async () => void Promise.reject(error)), [error]);
});

const MAKE = {
  AgeEncryptStream: (options) => new AgeEncryptStream(PASSPHRASE, { ...QUICK, ...options }),
  AgeRtEncryptStream: (options) => new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, ...options }),
  AgeDecryptStream: (options) => new AgeDecryptStream(PASSPHRASE, options),
  AgeRtDecryptStream: (options) => new AgeRtDecryptStream(PASSPHRASE, options),
  AgeAutoDecryptStream: (options) => new AgeAutoDecryptStream(PASSPHRASE, options),
};

const reason = new Error("enough");
const wait = () => new Promise((resolve) => setTimeout(resolve, 50));

/** A source that fails at the second piece. */
function failing() {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(1)),
    pull: (controller) => controller.error(reason),
  });
}

const PATHS = {
  "made and forgotten": () => undefined,
  aborted: (stream) => stream.writable.abort(reason),
  cancelled: (stream) => stream.readable.cancel(reason),
  "aborted and cancelled": (stream) =>
    Promise.all([
      stream.writable.abort(reason),
      stream.readable.cancel(reason).catch(() => undefined),
    ]),
  "with reader and writer, and aborted": async (stream) => {
    stream.readable.getReader();
    await stream.writable.getWriter().abort(reason);
  },
  "with reader and writer, and cancelled": async (stream) => {
    stream.writable.getWriter();
    await stream.readable.getReader().cancel(reason);
  },
  "begun by a read that is cancelled": async (stream) => {
    const reader = stream.readable.getReader();
    reader.read();
    await reader.cancel(reason);
    await wait();
  },
  "piped to from a source that fails": async (stream) => {
    failing().pipeThrough(stream);
    await wait();
  },
  "piped to, with a string": async (stream) => {
    streamOf(["text"]).pipeThrough(stream);
    await wait();
  },
  "piped to, and nobody reads": async (stream) => {
    streamOf([utf8("nothing that any of them could decrypt")]).pipeThrough(stream);
    await wait();
  },
  "piped on to a destination that fails": async (stream) => {
    const destination = new WritableStream({
      write: () => {
        throw reason;
      },
    });
    streamOf([new Uint8Array(100)])
      .pipeThrough(stream)
      .pipeTo(destination)
      .catch(() => undefined);
    await wait();
  },
};

for (const [name, make] of Object.entries(MAKE)) {
  for (const [path, run] of Object.entries(PATHS)) {
    test(`${name}: ${path}`, async () => assert.deepEqual(await unhandled(() => run(make())), []));
  }

  test(`${name}: with a signal that is aborted before`, async () =>
    assert.deepEqual(await unhandled(() => make({ signal: AbortSignal.abort(reason) })), []));

  test(`${name}: with a signal that is aborted while it derives`, async () => {
    const run = async () => {
      const abort = new AbortController();
      const work = name.includes("Encrypt") ? { workFactor: 16 } : {};
      streamOf([new Uint8Array(10)]).pipeThrough(make({ signal: abort.signal, ...work }));
      await wait();
      abort.abort(reason);
      await wait();
    };
    assert.deepEqual(await unhandled(run), []);
  });
}

for (const [name, Stream, format] of [
  ["AgeDecryptStream", AgeDecryptStream, "age"],
  ["AgeRtDecryptStream", AgeRtDecryptStream, "age-rt"],
  ["AgeAutoDecryptStream", AgeAutoDecryptStream, "age"],
]) {
  for (const [what, passphrase, cut] of [
    ["a wrong passphrase", "wrong", undefined],
    ["a file that was cut short", PASSPHRASE, -1],
    ["a header that was cut short", PASSPHRASE, 50],
  ]) {
    test(`${name}: ${what}`, async () => {
      const { bytes } = await makeFile(format, [10]);
      const run = async () => {
        const reader = streamOf([bytes.subarray(0, cut)])
          .pipeThrough(new Stream(passphrase))
          .getReader();
        await reader.read().catch(() => undefined);
      };
      assert.deepEqual(await unhandled(run), []);
    });
  }
}

for (const [what, end] of [
  ["forgotten", () => undefined],
  ["cancelled", (stream) => stream.readable.cancel()],
  [
    "read",
    (stream) =>
      stream.readable
        .getReader()
        .read()
        .catch(() => undefined),
  ],
]) {
  test(`AgeEncryptStream: a promise of an encoder that rejects, the stream ${what}`, async () => {
    const run = async () => {
      const promise = AgeEncoder.create(PASSPHRASE, { signal: AbortSignal.timeout(10) });
      await end(new AgeEncryptStream(promise));
      await wait();
    };
    assert.deepEqual(await unhandled(run), []);
  });
}
