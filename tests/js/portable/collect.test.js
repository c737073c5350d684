/** toBlob() and messages(): what comes out of a stream, with the stream's own errors. */
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  encrypt,
  messages,
  toBlob,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { streamOf } from "../lib/streams.js";
import { utf8 } from "./lib/bytes.js";
import { coded } from "./lib/errors.js";
import { failure } from "./lib/fate.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const random = new Random();
const reason = new Error("enough");
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

/** A stream that gives chunks for ever, and says what it was cancelled with. */
function endless() {
  const cancelled = {};
  cancelled.promise = new Promise((resolve) => (cancelled.resolve = resolve));
  const stream = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      controller.enqueue(new Uint8Array(10));
    },
    cancel: (why) => cancelled.resolve(why),
  });
  return { stream, cancelled: cancelled.promise };
}

for (const size of [0, 1, 1_048_575, 1_048_576, 3_000_000]) {
  test(`toBlob() gives all of ${size} bytes, in order (seed ${seed})`, async () => {
    const bytes = random.bytes(size);
    const file = await encrypt(bytes, PASSPHRASE, QUICK);
    const stream = streamOf([file]).pipeThrough(new AgeDecryptStream(PASSPHRASE));
    const blob = await toBlob(stream, { type: "application/pdf" });
    assert.equal(blob.type, "application/pdf");
    assert.bytesEqual(await bytesOf(blob), bytes);
  });
}

test("toBlob() of what is encrypted opens again", async () => {
  const blob = await toBlob(
    streamOf([utf8("text")]).pipeThrough(new AgeEncryptStream(PASSPHRASE, QUICK)),
  );
  const stream = blob.stream().pipeThrough(new AgeDecryptStream(PASSPHRASE));
  assert.bytesEqual(await bytesOf(await toBlob(stream)), utf8("text"));
});

test("toBlob() rejects with the stream's own error", async () => {
  const { bytes } = await makeFile("age", [65_536, 10]);
  for (const [input, passphrase, code] of [
    [bytes, "wrong", "wrong-passphrase"],
    [bytes.subarray(0, -5), PASSPHRASE, "chunk-authentication"],
    [bytes.subarray(0, 50), PASSPHRASE, "truncated"],
  ]) {
    const stream = streamOf([input]).pipeThrough(new AgeDecryptStream(passphrase));
    assert.ok(coded(code)(await failure(toBlob(stream))), code);
  }
});

test("toBlob(): an abort cancels the stream with its reason, and rejects with it", async () => {
  const abort = new AbortController();
  const { stream, cancelled } = endless();
  const blob = failure(toBlob(stream, { signal: abort.signal }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  abort.abort(reason);
  assert.equal(await blob, reason);
  assert.equal(await cancelled, reason);
  assert.ok(!stream.locked);
});

test("toBlob(): a signal that was aborted before", async () => {
  const { stream, cancelled } = endless();
  assert.equal(await failure(toBlob(stream, { signal: AbortSignal.abort(reason) })), reason);
  assert.equal(await cancelled, reason);
});

test("toBlob(): an abort after the end changes nothing, and no listener stays", async () => {
  const abort = new AbortController();
  const blob = await toBlob(streamOf([new Uint8Array(3)]), { signal: abort.signal });
  abort.abort(reason);
  assert.equal(blob.size, 3);
});

test("toBlob() of a stream of text is a TypeError, and cancels it", async () => {
  let why;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue("text"),
    cancel: (given) => void (why = given),
  });
  const error = await failure(toBlob(stream));
  assert.ok(error instanceof TypeError && why === error);
});

test("what is no stream, or locked, is a TypeError", async () => {
  const locked = streamOf([]);
  locked.getReader();
  for (const value of [undefined, null, new Uint8Array(1), "text", new Response("x"), locked]) {
    assert.ok((await failure(toBlob(value))) instanceof TypeError);
    assert.throws(() => messages(value), TypeError);
  }
  for (const options of [null, { type: 1 }, { typ: "x" }, { signal: {} }])
    assert.ok((await failure(toBlob(streamOf([]), options))) instanceof TypeError);
});

const PLAIN = ["Hello", "", "World"];
const encrypted = () =>
  streamOf(PLAIN.map(utf8))
    .pipeThrough(new AgeRtEncryptStream(PASSPHRASE, QUICK))
    .pipeThrough(new AgeRtDecryptStream(PASSPHRASE));

test("messages() gives each as it was written", async () => {
  const seen = [];
  for await (const message of messages(encrypted())) seen.push(new TextDecoder().decode(message));
  assert.deepEqual(seen, PLAIN);
});

test("leaving the loop cancels the stream, and unlocks it", async () => {
  for (const leave of ["break", "throw"]) {
    const { stream, cancelled } = endless();
    const loop = (async () => {
      for await (const message of messages(stream)) {
        if (leave === "break") break;
        throw message;
      }
    })();
    await failure(loop);
    await cancelled;
    assert.ok(!stream.locked);
  }
});

test("messages() throws what the stream fails with, after what verified", async () => {
  const { bytes } = await makeFile("age-rt", [4, 4]);
  const stream = streamOf([bytes.subarray(0, -3)]).pipeThrough(new AgeRtDecryptStream(PASSPHRASE));
  const seen = [];
  const error = await failure(
    (async () => {
      for await (const message of messages(stream)) seen.push(message.length);
    })(),
  );
  assert.ok(coded("truncated")(error), String(error));
  assert.deepEqual(seen, [4]);
});
