/** Both directions over one socket: the final chunk is the half-close that a WebSocket lacks. */
import { liveObjects } from "../lib/instances.js";
import { workers } from "../lib/workers.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, describe, test } from "node:test";
import {
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  configure,
  fromWebSocket,
} from "age-rt-wasm";
import { WebSocket } from "ws";
import { chunksOf } from "../lib/streams.js";
import { until } from "../lib/wait.js";
import { exchange } from "./lib/exchange.js";
import { pythonServer } from "./lib/python-peer.js";
import { webSocketServer } from "./lib/server.js";

const PASSPHRASE = "a passphrase";
/** Hardly more than is derived on the spot. */
const LOW = { workFactor: 10 };
const COUNT = 1000;
const LIMIT_MS = 60_000;

/** Two ends of one connection, each with both directions over it. */
async function connected() {
  let accept;
  const accepted = new Promise((resolve) => (accept = resolve));
  const server = await webSocketServer(accept);
  const client = both(new WebSocket(server.url));
  return { client, served: both(await accepted), close: () => server.close() };
}

function both(socket, key = PASSPHRASE) {
  const pair = fromWebSocket(socket);
  const outgoing = new AgeRtEncryptStream(key, key === PASSPHRASE ? LOW : undefined);
  const sent = outgoing.readable.pipeTo(pair.writable, { preventClose: true });
  sent.catch(() => undefined);
  const incoming = pair.readable.pipeThrough(
    new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true }),
  );
  return { pair, incoming, writer: outgoing.writable.getWriter(), sent };
}

async function sendNumbers(writer) {
  for (let i = 0; i < COUNT; i += 1) await writer.write(Uint32Array.of(i));
  await writer.close();
}

async function numbersFrom(readable) {
  return (await chunksOf(readable)).map((chunk) => new Uint32Array(chunk.buffer)[0]);
}

const NUMBERS = Array.from({ length: COUNT }, (_, i) => i);

afterEach(() => until(() => liveObjects() === 0 && workers.alive === 0, LIMIT_MS));

describe("one side ends first, and the other still sends a thousand messages", () => {
  for (const [name, roles] of Object.entries({
    "the client": ({ client, served }) => [client, served],
    "the server": ({ client, served }) => [served, client],
  })) {
    test(`${name} ends first`, async () => {
      const ends = await connected();
      const [first, second] = roles(ends);
      await first.writer.close();
      assert.deepEqual(await numbersFrom(second.incoming), []);
      const receiving = numbersFrom(first.incoming);
      await Promise.all([sendNumbers(second.writer), second.sent]);
      assert.deepEqual(await receiving, NUMBERS);
      await first.sent;
      // Whoever has finished both directions closes.
      first.pair.close();
      const closes = await Promise.all([first.pair.closed, second.pair.closed]);
      await ends.close();
      assert.deepEqual(
        closes.map(({ code }) => code),
        [1005, 1005],
      );
    });
  }

  test("both have finished, and both close at once", async () => {
    const { client, served, close } = await connected();
    const receiving = Promise.all([numbersFrom(client.incoming), numbersFrom(served.incoming)]);
    await Promise.all([
      sendNumbers(client.writer),
      sendNumbers(served.writer),
      client.sent,
      served.sent,
    ]);
    assert.deepEqual(await receiving, [NUMBERS, NUMBERS]);
    await Promise.all([client.pair.writable.close(), served.pair.writable.close()]);
    assert.deepEqual(await Promise.all([client.pair.closed, served.pair.closed]), [
      { code: 1000, reason: "" },
      { code: 1000, reason: "" },
    ]);
    await close();
  });
});

describe("with the reference in Python", () => {
  let peer;
  before(async () => void (peer = await pythonServer(new URL("peer/peer.py", import.meta.url))));
  after(() => peer.close());

  for (const [name, send, receive] of [
    ["we end first", 0, COUNT],
    ["it ends first", COUNT, 0],
  ]) {
    test(name, async () => {
      const task = { passphrase: PASSPHRASE, seed: 7, send, receive };
      const url = new URL(peer.url);
      url.search = new URLSearchParams({ ...task, send: receive, receive: send });
      assert.deepEqual(await exchange(new WebSocket(url), task), {
        received: receive,
        closed: { code: 1000, reason: String(send) },
      });
    });
  }
});

describe("waiting for keys", () => {
  test("a header leaves before anything is written, so that the peer derives while we wait", async () => {
    let accept;
    const accepted = new Promise((resolve) => (accept = resolve));
    const server = await webSocketServer((socket) => accept(once(socket, "message")));
    const { writer, pair } = both(new WebSocket(server.url));
    const [header] = await accepted.then((message) => message);
    assert.match(header.toString("latin1"), /^[^\n]+\n-> scrypt /);
    await writer.abort();
    await pair.closed;
    await server.close();
  });

  test("derivations wait for each other, as many at a time as configured, and all connections get theirs", async () => {
    configure({ concurrency: 1 });
    workers.most = 0;
    const all = await Promise.all(Array.from({ length: 5 }, connected));
    await Promise.all(
      all.map(async ({ client, served, close }) => {
        const receiving = numbersFrom(served.incoming);
        await Promise.all([
          sendNumbers(client.writer),
          served.writer.close(),
          client.sent,
          served.sent,
        ]);
        assert.deepEqual(await receiving, NUMBERS);
        await chunksOf(client.incoming);
        client.pair.close();
        await served.pair.closed;
        await close();
      }),
    );
    assert.equal(workers.most, 1);
    configure({ concurrency: 2 });
  });

  test("an encoder made ahead: a reconnecting sender derives nothing", async () => {
    const encoder = await AgeRtEncoder.create(PASSPHRASE, LOW);
    let accept;
    const accepted = new Promise((resolve) => (accept = resolve));
    const server = await webSocketServer(accept);
    const made = workers.made;
    const { writer, pair } = both(new WebSocket(server.url), encoder);
    const messages = [];
    (await accepted).on("message", (data) => messages.push(data));
    await writer.write(Uint8Array.of(1));
    await until(() => messages.length === 2, LIMIT_MS);
    assert.equal(workers.made, made);
    await writer.abort();
    await pair.closed;
    await server.close();
  });

  test("an encoder that is being made while the socket connects", async () => {
    const ends = await connected();
    await ends.client.writer.abort();
    await ends.close();
    let accept;
    const accepted = new Promise((resolve) => (accept = resolve));
    const server = await webSocketServer(accept);
    const client = both(new WebSocket(server.url), AgeRtEncoder.create(PASSPHRASE, LOW));
    const served = both(await accepted);
    const receiving = numbersFrom(served.incoming);
    await Promise.all([sendNumbers(client.writer), served.writer.close()]);
    assert.deepEqual(await receiving, NUMBERS);
    await chunksOf(client.incoming);
    client.pair.close();
    await served.pair.closed;
    await server.close();
  });
});
