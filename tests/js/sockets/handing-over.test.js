/**
 * A server hands its socket over before the first `await`, as SOCKETS.md says: what comes while
 * nobody listens is lost.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import websocketPlugin from "@fastify/websocket";
import Fastify from "fastify";
import { WebSocket, WebSocketServer } from "ws";
import {
  AgeRtDecryptStream,
  AgeRtEncoder,
  encodeBytes,
  fromWebSocket,
  messages,
} from "age-rt-wasm";
import { launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";

const PASSPHRASE = "correct horse battery staple";
/** How long a stream is watched that waits for what is lost, in milliseconds. */
const WATCHED_MS = 200;

const utf8 = (text) => new TextEncoder().encode(text);

const SERVERS = {
  async ws(onSocket) {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    server.on("connection", onSocket);
    return {
      url: `ws://127.0.0.1:${server.address().port}/`,
      close: () => new Promise((resolve) => server.close(resolve)),
    };
  },
  async fastify(onSocket) {
    const server = Fastify();
    await server.register(websocketPlugin);
    server.get("/", { websocket: true }, onSocket);
    const address = await server.listen({ host: "127.0.0.1", port: 0 });
    return { url: address.replace("http", "ws"), close: () => server.close() };
  },
};

/**
 * What a server reads that hands the socket over early, or late. Its look into a database takes
 * until the client's message has come, however long that is.
 */
async function heard(serve, isEarly) {
  let tell;
  const told = new Promise((resolve) => (tell = resolve));
  const { url, close } = await serve(async (socket) => {
    const read = [];
    try {
      const lookUp = once(socket, "message");
      if (!isEarly) await lookUp;
      // What is lost never comes, and what has come needs no limit.
      const signal = isEarly ? undefined : AbortSignal.timeout(WATCHED_MS);
      const { readable } = fromWebSocket(socket, { signal });
      await lookUp;
      const stream = new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true });
      for await (const message of messages(readable.pipeThrough(stream)))
        read.push(new TextDecoder().decode(message));
      tell(read);
    } catch (error) {
      tell([...read, error.name]);
    }
  });
  const client = new WebSocket(url);
  try {
    await once(client, "open");
    const encoder = await AgeRtEncoder.create(PASSPHRASE, { workFactor: 1 });
    client.send(encodeBytes(["Hello", "World"].map(utf8), encoder));
    return await told;
  } finally {
    client.terminate();
    await close();
  }
}

for (const [name, serve] of Object.entries(SERVERS)) {
  describe(name, () => {
    test("handed over before the first await: every message is there", async () =>
      assert.deepEqual(await heard(serve, true), ["Hello", "World"]));

    test("handed over after it: what came meanwhile is lost, and the stream waits for it", async () =>
      assert.deepEqual(await heard(serve, false), ["TimeoutError"]));
  });
}

describe("a data channel, in Chromium", () => {
  let server;
  let browser;
  let page;
  before(async () => {
    server = await site();
    browser = await launch("chromium", {
      flags: ["--disable-features=WebRtcHideLocalIpsWithMdns"],
    });
    page = await browser.newPage();
    await page.goto(`${server.origin}/page`);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const run = (isEarly) =>
    page.evaluate(
      async (isEarly) =>
        (await import("/tests/js/sockets/lib/data-channels.js")).handedOver(isEarly),
      isEarly,
    );

  test("handed over before the first await: every message is there", async () =>
    assert.deepEqual(await run(true), ["Hello", "World"]));

  test("handed over after it: what came meanwhile is lost", async () =>
    assert.deepEqual(await run(false), ["TimeoutError"]));
});
