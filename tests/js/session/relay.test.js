/**
 * What a relay does to the socket's messages in between: the right code each time, and nothing lost
 * where it only cuts and joins.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSession } from "age-rt-wasm/session";
import { seeded } from "../lib/random.js";
import { CLIENT, pair, SERVER } from "../portable/lib/session-line.js";
import { messages, sameBytes } from "../sockets/lib/messages.js";

const COUNT = 10_000;
const LONGEST = 65_531;

/** Bytes that leave in pieces of other lengths, and later: proxies may. */
function recut(random) {
  let waiting = [];
  let timer;
  let to;
  function flush() {
    clearTimeout(timer);
    timer = undefined;
    let whole = Buffer.concat(waiting);
    waiting = [];
    while (whole.length > 0) {
      const length = Math.min(whole.length, 1 + random.below(2 << random.below(18)));
      to(new Uint8Array(whole.subarray(0, length)));
      whole = whole.subarray(length);
    }
  }
  const between = (bytes, deliver) => {
    to = deliver;
    waiting.push(bytes);
    if (random.below(4) === 0) flush();
    else timer ??= setTimeout(flush, random.below(3));
  };
  return Object.assign(between, { flush });
}

async function write(session, from) {
  const writer = session.writable.getWriter();
  for (const message of messages(from, COUNT)) await writer.write(message.subarray(0, LONGEST));
  await writer.close();
}

async function read(session, from) {
  const reader = session.readable.getReader();
  for (const message of messages(from, COUNT)) {
    const { value } = await reader.read();
    assert.ok(sameBytes(value, message.subarray(0, LONGEST)), "another message");
  }
  assert.ok((await reader.read()).done);
}

test(`${COUNT} messages each way through a relay that delays, splits and joins`, async (t) => {
  const random = seeded(t);
  const [a, b] = pair([recut(random), recut(random)]);
  const options = { renew: { messages: 500 }, pingMs: 10_000 };
  const [client, server] = await Promise.all([
    openSession(a.socket, { ...CLIENT, ...options }),
    openSession(b.socket, { ...SERVER, ...options }),
  ]);
  await Promise.all([write(client, 1), write(server, 2), read(client, 2), read(server, 1)]);
  await Promise.all([client.closed, server.closed]);
});

/**
 * The code of each side's error, with a relay that does something to the chunk of one message of
 * the server's.
 */
async function relayed(between) {
  let chunks = -Infinity;
  const held = [];
  const back = (bytes, deliver) => {
    chunks += 1;
    between(chunks, bytes, deliver, held);
  };
  const [a, b] = pair([undefined, back]);
  const [client, server] = await Promise.all([
    openSession(a.socket, CLIENT),
    openSession(b.socket, SERVER),
  ]);
  chunks = 0;
  const codes = [client, server].map((session) =>
    session.closed.then(
      () => "none",
      (error) => error.code,
    ),
  );
  const writer = server.writable.getWriter();
  const writing = (async () => {
    for (let i = 0; i < 4; i += 1) await writer.write(new Uint8Array(100).fill(i));
    await writer.close();
  })();
  writing.catch(() => undefined);
  const reader = client.readable.getReader();
  const got = [];
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      got.push(next.value[0]);
    await client.close();
  } catch (error) {
    assert.equal(error.code, await codes[0]);
  }
  return { got, codes: await Promise.all(codes), closes: a.closes };
}

describe("a relay that", () => {
  for (const [what, between, got, code] of [
    ["does nothing", (_, bytes, deliver) => deliver(bytes), [0, 1, 2, 3], "none"],
    [
      "drops a message",
      (i, bytes, deliver) => i !== 2 && deliver(bytes),
      [0],
      "chunk-authentication",
    ],
    [
      "repeats one",
      (i, bytes, deliver) => {
        deliver(bytes);
        if (i === 2) deliver(bytes);
      },
      [0, 1],
      "chunk-authentication",
    ],
    [
      "puts two in the other order",
      (i, bytes, deliver, held) => {
        if (i === 2) held.push(bytes);
        else deliver(bytes);
        if (i === 3) deliver(held.pop());
      },
      [0],
      "chunk-authentication",
    ],
    [
      "changes a bit",
      (i, bytes, deliver) => {
        if (i === 3) bytes[20] ^= 1;
        deliver(bytes);
      },
      [0, 1],
      "chunk-authentication",
    ],
    [
      "changes a length",
      (i, bytes, deliver) => {
        if (i === 3) bytes[0] ^= 1;
        deliver(bytes);
      },
      [0, 1],
      "chunk-length",
    ],
    [
      "adds bytes after the end",
      (i, bytes, deliver) => {
        deliver(bytes);
        if (i === 5) deliver(new Uint8Array(3));
      },
      [0, 1, 2, 3],
      undefined,
    ],
  ])
    test(what, async () => {
      const result = await relayed(between);
      assert.deepEqual(result.got, got);
      // The client, which hears it; the server hears that the socket has closed.
      if (code !== undefined) {
        assert.equal(result.codes[0], code);
        assert.equal(result.codes[1], code === "none" ? "none" : "truncated");
        if (code !== "none") assert.equal(result.closes[0][0], 1008);
      } else assert.equal(result.codes[0], "trailing-data");
    });

  for (const [what, code] of [
    ["cleanly", 1000],
    ["uncleanly", 1006],
    ["as if the peer had failed", 1008],
  ])
    test(`closes the socket ${what} before END`, async () => {
      const [a, b] = pair();
      const [client, server] = await Promise.all([
        openSession(a.socket, CLIENT),
        openSession(b.socket, SERVER),
      ]);
      const reader = client.readable.getReader();
      await server.writable.getWriter().write(Uint8Array.of(7));
      assert.deepEqual((await reader.read()).value, Uint8Array.of(7));
      a.closed(code);
      b.closed(code);
      for (const failing of [reader.read(), client.closed, client.close(), server.closed])
        await assert.rejects(failing, { name: "StreamTruncatedError", code: "truncated" });
    });
});

test("1,000 renewals, each before it is needed", async () => {
  const [a, b] = pair();
  const renewals = 1000;
  const [client, server] = await Promise.all([
    openSession(a.socket, { ...CLIENT, renew: { messages: 2 } }),
    openSession(b.socket, SERVER),
  ]);
  const before = a.sent.length;
  const writer = client.writable.getWriter();
  const reader = server.readable.getReader();
  for (let i = 0; i < renewals * 2 + 1; i += 1) {
    const [, { value }] = await Promise.all([
      writer.write(new Uint8Array(new Uint32Array([i]).buffer)),
      reader.read(),
    ]);
    assert.equal(new Uint32Array(value.buffer)[0], i);
  }
  // Of each, NEXT and SWITCH.
  const control = a.sent.length - before - (renewals * 2 + 1);
  assert.ok(control >= 2 * renewals, `${control} messages of renewals`);
  const done = server.close();
  await writer.close();
  assert.ok((await reader.read()).done);
  await Promise.all([done, client.closed, server.closed]);
});
