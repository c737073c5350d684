/**
 * fromDataChannel() with channels that do exactly what a test needs; two real ones are in
 * chromium.test.js.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromDataChannel } from "age-rt-wasm";
import { chunksOf } from "../lib/streams.js";
import { FakeSocket } from "./lib/fake-socket.js";

class FakeChannel extends FakeSocket {
  ordered = true;
  maxRetransmits = null;
  maxPacketLifeTime = null;
  bufferedAmountLowThreshold = 0;

  constructor(readyState = "open") {
    super({ readyState });
  }

  send(bytes) {
    if (this.readyState !== "open") throw new Error("not open");
    this.sent.push(bytes.slice());
  }

  close() {
    this.closes.push([]);
    this.readyState = "closing";
  }

  open() {
    this.readyState = "open";
    this.emit("open");
  }

  closed() {
    this.readyState = "closed";
    this.emit("close");
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

test("messages are cut to what every peer takes", async () => {
  const channel = new FakeChannel();
  const bytes = Uint8Array.from({ length: 40_000 }, (_, i) => i % 251);
  await fromDataChannel(channel).writable.getWriter().write(bytes);
  assert.deepEqual(
    channel.sent.map(({ length }) => length),
    [16_384, 16_384, 7232],
  );
  assert.deepEqual(Buffer.concat(channel.sent), Buffer.from(bytes));
});

test("a write waits for the event that tells of less unsent, and polls nothing", async () => {
  const channel = new FakeChannel();
  const writer = fromDataChannel(channel, { highWaterMark: 100 }).writable.getWriter();
  channel.bufferedAmount = 100;
  let written = false;
  const writing = writer.write(new Uint8Array(1)).then(() => void (written = true));
  await turn();
  assert.equal(channel.bufferedAmountLowThreshold, 50);
  channel.bufferedAmount = 50;
  await turn();
  assert.equal(written, false);
  channel.emit("bufferedamountlow");
  await writing;
});

test("between the pieces of one write too", async () => {
  const channel = new FakeChannel();
  const writer = fromDataChannel(channel, { highWaterMark: 16_384 }).writable.getWriter();
  channel.bufferedAmount = 16_384;
  const writing = writer.write(new Uint8Array(20_000));
  await turn();
  assert.equal(channel.sent.length, 1);
  channel.bufferedAmount = 0;
  channel.emit("bufferedamountlow");
  await writing;
  assert.equal(channel.sent.length, 2);
});

test("a channel that is connecting is waited for", async () => {
  const channel = new FakeChannel("connecting");
  const pair = fromDataChannel(channel);
  assert.equal(channel.binaryType, "arraybuffer");
  const writing = pair.writable.getWriter().write(Uint8Array.of(1));
  await turn();
  assert.equal(channel.sent.length, 0);
  channel.open();
  await writing;
  await pair.opened;
});

test("the writable's end is sent whole before the channel closes", async () => {
  const channel = new FakeChannel();
  const pair = fromDataChannel(channel);
  channel.bufferedAmount = 1;
  const closing = pair.writable.close();
  await turn();
  assert.equal(channel.closes.length, 0);
  channel.bufferedAmount = 0;
  channel.emit("bufferedamountlow");
  await turn();
  assert.equal(channel.closes.length, 1);
  channel.closed();
  await closing;
  assert.deepEqual(await pair.closed, { code: 1000, reason: "" });
});

test("a channel that fails is an error, not an end", async () => {
  const channel = new FakeChannel();
  const pair = fromDataChannel(channel);
  channel.emit("error", { error: new Error("the transport is gone") });
  channel.closed();
  await assert.rejects(chunksOf(pair.readable), {
    code: "socket-closed",
    closeCode: 1006,
    reason: "the transport is gone",
  });
  await assert.rejects(pair.closed, { code: "socket-closed" });
});

test("too much that nobody reads is an error", async () => {
  const channel = new FakeChannel();
  const { readable } = fromDataChannel(channel, { maxBufferedBytes: 1 });
  channel.receive([1, 2]);
  await assert.rejects(chunksOf(readable), { code: "socket-overflow" });
  assert.equal(channel.closes.length, 1);
});

describe("no listener is left after", () => {
  for (const [name, end] of Object.entries({
    "its close": () => undefined,
    "a cancel while a write waits": ({ pair, channel }) => {
      channel.bufferedAmount = 2 ** 20;
      pair.writable
        .getWriter()
        .write(Uint8Array.of(1))
        .catch(() => undefined);
      return turn().then(() => pair.readable.cancel());
    },
    "its signal": ({ controller }) => controller.abort(),
  })) {
    test(name, async () => {
      const controller = new AbortController();
      const channel = new FakeChannel();
      const pair = fromDataChannel(channel, { signal: controller.signal });
      await end({ pair, channel, controller });
      channel.closed();
      await turn();
      assert.equal(channel.listeners, 0);
    });
  }
});

describe("refused", () => {
  for (const [name, value] of [
    ["ordered", false],
    ["maxRetransmits", 0],
    ["maxPacketLifeTime", 0],
  ]) {
    test(`${name}: ${value}`, () => {
      const channel = new FakeChannel();
      channel[name] = value;
      assert.throws(() => fromDataChannel(channel), { code: "unreliable-channel" });
      assert.equal(channel.listeners, 0);
    });
  }

  test("what is no data channel", () => {
    for (const channel of [undefined, null, {}, "channel"])
      assert.throws(() => fromDataChannel(channel), TypeError);
  });
});
