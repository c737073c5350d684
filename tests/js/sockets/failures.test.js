/** What goes wrong between real sockets: the right error, and nothing left of it. */
import { liveObjects } from "../lib/instances.js";
import { workers } from "../lib/workers.js";
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { afterEach, describe, test } from "node:test";
import {
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  decrypt,
  encrypt,
  fromWebSocket,
  init,
} from "age-rt-wasm";
import { WebSocket } from "ws";
import { joined, through } from "../lib/streams.js";
import { until } from "../lib/wait.js";
import { silentServer, webSocketServer } from "./lib/server.js";

const PASSPHRASE = "a passphrase";
const LOW = { workFactor: 1 };
const MESSAGE = new Uint8Array(1000).fill(7);
const LIMIT_MS = 15_000;

await init();
await decrypt(await encrypt("warm", PASSPHRASE, LOW), PASSPHRASE);
const wire = joined(await through([MESSAGE, MESSAGE], new AgeRtEncryptStream(PASSPHRASE, LOW)));

const open = [];

/** Timers, connections and workers that this process has. */
function held() {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /Timeout|TCP|MessagePort|Worker/.test(name));
}

async function serve(onSocket) {
  const server = await webSocketServer(onSocket);
  open.push(server);
  return server;
}

/** A client that decrypts what it receives, and everything that can be left of it. */
function client(url, { signal } = {}) {
  const socket = new WebSocket(url);
  const pair = fromWebSocket(socket, { signal });
  const messages = pair.readable.pipeThrough(new AgeRtDecryptStream(PASSPHRASE, { signal }), {
    signal,
  });
  const outgoing = new AgeRtEncryptStream(PASSPHRASE, { ...LOW, signal });
  const sending = outgoing.readable.pipeTo(pair.writable, { preventClose: true, signal });
  sending.catch(() => undefined);
  const writer = outgoing.writable.getWriter();
  writer.closed.catch(() => undefined);
  writer.ready.catch(() => undefined);
  seen = { socket, signal };
  return { socket, pair, reader: messages.getReader(), sending, writer };
}

let seen;

afterEach(async () => {
  const { socket, signal } = seen;
  await until(() => socket.readyState === WebSocket.CLOSED, LIMIT_MS);
  await until(() => liveObjects() === 0 && workers.alive === 0, LIMIT_MS);
  for (const type of ["open", "message", "error", "close"])
    assert.equal(socket.listenerCount(type), 0, type);
  if (signal) assert.equal(getEventListeners(signal, "abort").length, 0);
  await Promise.all(open.splice(0).map((server) => server.close()));
  await until(() => held().length === 0, LIMIT_MS);
});

/** Reads until it throws. */
async function failureOf(reader) {
  let read = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) read += 1;
  } catch (error) {
    return { read, error };
  }
  return { read, error: undefined };
}

describe("an encrypted stream over a socket", () => {
  test("that ends as it should", async () => {
    const { url } = await serve((socket) => {
      socket.send(wire);
      socket.close(1000);
    });
    const { reader, pair } = client(url);
    assert.deepEqual(await failureOf(reader), { read: 2, error: undefined });
    assert.equal((await pair.closed).code, 1000);
  });

  test("that is cut in the middle of a chunk", async () => {
    const { url } = await serve((socket) => {
      socket.send(wire.subarray(0, wire.length - 500), () =>
        setTimeout(() => socket.terminate(), 50),
      );
    });
    const { reader, pair } = client(url);
    const { error } = await failureOf(reader);
    assert.equal(error.code, "socket-closed");
    assert.equal(error.closeCode, 1006);
    await assert.rejects(pair.closed, { code: "socket-closed" });
  });

  test("that is closed cleanly without its final chunk", async () => {
    const { url } = await serve((socket) => {
      socket.send(wire.subarray(0, wire.length - 20));
      socket.close(1000);
    });
    const { read, error } = await failureOf(client(url).reader);
    assert.equal(read, 2);
    assert.equal(error.code, "truncated");
  });

  test("that the server gives up with 1011 and a reason", async () => {
    const { url } = await serve((socket) => {
      socket.send(wire.subarray(0, wire.length - 20));
      socket.close(1011, "out of paper");
    });
    const { reader, sending, pair } = client(url);
    const { error } = await failureOf(reader);
    assert.equal(error.code, "socket-closed");
    assert.equal(error.closeCode, 1011);
    assert.equal(error.reason, "out of paper");
    await assert.rejects(sending, { code: "socket-closed", closeCode: 1011 });
    assert.deepEqual(await pair.closed, { code: 1011, reason: "out of paper" });
  });

  test("that somebody has changed: both directions end", async () => {
    let told;
    const changed = wire.slice();
    changed[changed.length - 100] ^= 1;
    const { url } = await serve((socket) => {
      socket.on("close", (code) => void (told = code));
      socket.send(changed);
    });
    const { reader, sending } = client(url);
    const { error } = await failureOf(reader);
    assert.equal(error.code, "chunk-authentication");
    await assert.rejects(sending, { code: "chunk-authentication" });
    await until(() => told !== undefined, LIMIT_MS);
  });

  test("that sends text", async () => {
    let told;
    const { url } = await serve((socket) => {
      socket.on("close", (code) => void (told = code));
      socket.send("hello");
    });
    assert.equal((await failureOf(client(url).reader)).error.code, "text-frame");
    await until(() => told === 1003, LIMIT_MS);
  });
});

describe("an encrypted stream that its sender gives up is no end to whoever keeps the bytes unopened,", () => {
  for (const [name, giveUp] of Object.entries({
    "by a signal": ({ controller }) => controller.abort(),
    "by an abort": ({ writer }) => writer.abort(),
    "by a cancel": ({ pair }) => pair.readable.cancel(),
    "by a write of what is no bytes": ({ writer }) => writer.write("text").catch(() => undefined),
  })) {
    test(name, async () => {
      let served;
      const { url } = await serve((socket) => (served = fromWebSocket(socket)));
      const controller = new AbortController();
      const socket = new WebSocket(url);
      seen = { socket, signal: controller.signal };
      const pair = fromWebSocket(socket, { signal: controller.signal });
      const writer = pair.writable.getWriter();
      writer.closed.catch(() => undefined);
      await writer.write(wire.subarray(0, 300));
      await until(() => served, LIMIT_MS);
      const reader = served.readable.getReader();
      assert.equal((await reader.read()).value.length, 300);
      giveUp({ controller, writer, pair });
      await assert.rejects(reader.read(), { code: "socket-closed", closeCode: 1011 });
    });
  }
});

describe("a peer that keeps quiet", () => {
  test("from the start, and a time limit", async () => {
    const server = await silentServer();
    open.push(server);
    const { reader, pair, sending } = client(server.url, { signal: AbortSignal.timeout(200) });
    await assert.rejects(pair.opened, { name: "TimeoutError" });
    assert.equal((await failureOf(reader)).error.name, "TimeoutError");
    await assert.rejects(sending, { name: "TimeoutError" });
  });

  test("once it is open, and a time limit", async () => {
    const { url } = await serve(() => undefined);
    const { reader, sending } = client(url, { signal: AbortSignal.timeout(500) });
    assert.equal((await failureOf(reader)).error.name, "TimeoutError");
    await assert.rejects(sending, { name: "TimeoutError" });
  });

  test("because nobody listens there", async () => {
    const server = await webSocketServer(() => undefined);
    await server.close();
    const { reader, pair } = client(server.url);
    await assert.rejects(
      pair.opened,
      (error) => error.code === "socket-closed" && error.cause?.code === "ECONNREFUSED",
    );
    assert.equal((await failureOf(reader)).error.code, "socket-closed");
  });
});

describe("an abort while the key is derived", () => {
  const header = new TextEncoder().encode(
    `github.com/parsimonit/age-rt-encryption/v0.2\n-> scrypt ${"A".repeat(22)} 18\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`,
  );

  test("of what is received", async () => {
    const controller = new AbortController();
    // Its answer to our header: the key of what is sent is derived by then.
    const { url } = await serve((socket) => socket.once("message", () => socket.send(header)));
    const { reader, socket } = client(url, { signal: controller.signal });
    const failing = failureOf(reader);
    await new Promise((resolve) => socket.once("message", resolve));
    await until(() => workers.running > 0, LIMIT_MS);
    controller.abort();
    assert.equal((await failing).error.name, "AbortError");
  });

  test("of what is sent", async () => {
    const controller = new AbortController();
    const { url } = await serve(() => undefined);
    const socket = new WebSocket(url);
    seen = { socket, signal: controller.signal };
    const pair = fromWebSocket(socket, { signal: controller.signal });
    const before = workers.made;
    const sending = new AgeRtEncryptStream(PASSPHRASE, {
      signal: controller.signal,
    }).readable.pipeTo(pair.writable);
    await until(() => workers.made > before, LIMIT_MS);
    controller.abort();
    await assert.rejects(sending, { name: "AbortError" });
  });
});
