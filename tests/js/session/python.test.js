/**
 * The Python twin, written from SESSION.md alone: it talks to ours, and refuses what ours refuses.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AgeRtEncoder, encodeBytes, fromWebSocket } from "age-rt-wasm";
import { openSession } from "age-rt-wasm/session";
import { WebSocket } from "ws";
import { python } from "../lib/repository.js";
import { End, PASSPHRASE, text, utf8 } from "../portable/lib/session-line.js";
import { data, hello, Puppet } from "../portable/lib/session-puppet.js";

const CLIENT = { key: PASSPHRASE, role: "client", peerRole: "server", timeoutMs: 120_000 };
/** The reference reads no other work factor than the standard. */
const KEY = { encrypt: PASSPHRASE, decrypt: PASSPHRASE };
const peer = (name) => fileURLToPath(new URL(`peer/${name}`, import.meta.url));

let server;
let url;

before(async () => {
  server = spawn(python(), [peer("server.py"), PASSPHRASE], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = await once(createInterface({ input: server.stdout }), "line");
  url = `ws://127.0.0.1:${port}/`;
});
after(() => server.kill());

test("it has at most 120 lines", () =>
  assert.ok(readFileSync(peer("session.py"), "utf8").trimEnd().split("\n").length <= 120));

test("messages of every length there and back, renewed on both sides, with padding", async () => {
  const session = await openSession(fromWebSocket(new WebSocket(`${url}?send=3&renew=8`)), {
    ...CLIENT,
    pad: "padme",
    renew: { messages: 7 },
  });
  assert.equal(session.peer.role, "server");
  const sent = [0, 1, 250, 251, 1000, 65_531, 40_000, 3].flatMap((length, i) => [
    new Uint8Array(length).fill(i),
    utf8(`message ${i}`),
  ]);
  const writing = (async () => {
    const writer = session.writable.getWriter();
    for (const message of sent) await writer.write(message);
    await writer.close();
  })();
  const reader = session.readable.getReader();
  for (const message of sent)
    assert.ok(Buffer.from(message).equals((await reader.read()).value), "another message");
  // It goes on after our END.
  for (const expected of ["0", "1", "2"]) assert.equal(text((await reader.read()).value), expected);
  assert.ok((await reader.read()).done);
  await writing;
  await session.closed;
});

test("PINGs of both sides find their answers", async () => {
  const session = await openSession(fromWebSocket(new WebSocket(`${url}?ping=1`)), {
    ...CLIENT,
    pingMs: 1500,
  });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await session.writable.getWriter().write(utf8("still here"));
  const reader = session.readable.getReader();
  assert.equal(text((await reader.read()).value), "still here");
  await session.close();
});

/** A puppet at a socket of the Python server's, and what becomes of that. */
async function attacked(attack, query = "") {
  const socket = new WebSocket(`${url}?${query}`);
  socket.binaryType = "arraybuffer";
  const line = { sent: [], receive: (bytes) => socket.send(bytes) };
  socket.on("message", (bytes) => {
    const copy = new Uint8Array(bytes);
    line.sent.push(copy);
    line.line?.send(copy);
  });
  const closed = once(socket, "close");
  await once(socket, "open");
  await attack(line);
  const [code, reason] = await closed;
  return `${code} ${reason}`;
}

/** What each is closed with. */
function closes(...sockets) {
  return Promise.all(
    sockets.map(async (socket) => {
      const [code, reason] = await once(socket, "close");
      return `${code} ${reason}`;
    }),
  );
}

/** What one says goes out at the other; a close too. */
function pipe(from, to) {
  const waiting = [];
  from.on("message", (bytes) => (to.readyState === 0 ? waiting.push(bytes) : to.send(bytes)));
  to.on("open", () => waiting.forEach((bytes) => to.send(bytes)));
  from.on("close", () => to.close());
}

const puppet = (line) => Puppet.at(line, KEY);
const asClient = { role: "client", peerRole: "server" };

const ATTACKS = {
  replayed: {
    "what a client once sent": async (line) => {
      const sent = [];
      const { readable, writable, ...rest } = fromWebSocket(new WebSocket(url));
      const tap = new TransformStream({
        transform(bytes, controller) {
          sent.push(bytes);
          controller.enqueue(bytes);
        },
      });
      tap.readable.pipeTo(writable).catch(() => undefined);
      const session = await openSession(
        { readable, writable: tap.writable, ...rest, opened: Promise.resolve() },
        CLIENT,
      );
      await session.writable.getWriter().write(utf8("pay Eve"));
      await session.readable.cancel().catch(() => undefined);
      for (const bytes of sent) line.receive(bytes);
    },
  },
  reflected: {
    "its own bytes": async (line) => {
      line.line = { send: (bytes) => line.receive(bytes) };
      for (const bytes of line.sent) line.receive(bytes);
    },
    "its own role": async (line) =>
      void (await (await puppet(line)).greet({ role: "server", peerRole: "client" })),
    "its own random bytes": async (line) =>
      void (await (
        await puppet(line)
      ).greet({ ...asClient, helloOf: (theirs) => hello("client", "server", theirs.slice(-32)) })),
  },
  "session-protocol": {
    "a raw stream of the passphrase": async (line) =>
      line.receive(encodeBytes([utf8("Hello")], await AgeRtEncoder.create(PASSPHRASE))),
    "DATA before CONFIRM": async (line) =>
      void (await (
        await puppet(line)
      ).greet({ ...asClient, confirmOf: () => data(utf8("early")) })),
    "roles of others": async (line) =>
      void (await (
        await puppet(line)
      ).greet({ ...asClient, helloOf: () => hello("admin", "server") })),
    "padding that is not zero": async (line) =>
      (await (await puppet(line)).greet(asClient)).say(data(utf8("x"), [0, 1])),
  },
  "chunk-authentication": {
    "a stream spliced in at a renewal": async (line) => {
      const client = await (await puppet(line)).greet(asClient);
      (await client.next(PASSPHRASE))();
      line.receive(encodeBytes([data(utf8("pay Eve"))], await AgeRtEncoder.create(PASSPHRASE)));
    },
  },
};

describe("it refuses what ours refuses:", () => {
  for (const [code, attacks] of Object.entries(ATTACKS)) {
    for (const [name, attack] of Object.entries(attacks))
      test(`${name}: ${code}`, async () => assert.equal(await attacked(attack), `1008 ${code}`));
  }
  test("two of its connections, piped together: reflected", async () => {
    const [a, b] = [new WebSocket(url), new WebSocket(url)];
    const codes = closes(a, b);
    pipe(a, b);
    pipe(b, a);
    // Whichever is first to refuse closes its own.
    assert.match((await codes).join(), /1008 reflected/);
  });
  test("directions crossed between two sessions: replayed, at both of its ends and at both of ours", async () => {
    const servers = [new WebSocket(url), new WebSocket(url)];
    const codes = closes(...servers);
    const clients = [new End(), new End()];
    const refusals = clients.map(({ socket }) =>
      openSession(socket, CLIENT).then(
        () => "opened",
        (error) => error.code,
      ),
    );
    for (const [i, end] of clients.entries()) {
      // What one client says goes to its server, whose answers go to the other client.
      const server = servers[i];
      const waiting = [...end.sent];
      end.line = {
        send: (bytes) => (server.readyState === 1 ? server.send(bytes) : waiting.push(bytes)),
      };
      server.on("open", () => waiting.forEach((bytes) => server.send(bytes)));
      server.on("message", (bytes) => clients[1 - i].receive(new Uint8Array(bytes)));
    }
    assert.deepEqual(await Promise.all(refusals), ["replayed", "replayed"]);
    assert.deepEqual(await codes, ["1008 replayed", "1008 replayed"]);
  });
  test("a peer that never speaks: peer-silent", async () =>
    assert.equal(await attacked(() => undefined, "seconds=1"), "1008 peer-silent"));
});
