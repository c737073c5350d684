/**
 * Peers refuse long messages, as SOCKETS.md says: from which length on, and not with the
 * standard `maxChunkSize`.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { AgeRtEncoder, AgeRtEncryptStream, fromWebSocket } from "age-rt-wasm";
import { python } from "../lib/repository.js";

const MIB = 2 ** 20;
/** What a chunk is longer than its plaintext: its length, and its tag. */
const OVERHEAD = 20;
const OPTIONS = { workFactor: 1, maxChunkSize: 16 * MIB };

let child;
let urls;
before(async () => {
  child = spawn(python(), [fileURLToPath(new URL("peer/limits.py", import.meta.url))], {
    // They print what they refuse, as faults of their own.
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const [websockets, raised, aiohttp] = line.split(" ").map((port) => `ws://127.0.0.1:${port}/`);
  urls = {
    websockets,
    "websockets with max_size": raised,
    aiohttp,
    "aiohttp with max_msg_size": `${aiohttp}raised`,
  };
});
after(() => new Promise((resolve) => child.once("exit", resolve) && child.kill()));

/**
 * Sends one message that is `length` bytes on the wire.
 *
 * @returns that length, as the peer saw it, or the code of the failure and of the close
 */
async function sent(url, length, options = OPTIONS) {
  // Uncompressed, so that the length on the wire is the message's.
  const socket = fromWebSocket(new WebSocket(url, { perMessageDeflate: false }));
  const outgoing = new AgeRtEncryptStream("a passphrase", options);
  const piping = outgoing.readable.pipeTo(socket.writable, { preventClose: true });
  piping.catch(() => undefined);
  const writer = outgoing.writable.getWriter();
  writer.closed.catch(() => undefined);
  const reader = socket.readable.getReader();
  try {
    writer.write(new Uint8Array(length - OVERHEAD)).catch(() => undefined);
    for (;;) {
      const { value } = await reader.read();
      const seen = new DataView(value.buffer, value.byteOffset).getUint32(0);
      if (seen > 1000) return seen;
    }
  } catch (error) {
    return [error.code, error.closeCode];
  } finally {
    await writer.abort().catch(() => undefined);
    socket.close();
    await socket.closed.catch(() => undefined);
  }
}

/**
 * 1006 where the peer was gone before its close frame was read: it does not wait for what is still
 * on its way.
 */
const REFUSED = [1009, 1006];

for (const [name, longest] of [
  ["websockets", MIB],
  ["aiohttp", 4 * MIB - 1],
]) {
  const option = name === "aiohttp" ? "max_msg_size" : "max_size";
  describe(name, () => {
    test(`receives ${longest} bytes`, async () =>
      assert.equal(await sent(urls[name], longest), longest));

    test("refuses a byte more: a SocketError with 1009", async () => {
      const [code, closeCode] = await sent(urls[name], longest + 1);
      assert.equal(code, "socket-closed");
      assert.ok(REFUSED.includes(closeCode), String(closeCode));
    });

    test(`receives more where ${option} says so`, async () =>
      assert.equal(await sent(urls[`${name} with ${option}`], longest + 1), longest + 1));

    test("receives the longest message of the standard maxChunkSize", async () => {
      const length = 65_536 + OVERHEAD;
      assert.equal(await sent(urls[name], length, { workFactor: 1 }), length);
    });
  });
}

describe("socket.io", () => {
  /**
   * One chunk through socket.io, whose frame and event are some bytes more.
   *
   * @returns what the server got, or the client's reason for the end
   */
  async function emitted(length, options = {}) {
    const http = createServer();
    const server = new Server(http, { transports: ["websocket"], ...options });
    server.on("connection", (socket) =>
      socket.on("chunk", (chunk, answer) => answer(chunk.length)),
    );
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const url = `http://127.0.0.1:${http.address().port}`;
    const client = io(url, { transports: ["websocket"], reconnection: false });
    const encoder = await AgeRtEncoder.create("a passphrase", OPTIONS);
    try {
      const ended = new Promise((resolve) => client.once("disconnect", resolve));
      const chunk = encoder.encodeChunk(new Uint8Array(length - OVERHEAD), true);
      return await Promise.race([client.emitWithAck("chunk", chunk).catch(() => ended), ended]);
    } finally {
      encoder.free();
      client.close();
      await server.close();
    }
  }

  test("receives 1,000,000 bytes", async () => assert.equal(await emitted(1_000_000), 1_000_000));

  test("refuses a byte more, and ends the connection", async () =>
    assert.match(await emitted(1_000_001), /^transport /));

  test("receives more where maxHttpBufferSize says so", async () =>
    assert.equal(await emitted(2_000_000, { maxHttpBufferSize: 4e6 }), 2_000_000));
});
