/**
 * Renewals of a session's keys: they are derived ahead of time, and nobody waits for longer than
 * for the one that is due.
 */
import { openSession } from "age-rt-wasm/session";
import { assert, test as register } from "../harness.js";
import { CLIENT, pair, SERVER } from "./lib/session-line.js";
import { SlowKey } from "./lib/slow-key.js";

const test = (name, body) => register(`session renewals: ${name}`, body);
const MESSAGES = 8;

/** A client that renews, and a server that does not; what each derives is under the test's hand. */
async function opened(renew) {
  const [ours, theirs] = [new SlowKey(), new SlowKey()];
  const free = new SlowKey();
  const [a, b] = pair();
  const [client, server] = await Promise.all([
    openSession(a.socket, {
      ...CLIENT,
      key: { encrypt: ours.encrypt, decrypt: free.decrypt },
      renew,
    }),
    openSession(b.socket, { ...SERVER, key: { encrypt: free.encrypt, decrypt: theirs.decrypt } }),
  ]);
  ours.begun = theirs.begun = 0;
  const writer = client.writable.getWriter();
  let count = 0;
  const heard = [];
  const hearing = server.readable.pipeTo(
    new WritableStream({ write: ([message]) => void heard.push(message) }),
  );
  hearing.catch(() => undefined);
  return {
    ours,
    theirs,
    heard,
    sent: a.sent,
    write: () => writer.write(Uint8Array.of((count += 1))),
    async close() {
      const closing = server.close();
      await writer.close();
      await Promise.all([hearing, closing, client.closed]);
    },
  };
}

/** Whether it settles without anything else to happen: what is here is done in turns of its own. */
async function settles(promise) {
  let settled = false;
  promise.then(() => (settled = true));
  return comes(() => settled);
}

/** Whether it waits for something else. */
async function waits(promise) {
  let settled = false;
  promise.then(() => (settled = true));
  for (let i = 0; i < 20; i += 1) await turn();
  return !settled;
}

/** Whether this comes to be in turns of the event loop: some hosts need more of them. */
async function comes(condition) {
  for (let i = 0; i < 5000 && !condition(); i += 1) await turn();
  return condition();
}

function turn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

const upTo = (count) => Array.from({ length: count }, (_, i) => i + 1);

test("the key is derived from the middle on, and no write under the present one waits for it", async () => {
  const { ours, heard, write } = await opened({ messages: MESSAGES });
  ours.hold();
  for (let i = 1; i <= MESSAGES; i += 1) {
    assert.ok(await settles(write()), `message ${i} waits`);
    assert.equal(ours.begun, i < MESSAGES / 2 ? 0 : 1);
  }
  await comes(() => heard.length === MESSAGES);
  assert.deepEqual(heard, upTo(MESSAGES));
});

test("the first write under the next key waits for what is still due of it, and for no other", async () => {
  const { ours, heard, write, close } = await opened({ messages: MESSAGES });
  ours.hold();
  for (let i = 0; i < MESSAGES; i += 1) await write();
  const next = write();
  assert.ok(await waits(next));
  assert.equal(ours.begun, 1);
  ours.release();
  assert.ok(await settles(next));
  assert.equal(ours.begun, 1);
  await comes(() => heard.length > MESSAGES);
  assert.deepEqual(heard, upTo(MESSAGES + 1));
  await close();
});

test("the peer derives from NEXT on: it reads the present stream meanwhile, and only then waits for what is due", async () => {
  const { theirs, heard, write, close } = await opened({ messages: MESSAGES });
  theirs.hold();
  for (let i = 0; i < MESSAGES; i += 1) assert.ok(await settles(write()));
  await comes(() => heard.length === MESSAGES);
  assert.equal(theirs.begun, 1);
  assert.deepEqual(heard, upTo(MESSAGES));
  // It sends on: only the reader waits.
  assert.ok(await settles(write()));
  assert.deepEqual(heard, upTo(MESSAGES));
  theirs.release();
  await comes(() => heard.length > MESSAGES);
  assert.deepEqual(heard, upTo(MESSAGES + 1));
  assert.equal(theirs.begun, 1);
  await close();
});

test("derivations that end within the other half make nobody wait: 60 renewals, one derivation each", async () => {
  const renewals = 60;
  const { ours, theirs, heard, write, close } = await opened({ messages: MESSAGES });
  ours.hold();
  theirs.hold();
  for (let i = 1; i <= renewals * MESSAGES + 1; i += 1) {
    assert.ok(await settles(write()), `message ${i} waits`);
    assert.ok(await comes(() => heard.length === i), `message ${i} is held back`);
    // Ours ends two messages after it began, theirs three after NEXT.
    if (i % MESSAGES === MESSAGES / 2 + 1) {
      assert.ok(await comes(() => ours.due === 1));
      ours.release();
    }
    if (i % MESSAGES === MESSAGES - 1) {
      assert.ok(await comes(() => theirs.due === 1));
      theirs.release();
    }
  }
  assert.deepEqual([ours.begun, theirs.begun], [renewals, renewals]);
  ours.release();
  theirs.release();
  await close();
});

test("by time: writes go on under the present key until the next is there", async () => {
  const minutes = 40 / 60_000;
  const { ours, theirs, heard, sent, write, close } = await opened({ minutes });
  ours.hold();
  while (ours.due === 0) await turn();
  // Twice as long as a key may be used, and still nobody has waited.
  await new Promise((resolve) => setTimeout(resolve, 80));
  const before = sent.length;
  for (let i = 0; i < 5; i += 1) assert.ok(await settles(write()));
  assert.ok(await comes(() => sent.length === before + 5));
  assert.equal(theirs.begun, 0);
  ours.release();
  while (theirs.begun === 0) await turn();
  assert.ok(await settles(write()));
  await comes(() => heard.length === 6);
  assert.deepEqual(heard, upTo(6));
  ours.release();
  await close();
});

test("a write and the clock that wait for one key use it once", async () => {
  const minutes = 20 / 60_000;
  const { ours, theirs, heard, write, close } = await opened({ messages: 2, minutes });
  ours.hold();
  await write();
  await write();
  const waiting = write();
  // The clock has long come to wait for it, too.
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(ours.begun, 1);
  ours.release();
  assert.ok(await settles(waiting));
  await comes(() => heard.length === 3);
  assert.deepEqual(heard, upTo(3));
  theirs.release();
  ours.release();
  await close();
});
