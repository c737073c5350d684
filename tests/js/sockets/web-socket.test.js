/** fromWebSocket() with sockets that do exactly what a test needs. */
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import { fromWebSocket, SocketError } from "age-rt-wasm";
import { chunksOf, joined } from "../lib/streams.js";
import { until } from "../lib/wait.js";
import { FakeSocket, PausableSocket } from "./lib/fake-socket.js";

const CONNECTING = 0;
const BYTES = Uint8Array.of(1, 2, 3);

/**
 * Whether a promise has settled by the time that everything which can happen without a timer has
 * happened.
 */
async function settled(promise) {
  let done = false;
  const see = () => void (done = true);
  promise.then(see, see);
  await new Promise((resolve) => setTimeout(resolve, 20));
  return done;
}

async function allOf(readable) {
  return joined(await chunksOf(readable));
}

describe("opening", () => {
  test("the binary type is set and messages are heard at once", async () => {
    const socket = new FakeSocket({ readyState: CONNECTING });
    const { readable } = fromWebSocket(socket);
    assert.equal(socket.binaryType, "arraybuffer");
    socket.open();
    socket.receive([1]);
    socket.closed();
    assert.deepEqual(await allOf(readable), Uint8Array.of(1));
  });

  test("a write waits for it", async () => {
    const socket = new FakeSocket({ readyState: CONNECTING });
    const pair = fromWebSocket(socket);
    const writing = pair.writable.getWriter().write(BYTES);
    assert.equal(await settled(writing), false);
    socket.open();
    await writing;
    await pair.opened;
    assert.deepEqual(socket.sent, [BYTES]);
  });

  test("one that fails is told to everyone, with what the host says about it", async () => {
    const socket = new FakeSocket({ readyState: CONNECTING });
    const pair = fromWebSocket(socket);
    const refused = new Error("refused");
    socket.emit("error", { error: refused });
    socket.closed({ code: 1006, wasClean: false });
    const expected = (error) =>
      error instanceof SocketError &&
      error.name === "SocketError" &&
      error.code === "socket-closed" &&
      error.closeCode === 1006 &&
      error.cause === refused;
    await assert.rejects(pair.opened, expected);
    await assert.rejects(pair.closed, expected);
    await assert.rejects(pair.readable.getReader().read(), expected);
    await assert.rejects(pair.writable.getWriter().closed, expected);
  });

  test("a socket that is over already", async () => {
    const pair = fromWebSocket(new FakeSocket({ readyState: 3 }));
    await assert.rejects(pair.opened, { code: "socket-closed" });
    await assert.rejects(pair.readable.getReader().read(), { code: "socket-closed" });
  });
});

describe("receiving", () => {
  test("bytes own their whole buffer, whatever the message came as", async () => {
    const socket = new FakeSocket();
    const { readable } = fromWebSocket(socket);
    const reader = readable.getReader();
    for (const data of [
      BYTES.buffer.slice(0),
      Buffer.from(BYTES),
      runInNewContext("Uint8Array.of(1, 2, 3).buffer"),
    ]) {
      const next = reader.read();
      socket.emit("message", { data });
      const { value } = await next;
      assert.ok(
        value instanceof Uint8Array && !Buffer.isBuffer(value) && value.buffer.byteLength === 3,
      );
      assert.deepEqual(value, BYTES);
    }
  });

  test("an empty message is none", async () => {
    const socket = new FakeSocket();
    const { readable } = fromWebSocket(socket);
    const next = readable.getReader().read();
    socket.receive([]);
    socket.receive([7]);
    assert.deepEqual((await next).value, Uint8Array.of(7));
  });

  test("text is refused with 1003", async () => {
    const socket = new FakeSocket();
    const pair = fromWebSocket(socket);
    socket.receive("text");
    await assert.rejects(pair.readable.getReader().read(), { code: "text-frame" });
    await assert.rejects(pair.writable.getWriter().closed, { code: "text-frame" });
    assert.equal(socket.closes[0][0], 1003);
  });

  test("too much of it is refused with 1009", async () => {
    const socket = new FakeSocket();
    const pair = fromWebSocket(socket, { maxBufferedBytes: 10 });
    socket.receive(new Uint8Array(10));
    assert.deepEqual(socket.closes, []);
    socket.receive([1]);
    assert.equal(socket.closes[0][0], 1009);
    await assert.rejects(pair.readable.getReader().read(), { code: "socket-overflow" });
    await assert.rejects(pair.writable.getWriter().closed, { code: "socket-overflow" });
  });

  test("what has been read counts no more", async () => {
    const socket = new FakeSocket();
    const { readable } = fromWebSocket(socket, { maxBufferedBytes: 10 });
    const reader = readable.getReader();
    for (let i = 0; i < 100; i += 1) {
      socket.receive(new Uint8Array(10));
      assert.equal((await reader.read()).value.length, 10);
    }
  });

  test("where a page may not say 1003 or 1009, the peer still learns that it went wrong", () => {
    const codes = ["text", new Uint8Array(2)].map((message) => {
      const socket = new FakeSocket({ codes: "page" });
      fromWebSocket(socket, { maxBufferedBytes: 1 });
      socket.receive(message);
      return socket.closes[0][0];
    });
    assert.deepEqual(codes, [4003, 4009]);
  });

  test("single bytes that wait take no more memory than bytes", async () => {
    const socket = new FakeSocket();
    const { readable } = fromWebSocket(socket);
    const sent = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    for (const byte of sent) socket.receive([byte]);
    socket.closed();
    const chunks = await chunksOf(readable);
    assert.ok(chunks.length < 10, `${chunks.length} chunks`);
    assert.ok(chunks.every((chunk) => chunk.buffer.byteLength === chunk.length));
    assert.deepEqual(joined(chunks), sent);
  });

  test("long and short messages that wait keep their order", async () => {
    const socket = new FakeSocket();
    const { readable } = fromWebSocket(socket);
    const sent = [];
    for (const length of [1, 16_383, 2, 16_384, 3, 40_000, 16_000, 1000, 5]) {
      const message = new Uint8Array(length).fill(sent.length + 1);
      sent.push(message);
      socket.receive(message);
    }
    const reader = readable.getReader();
    const first = (await reader.read()).value;
    socket.receive([99]);
    reader.releaseLock();
    socket.closed();
    assert.deepEqual(joined([first, await allOf(readable)]), joined([...sent, Uint8Array.of(99)]));
  });

  test("a socket that can pause does while nobody reads", async () => {
    const socket = new PausableSocket();
    const { readable } = fromWebSocket(socket);
    const reader = readable.getReader();
    const first = reader.read();
    socket.receive([1]);
    await first;
    assert.equal(socket.paused, false);
    socket.receive([2]);
    assert.equal(socket.paused, true);
    await reader.read();
    assert.equal(socket.paused, false);
  });

  test("closing resumes a paused socket, whose answer would not be heard", () => {
    for (const close of [
      (pair) => pair.close(),
      (pair) => pair.writable.abort(),
      (pair) => pair.readable.cancel(),
    ]) {
      const socket = new PausableSocket();
      const pair = fromWebSocket(socket);
      socket.receive([1]);
      assert.equal(socket.paused, true);
      close(pair);
      socket.receive([2]);
      assert.equal(socket.paused, false);
    }
  });
});

describe("sending", () => {
  test("an empty write sends nothing", async () => {
    const socket = new FakeSocket();
    await fromWebSocket(socket).writable.getWriter().write(new Uint8Array(0));
    assert.deepEqual(socket.sent, []);
  });

  test("a write waits while too much is unsent", async () => {
    const socket = new FakeSocket();
    const writer = fromWebSocket(socket, { highWaterMark: 100 }).writable.getWriter();
    socket.bufferedAmount = 100;
    const writing = writer.write(BYTES);
    const next = writer.write(BYTES);
    assert.equal(await settled(writing), false);
    assert.equal(socket.sent.length, 1);
    socket.bufferedAmount = 99;
    await writing;
    await next;
    assert.equal(socket.sent.length, 2);
  });

  test("a socket that does not tell what is unsent", async () => {
    const socket = new FakeSocket();
    socket.bufferedAmount = undefined;
    const pair = fromWebSocket(socket);
    const writer = pair.writable.getWriter();
    await writer.write(BYTES);
    const closing = writer.close();
    await until(() => socket.closes.length === 1);
    socket.closed();
    await closing;
  });

  test("close() sends what is left, closes with 1000, and waits for the peer", async () => {
    const socket = new FakeSocket();
    const writer = fromWebSocket(socket).writable.getWriter();
    await writer.write(BYTES);
    socket.bufferedAmount = 1;
    const closing = writer.close();
    assert.equal(await settled(closing), false);
    assert.deepEqual(socket.closes, []);
    socket.bufferedAmount = 0;
    await until(() => socket.closes.length === 1);
    assert.deepEqual(socket.closes, [[1000, ""]]);
    assert.equal(await settled(closing), false);
    socket.closed();
    await closing;
  });

  test("close() rejects if the peer is gone before everything is sent", async () => {
    const socket = new FakeSocket();
    const writer = fromWebSocket(socket).writable.getWriter();
    socket.bufferedAmount = 1;
    const closing = writer.close();
    await settled(closing);
    socket.closed({ code: 1006, wasClean: false });
    await assert.rejects(closing, { code: "socket-closed", closeCode: 1006 });
  });

  test("a write on a socket that is closing learns why", async () => {
    const socket = new FakeSocket();
    const writer = fromWebSocket(socket).writable.getWriter();
    socket.readyState = 2;
    const writing = writer.write(BYTES);
    await settled(writing);
    socket.closed({ code: 1011, reason: "out of paper" });
    await assert.rejects(writing, {
      code: "socket-closed",
      closeCode: 1011,
      reason: "out of paper",
    });
  });

  test("a write that waits ends with the socket", async () => {
    const socket = new FakeSocket();
    const writer = fromWebSocket(socket).writable.getWriter();
    socket.bufferedAmount = 2 ** 20;
    await writer.ready;
    const writing = writer.write(BYTES);
    const next = writer.write(BYTES);
    await settled(writing);
    socket.closed();
    await writing;
    await assert.rejects(next, { code: "socket-closed" });
    assert.equal(socket.sent.length, 1);
  });

  test("a send that throws is the end of both sides", async () => {
    const socket = new FakeSocket();
    const failure = new Error("no");
    socket.send = () => {
      throw failure;
    };
    const pair = fromWebSocket(socket);
    await assert.rejects(pair.writable.getWriter().write(BYTES), failure);
    await assert.rejects(pair.readable.getReader().read(), failure);
    assert.equal(socket.closes.length, 1);
  });

  test("what is no bytes is a TypeError", async () => {
    const socket = new FakeSocket();
    await assert.rejects(fromWebSocket(socket).writable.getWriter().write("text"), TypeError);
    assert.equal(socket.closes.length, 1);
  });

  test("a buffer that is detached while the socket opens", async () => {
    const socket = new FakeSocket();
    const bytes = BYTES.slice();
    const writing = fromWebSocket(socket).writable.getWriter().write(bytes);
    await undefined;
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    // Sent or refused: never silently nothing.
    const sent = await writing.then(
      () => socket.sent.length,
      (error) => error instanceof TypeError,
    );
    assert.ok(sent === 1 || sent === true);
  });
});

describe("the peer closes", () => {
  for (const code of [1000, 1005]) {
    test(`cleanly with ${code}: the end, after everything that was received`, async () => {
      const socket = new FakeSocket();
      const pair = fromWebSocket(socket);
      socket.receive([1, 2]);
      socket.closed({ code, reason: "bye" });
      assert.deepEqual(await pair.closed, { code, reason: "bye" });
      assert.deepEqual(await allOf(pair.readable), Uint8Array.of(1, 2));
      await assert.rejects(pair.writable.getWriter().closed, {
        code: "socket-closed",
        closeCode: code,
      });
    });
  }

  for (const [name, ending] of Object.entries({
    "with 1011": { code: 1011, reason: "out of paper" },
    "with 1001": { code: 1001 },
    "with 4009": { code: 4009 },
    uncleanly: { code: 1006, wasClean: false },
    "uncleanly with 1000": { code: 1000, wasClean: false },
  })) {
    test(`${name}: an error, after everything that was received`, async () => {
      const socket = new FakeSocket();
      const pair = fromWebSocket(socket);
      socket.receive([1]);
      socket.closed(ending);
      const reader = pair.readable.getReader();
      assert.deepEqual((await reader.read()).value, Uint8Array.of(1));
      await assert.rejects(reader.read(), {
        code: "socket-closed",
        closeCode: ending.code,
        reason: ending.reason ?? "",
      });
      if (ending.wasClean === false)
        await assert.rejects(pair.closed, { code: "socket-closed", closeCode: ending.code });
      else assert.equal((await pair.closed).code, ending.code);
    });
  }
});

test("what a peer gives as its reason is in the error's reason, and not in the message that goes into logs", async () => {
  const socket = new FakeSocket();
  const pair = fromWebSocket(socket);
  const reason = "ok\n2026-01-01 INFO login of root\u001b[2J";
  socket.closed({ code: 4000, reason });
  const error = await pair.readable
    .getReader()
    .read()
    .catch((thrown) => thrown);
  assert.equal(error.reason, reason);
  assert.ok(!error.message.includes("login"));
});

describe("this side closes", () => {
  test("with a code and a reason", () => {
    const socket = new FakeSocket();
    fromWebSocket(socket).close(4321, "bye");
    assert.deepEqual(socket.closes, [[4321, "bye"]]);
  });

  test("with a reason alone", () => {
    const socket = new FakeSocket();
    fromWebSocket(socket).close(undefined, "bye");
    assert.deepEqual(socket.closes, [[1000, "bye"]]);
  });

  for (const [name, reason, expected] of [
    ["ASCII", "a".repeat(200), "a".repeat(123)],
    ["two bytes each", "é".repeat(100), "é".repeat(61)],
    ["three bytes each", "語".repeat(50), "語".repeat(41)],
    ["four bytes each", "🦀".repeat(50), "🦀".repeat(30)],
    ["exactly 123 bytes", "é".repeat(61) + "a", "é".repeat(61) + "a"],
  ]) {
    test(`a reason is cut to 123 bytes between characters: ${name}`, () => {
      const socket = new FakeSocket();
      fromWebSocket(socket).close(1000, reason);
      assert.deepEqual(socket.closes, [[1000, expected]]);
    });
  }

  test("a code that is not for applications is a RangeError", () => {
    const socket = new FakeSocket();
    for (const code of [0, 999, 1001, 1006, 1011, 2999, 5000, 3000.5, "1000", NaN])
      assert.throws(() => fromWebSocket(socket).close(code), RangeError);
    assert.deepEqual(socket.closes, []);
  });

  test("twice, or after the end, changes nothing", async () => {
    const socket = new FakeSocket();
    const pair = fromWebSocket(socket);
    socket.closed();
    pair.close();
    await pair.closed;
    assert.deepEqual(socket.closes, []);
  });

  test("what still arrives is read", async () => {
    const socket = new FakeSocket();
    const pair = fromWebSocket(socket);
    pair.close();
    socket.receive([1]);
    socket.closed();
    assert.deepEqual(await allOf(pair.readable), Uint8Array.of(1));
  });

  test("cancel and abort close it as failed, or with the reason's own code where it has one, but not with another peer's", async () => {
    const reasons = [
      [undefined, [1011, ""]],
      [new Error("why"), [1011, ""]],
      [{ closeCode: 4001, reason: "é".repeat(100) }, [4001, "é".repeat(61)]],
      [{ closeCode: 1006 }, [4006, ""]],
      [{ closeCode: "many" }, [1011, ""]],
      [new SocketError("socket-closed", "", { closeCode: 4321, reason: "by another" }), [1011, ""]],
      [new SocketError("socket-closed", "", { closeCode: 1000, reason: "" }), [1011, ""]],
    ];
    for (const [reason, expected] of reasons) {
      for (const end of [
        (pair) => pair.readable.cancel(reason),
        (pair) => pair.writable.abort(reason),
      ]) {
        const socket = new FakeSocket();
        await end(fromWebSocket(socket));
        assert.deepEqual(socket.closes, [expected]);
      }
    }
  });

  test("a write of what is no bytes closes it as failed, in a page by a code that pages may send", async () => {
    for (const [codes, expected] of [
      ["any", 1011],
      ["page", 4011],
    ]) {
      const socket = new FakeSocket({ codes });
      await assert.rejects(fromWebSocket(socket).writable.getWriter().write("text"), TypeError);
      assert.deepEqual(socket.closes, [[expected, ""]]);
    }
  });

  test("cancelling one side errors the other", async () => {
    const reason = new Error("why");
    const cancelled = fromWebSocket(new FakeSocket());
    await cancelled.readable.cancel(reason);
    await assert.rejects(cancelled.writable.getWriter().closed, reason);
    const aborted = fromWebSocket(new FakeSocket());
    await aborted.writable.abort(reason);
    await assert.rejects(aborted.readable.getReader().read(), reason);
  });

  test("an abort does not wait for a write that does", async () => {
    const socket = new FakeSocket();
    const writer = fromWebSocket(socket).writable.getWriter();
    socket.bufferedAmount = 2 ** 30;
    writer.write(BYTES).catch(() => undefined);
    await settled(writer.ready);
    await writer.abort();
  });
});

describe("a signal", () => {
  for (const [name, readyState] of [
    ["while it connects", CONNECTING],
    ["while it is open", 1],
  ]) {
    test(`ends everything with its reason ${name}`, async () => {
      const controller = new AbortController();
      const socket = new FakeSocket({ readyState });
      const pair = fromWebSocket(socket, { signal: controller.signal });
      const reading = pair.readable.getReader().read();
      const reason = new Error("enough");
      controller.abort(reason);
      await assert.rejects(reading, reason);
      await assert.rejects(pair.writable.getWriter().closed, reason);
      if (readyState === CONNECTING) await assert.rejects(pair.opened, reason);
      assert.deepEqual(socket.closes, [[1011, ""]]);
    });
  }

  test("aborted before", async () => {
    const socket = new FakeSocket({ readyState: CONNECTING });
    const pair = fromWebSocket(socket, { signal: AbortSignal.abort() });
    await assert.rejects(pair.opened, { name: "AbortError" });
    assert.equal(socket.closes.length, 1);
  });

  test("aborted after the end changes nothing", async () => {
    const controller = new AbortController();
    const socket = new FakeSocket();
    const { readable } = fromWebSocket(socket, { signal: controller.signal });
    socket.closed();
    controller.abort();
    assert.equal((await readable.getReader().read()).done, true);
  });
});

describe("no listener is left, on the socket or the signal, after", () => {
  const endings = {
    "the peer's close": () => undefined,
    "an unclean close": (pair, socket) => socket.closed({ code: 1006, wasClean: false }),
    "close()": (pair) => pair.close(),
    "a cancel": (pair) => void pair.readable.cancel(),
    "an abort": (pair) => void pair.writable.abort(),
    text: (pair, socket) => socket.receive("text"),
    "too much": (pair, socket) => socket.receive(new Uint8Array(2)),
    "its signal": (pair, socket, controller) => controller.abort(),
    "the writable's end": (pair) => void pair.writable.close(),
  };
  for (const [name, end] of Object.entries(endings)) {
    test(name, async () => {
      const controller = new AbortController();
      const socket = new FakeSocket();
      const pair = fromWebSocket(socket, { signal: controller.signal, maxBufferedBytes: 1 });
      assert.ok(socket.listeners > 0 && getEventListeners(controller.signal, "abort").length > 0);
      end(pair, socket, controller);
      await settled(pair.closed);
      socket.closed();
      await settled(pair.closed);
      assert.equal(socket.listeners, 0);
      assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    });
  }
});

describe("arguments", () => {
  test("what is no WebSocket is a TypeError", () => {
    for (const socket of [undefined, null, {}, "ws://localhost", { send() {} }])
      assert.throws(() => fromWebSocket(socket), TypeError);
  });

  test("options of the wrong type are a TypeError, sizes below one byte a RangeError", () => {
    for (const options of [
      null,
      1,
      { signal: {} },
      { highWaterMark: "1" },
      { maxBufferedBytes: "1" },
    ])
      assert.throws(() => fromWebSocket(new FakeSocket(), options), TypeError);
    for (const options of [
      { highWaterMark: 0 },
      { maxBufferedBytes: -1 },
      { maxBufferedBytes: NaN },
    ])
      assert.throws(() => fromWebSocket(new FakeSocket(), options), RangeError);
  });

  test("one that throws leaves the socket alone", () => {
    const socket = new FakeSocket();
    assert.throws(() => fromWebSocket(socket, { highWaterMark: 0 }), RangeError);
    assert.equal(socket.listeners, 0);
  });
});
