/**
 * What is no WebSocket is refused by name, and a connection that was lost has the same code on
 * every host.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromDataChannel, fromWebSocket } from "age-rt-wasm";

class Socket extends EventTarget {
  readyState = 1;
  bufferedAmount = 0;
  send() {}
  close() {}
}

/** Settled or not by the time that everything has happened which happens without a timer. */
function state(promise) {
  return Promise.race([
    promise.then(
      () => "resolved",
      (error) => error,
    ),
    new Promise((resolve) => setTimeout(resolve, 50, "pending")),
  ]);
}

describe("fromWebSocket() refuses", () => {
  const others = {
    "a client of socket.io": [
      Object.assign(new Socket(), { readyState: undefined, io: {} }),
      /socket\.io/,
    ],
    "a data channel": [
      Object.assign(new Socket(), { readyState: "open", maxRetransmits: null }),
      /fromDataChannel/,
    ],
    "an object whose readyState is a text": [
      Object.assign(new Socket(), { readyState: "open" }),
      /readyState is "open"/,
    ],
    "an object without one": [{ send() {}, close() {}, addEventListener() {} }, /readyState/],
    null: [null, /got null/],
    "a URL": ["wss://example.org", /got string/],
  };
  for (const [name, [value, message]] of Object.entries(others))
    test(name, () => assert.throws(() => fromWebSocket(value), { name: "TypeError", message }));
});

test("fromDataChannel() refuses a WebSocket", () => {
  const socket = Object.assign(new Socket(), {
    ordered: true,
    maxRetransmits: null,
    maxPacketLifeTime: null,
  });
  assert.throws(() => fromDataChannel(socket), { name: "TypeError", message: /fromWebSocket/ });
});

test("unreliable-channel says what to do with a common library", () => {
  const channel = Object.assign(new Socket(), {
    readyState: "open",
    ordered: false,
    maxRetransmits: null,
    maxPacketLifeTime: null,
  });
  assert.throws(() => fromDataChannel(channel), {
    code: "unreliable-channel",
    message: /peerjs.*reliable: true/,
  });
});

test("a connection that was lost, of which Deno says 0, has 1006", async () => {
  const socket = new Socket();
  const { closed, opened } = fromWebSocket(Object.assign(socket, { readyState: 0 }));
  socket.readyState = 3;
  socket.dispatchEvent(Object.assign(new Event("close"), { code: 0, reason: "", wasClean: false }));
  for (const promise of [opened, closed])
    await assert.rejects(promise, { code: "socket-closed", closeCode: 1006 });
});

describe("a socket that has to be accepted", () => {
  test("is accepted, once its events are heard", async () => {
    class Workerd extends Socket {
      accept() {
        this.dispatchEvent(Object.assign(new Event("message"), { data: Uint8Array.of(7).buffer }));
      }
    }
    const { readable, opened } = fromWebSocket(new Workerd());
    assert.equal(await state(opened), "resolved");
    assert.deepEqual((await readable.getReader().read()).value, Uint8Array.of(7));
  });

  test("and cannot be: both promises and both sides tell", async () => {
    const refusal = new TypeError("already used in a response");
    class Workerd extends Socket {
      accept() {
        throw refusal;
      }
      close() {
        throw refusal;
      }
    }
    const { opened, closed, readable, writable } = fromWebSocket(new Workerd());
    const expected = {
      name: "SocketError",
      code: "socket-closed",
      message: /cannot be accepted/,
      cause: refusal,
    };
    await assert.rejects(opened, expected);
    await assert.rejects(closed, expected);
    await assert.rejects(readable.getReader().read(), expected);
    await assert.rejects(writable.getWriter().write(Uint8Array.of(1)), expected);
  });
});

test("a socket that refuses to close settles what waits for it", async () => {
  const socket = new Socket();
  socket.close = () => {
    throw new Error("refused");
  };
  const { closed, readable } = fromWebSocket(socket);
  await readable.cancel();
  await assert.rejects(closed, { code: "socket-closed", closeCode: 1006 });
});
