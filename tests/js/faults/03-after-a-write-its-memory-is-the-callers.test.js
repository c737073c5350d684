/**
 * One buffer, filled again after each write: what arrives is what was written, although ws sends
 * later than it is told to.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, beforeEach, describe, test } from "node:test";
import { fromDataChannel, fromWebSocket } from "age-rt-wasm";
import { WebSocket, WebSocketServer } from "ws";

const MESSAGE_LEN = 65_536;
const MESSAGES = 160;

/** What the buffer holds for one message: every word differs from every word of the others. */
function fill(words, message) {
  for (let i = 0; i < words.length; i += 1)
    words[i] = Math.imul(message * MESSAGE_LEN + i, 0x9e3779b1);
}

/** Writes all messages out of one buffer. */
async function write(writable) {
  const words = new Uint32Array(MESSAGE_LEN / 4);
  const writer = writable.getWriter();
  for (let message = 0; message < MESSAGES; message += 1) {
    fill(words, message);
    await writer.write(words);
    words.fill(0);
  }
}

/** Reads slowly. @returns how many messages differ from what was written. */
async function wrong(socket) {
  const expected = new Uint32Array(MESSAGE_LEN / 4);
  let received = 0;
  let different = 0;
  await new Promise((resolve, reject) => {
    socket.on("error", reject).on("close", () => reject(new Error("closed")));
    socket.on("message", (data) => {
      fill(expected, received);
      if (Buffer.compare(data, Buffer.from(expected.buffer)) !== 0) different += 1;
      received += 1;
      socket.pause();
      setTimeout(() => socket.resume(), received < 10 ? 50 : 1);
      if (received === MESSAGES) resolve();
    });
  });
  return different;
}

for (const perMessageDeflate of [false, { threshold: 0 }])
  describe(perMessageDeflate ? "with permessage-deflate" : "without permessage-deflate", () => {
    let server;
    let client;
    let accepted;

    before(async () => {
      server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate });
      await once(server, "listening");
    });

    beforeEach(async () => {
      client = new WebSocket(`ws://127.0.0.1:${server.address().port}`, {
        perMessageDeflate: perMessageDeflate !== false,
      });
      [[accepted]] = await Promise.all([once(server, "connection"), once(client, "open")]);
    });

    after(() => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });

    test("from the server", async () => {
      const [different] = await Promise.all([
        wrong(client),
        write(fromWebSocket(accepted).writable),
      ]);
      assert.equal(different, 0);
    });

    test("from the client", async () => {
      const [different] = await Promise.all([
        wrong(accepted),
        write(fromWebSocket(client).writable),
      ]);
      assert.equal(different, 0);
    });
  });

describe("every other socket that is written in JavaScript", () => {
  class Socket extends EventTarget {
    readyState = 1;
    bufferedAmount = 0;
    ordered = true;
    maxRetransmits = null;
    maxPacketLifeTime = null;
    sent = [];
    send(data) {
      this.sent.push(data);
    }
    close() {}
  }
  const bound = new Socket();
  bound.send = bound.send.bind(bound);
  const sockets = {
    "a WebSocket": [new Socket(), fromWebSocket],
    "one whose send() is bound": [bound, fromWebSocket],
    "a proxy of one": [
      new Proxy(new Socket(), {
        get: (target, name) =>
          typeof target[name] === "function" ? target[name].bind(target) : target[name],
        set: Reflect.set,
      }),
      fromWebSocket,
    ],
    "a data channel": [Object.assign(new Socket(), { readyState: "open" }), fromDataChannel],
  };
  for (const [name, [socket, from]] of Object.entries(sockets))
    test(name, async () => {
      const writer = from(socket).writable.getWriter();
      const bytes = Uint8Array.of(1, 2, 3);
      await writer.write(bytes);
      bytes.fill(9);
      assert.deepEqual(new Uint8Array(socket.sent[0]), Uint8Array.of(1, 2, 3));
    });
});
