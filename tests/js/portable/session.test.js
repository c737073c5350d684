/**
 * Sessions: what is sent is what comes, how they end, what they refuse, and what options are wrong.
 */
import { fromSocketHandlers, fromWebSocket, messages, SessionError } from "age-rt-wasm";
import { openSession } from "age-rt-wasm/session";
import { assert, test as register } from "../harness.js";
import { CLIENT, End, KEY, pair, SERVER, text, utf8 } from "./lib/session-line.js";
import {
  concat,
  CONFIRM,
  data,
  DATA,
  END,
  hello,
  HELLO,
  NEXT,
  PING,
  PONG,
  Puppet,
  SWITCH,
  withPuppet,
} from "./lib/session-puppet.js";

const test = (name, body) => register(`session: ${name}`, body);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function opened(client = {}, server = {}) {
  const ends = pair();
  const sessions = await Promise.all([
    openSession(ends[0].socket, { ...CLIENT, ...client }),
    openSession(ends[1].socket, { ...SERVER, ...server }),
  ]);
  return { ends, sessions };
}

async function all(session) {
  const heard = [];
  for await (const message of messages(session.readable)) heard.push(message);
  return heard;
}

const LENGTHS = [0, 1, 2, 27, 250, 251, 252, 1024, 16_384, 65_530, 65_531];

for (const pad of ["none", "padme"]) {
  test(`messages keep their boundaries, pad "${pad}"`, async () => {
    const { sessions, ends } = await opened({ pad });
    const [a, b] = sessions;
    const before = ends[0].sent.length;
    const writer = a.writable.getWriter();
    const hearing = all(b);
    for (const length of LENGTHS) await writer.write(new Uint8Array(length).fill(length & 255));
    await writer.close();
    const heard = await hearing;
    assert.deepEqual(
      heard.map(({ length }) => length),
      LENGTHS,
    );
    assert.ok(heard.every((bytes) => bytes.every((byte) => byte === (bytes.length & 255))));
    assert.ok(heard.every((bytes) => bytes.buffer.byteLength === bytes.length));
    const sealed = ends[0].sent.slice(before, -1).map(({ length }) => length - 4 - 16 - 5);
    if (pad === "none") assert.deepEqual(sealed, LENGTHS);
    // Of 5, 6, 7, 32, 255, 256, 257, 1029, 16389, 65535 and 65536 bytes.
    else
      assert.deepEqual(
        sealed.map((length) => length + 5),
        [5, 6, 7, 32, 256, 256, 272, 1088, 17_408, 65_536, 65_536],
      );
    await b.close();
    await Promise.all([a.closed, b.closed]);
  });
}

test("the peer is known by its role, and both ends close with 1000", async () => {
  const { sessions, ends } = await opened();
  assert.deepEqual(
    sessions.map(({ peer }) => peer.role),
    ["server", "client"],
  );
  await Promise.all(sessions.map((session) => session.close()));
  assert.ok(ends.some(({ closes }) => closes[0]?.[0] === 1000));
});

test("either side may end first, and go on receiving", async () => {
  const { sessions } = await opened();
  const [a, b] = sessions;
  await a.writable.close();
  assert.deepEqual(await all(b), []);
  const writer = b.writable.getWriter();
  await writer.write(utf8("still here"));
  await writer.close();
  assert.deepEqual((await all(a)).map(text), ["still here"]);
  await Promise.all([a.closed, b.closed]);
});

test("close() while a writer has the writable: what was written is sent, and no more is taken", async () => {
  const { sessions } = await opened();
  const [a, b] = sessions;
  const writer = a.writable.getWriter();
  await writer.write(utf8("last words"));
  const closing = a.close();
  await assert.rejects(writer.write(utf8("one more")), "already-finalized");
  assert.deepEqual((await all(b)).map(text), ["last words"]);
  await b.close();
  await closing;
  await a.close();
});

test("close() sends what still waits to be written, in front of END", async () => {
  const { sessions } = await opened();
  const [a, b] = sessions;
  const writer = a.writable.getWriter();
  const writes = ["one", "two", "three"].map((word) => writer.write(utf8(word)));
  const closing = a.close();
  const late = assert.rejects(writer.write(utf8("too late")), "already-finalized");
  assert.deepEqual((await all(b)).map(text), ["one", "two", "three"]);
  await Promise.all(writes);
  await late;
  await b.close();
  await Promise.all([closing, a.closed, b.closed]);
});

test("close() while a write waits for the next key sends that write, too", async () => {
  const { sessions } = await opened({ renew: { messages: 1 } });
  const [a, b] = sessions;
  const writer = a.writable.getWriter();
  const writes = ["one", "two", "three"].map((word) => writer.write(utf8(word)));
  await Promise.all([
    a.close(),
    Promise.all(writes),
    all(b).then((heard) => assert.deepEqual(heard.map(text), ["one", "two", "three"])),
    b.close(),
  ]);
});

test("close() beside a writer that closes, twice, and beside an abort", async () => {
  const { sessions } = await opened();
  const [a, b] = sessions;
  const writer = a.writable.getWriter();
  const writes = ["one", "two"].map((word) => writer.write(utf8(word)));
  const ended = writer.close();
  // One that the stream refuses by itself, since it is closing.
  const refused = assert.rejects(writer.write(utf8("no more")), TypeError);
  const closing = [a.close(), a.close()];
  assert.deepEqual((await all(b)).map(text), ["one", "two"]);
  await Promise.all([...writes, ended, refused, b.close(), ...closing]);

  const others = (await opened()).sessions;
  const second = others[0].writable.getWriter();
  const waiting = ["one", "two"].map((word) => second.write(utf8(word)).catch(() => undefined));
  const reason = new Error("changed my mind");
  const failing = assert.rejects(others[0].close(), (error) => error === reason);
  await second.abort(reason);
  await Promise.all([failing, ...waiting]);
});

test("a message that is too long is a RangeError, and ends the session", async () => {
  const { sessions } = await opened();
  const [a, b] = sessions;
  await assert.rejects(a.writable.getWriter().write(new Uint8Array(65_532)), RangeError);
  await assert.rejects(a.closed, RangeError);
  await assert.rejects(b.closed, "truncated");
});

test("what is no bytes is a TypeError, and ends the session", async () => {
  const { sessions } = await opened();
  await assert.rejects(sessions[0].writable.getWriter().write("text"), TypeError);
  await assert.rejects(sessions[0].closed, TypeError);
  await assert.rejects(sessions[1].closed, "truncated");
});

for (const [what, leave] of Object.entries({
  "the signal": ({ controller }) => controller.abort(new Error("leaving")),
  "an abort of the writable": ({ session }) => session.writable.abort(new Error("leaving")),
  "a cancel of the readable": ({ session }) => session.readable.cancel(new Error("leaving")),
})) {
  test(`${what} ends both sides with its reason, and closes with 1008`, async () => {
    const controller = new AbortController();
    const { sessions, ends } = await opened({ signal: controller.signal });
    const [session, peer] = sessions;
    await leave({ session, controller });
    for (const promise of [session.closed, session.close(), session.writable.getWriter().closed])
      await assert.rejects(promise, (error) => error.message === "leaving");
    await assert.rejects(peer.closed, "truncated");
    assert.equal(ends[0].closes[0][0], 1008);
  });
}

test("a page, which may not send 1008, closes with 4008", async () => {
  const codes = [];
  const webSocket = Object.assign(new EventTarget(), {
    readyState: 1,
    send: () => undefined,
    close(code) {
      if (code !== 1000 && !(code >= 3000 && code <= 4999))
        throw new DOMException("not for a page", "InvalidAccessError");
      codes.push(code);
    },
  });
  const opening = openSession(fromWebSocket(webSocket), { ...CLIENT, timeoutMs: 20 });
  await assert.rejects(opening, "peer-silent");
  assert.deepEqual(codes, [4008]);
});

test("a signal whose reason has a code closes with that", async () => {
  const controller = new AbortController();
  const { sessions, ends } = await opened({ signal: controller.signal });
  controller.abort({ closeCode: 1000 });
  await sessions[0].closed.catch(() => undefined);
  assert.equal(ends[0].closes[0][0], 1000);
});

for (const stuck of ["sends nothing any more", "does not close"]) {
  test(`after both have ended, a signal still leaves a socket that ${stuck}`, async () => {
    const controller = new AbortController();
    const end = new End();
    const closed = [];
    // Not End's own close, which tells that it has closed.
    const { socket, message } = fromSocketHandlers({
      send: (bytes) => void end.line.send?.(bytes),
      close: (...all) => void closed.push(all),
      bufferedAmount: () => (stuck === "does not close" || closed.length > 0 ? 0 : unsent),
    });
    let unsent = 0;
    const opening = openSession(socket, { ...CLIENT, signal: controller.signal });
    end.receive = message;
    const puppet = await Puppet.at(end);
    await puppet.greet();
    const session = await opening;
    puppet.say(Uint8Array.of(END), true);
    assert.ok((await session.readable.getReader().read()).done);
    unsent = 5;
    const closing = assert.rejects(session.close(), (error) => error.message === "leaving");
    await pause(5);
    controller.abort(new Error("leaving"));
    await closing;
    await assert.rejects(session.closed, (error) => error.message === "leaving");
    assert.equal(closed.at(-1)[0], 1008);
  });
}

test("a signal ends the opening, too", async () => {
  const controller = new AbortController();
  const end = new End();
  const opening = openSession(end.socket, { ...CLIENT, signal: controller.signal });
  await pause(20);
  controller.abort(new Error("enough"));
  await assert.rejects(opening, (error) => error.message === "enough");
  assert.equal(end.closes[0][0], 1008);
});

test("another passphrase is wrong-passphrase, and the socket closes with 1008", async () => {
  const [a, b] = pair();
  const server = openSession(b.socket, SERVER);
  server.catch(() => undefined);
  const key = { ...KEY, decrypt: "another" };
  await assert.rejects(openSession(a.socket, { ...CLIENT, key }), "wrong-passphrase");
  await assert.rejects(server, "truncated");
  assert.equal(a.closes[0][0], 1008);
});

test("a socket that never opens fails with its own error", async () => {
  const failing = Promise.reject(new Error("refused"));
  failing.catch(() => undefined);
  const { readable, writable } = new End().socket;
  const socket = { readable, writable, opened: failing, closed: failing, close: () => undefined };
  await assert.rejects(openSession(socket, CLIENT), (error) => error.message === "refused");
});

test("messages that verified before a failure are read before it is told", async () => {
  const { session, puppet } = await withPuppet(openSession, CLIENT);
  for (const word of ["one", "two"]) puppet.say(data(utf8(word)));
  puppet.say(Uint8Array.of(SWITCH), true);
  await assert.rejects(session.closed, "session-protocol");
  const reader = session.readable.getReader();
  assert.equal(text((await reader.read()).value), "one");
  assert.equal(text((await reader.read()).value), "two");
  await assert.rejects(reader.read(), "session-protocol");
});

test("a reader that stalls holds the peer back at a MiB", async () => {
  const { session, puppet, end } = await withPuppet(openSession, CLIENT);
  let taken = 0;
  for (; taken < 100 && end.closes.length === 0; taken += 1) {
    puppet.say(data(new Uint8Array(65_531)));
    await pause(0);
  }
  // The session keeps one, and the socket's own limit of four ends it.
  assert.ok(taken >= 70 && taken <= 90, `${taken} messages`);
  assert.equal(end.closes[0][0], 1009);
  const reader = session.readable.getReader();
  assert.equal((await reader.read()).value.length, 65_531);
});

for (const [what, messages] of Object.entries({
  "an empty message": [[[]]],
  "an unknown type": [[[9]]],
  "another HELLO": [[[HELLO]]],
  "another CONFIRM": [[concat([CONFIRM], new Uint8Array(32))]],
  "DATA without its length": [[[DATA, 0, 0, 0]]],
  "DATA shorter than it says": [[[DATA, 0, 0, 0, 2, 1]]],
  "DATA of four gigabytes": [[[DATA, 255, 255, 255, 255]]],
  "padding that is not zero": [[[DATA, 0, 0, 0, 1, 1, 0, 1]]],
  "DATA in a final chunk": [[data(utf8("x")), true]],
  "a PING that is too short": [[concat([PING], new Uint8Array(7))]],
  "a PING that is too long": [[concat([PING], new Uint8Array(9))]],
  "a PONG that nobody waits for": [[concat([PONG], new Uint8Array(8))]],
  "a SWITCH without NEXT": [[[SWITCH], true]],
  "a SWITCH that is not final": [[[SWITCH]]],
  "an END that is not final": [[[END]]],
  "an END with something in it": [[[END, 0], true]],
  "a NEXT that is no header": [[concat([NEXT], new Uint8Array(0))], [[SWITCH], true]],
})) {
  test(`${what} is session-protocol, and closes with 1008`, async () => {
    const { session, puppet, end } = await withPuppet(openSession, CLIENT);
    for (const [message, final = false] of messages) puppet.say(Uint8Array.from(message), final);
    const error = await assert.rejects(session.closed, "session-protocol");
    assert.ok(error instanceof SessionError && error.name === "SessionError");
    assert.equal(end.closes[0][0], 1008);
  });
}

for (const [what, greeting] of Object.entries({
  "a HELLO with 31 random bytes": { helloOf: () => hello("server", "client", new Uint8Array(31)) },
  "a HELLO with 33 random bytes": { helloOf: () => hello("server", "client", new Uint8Array(33)) },
  "a HELLO of one byte": { helloOf: () => Uint8Array.of(HELLO) },
  "a HELLO without the last byte of its roles": {
    helloOf: () => hello("server", "client").slice(0, 20),
  },
  "a CONFIRM of 31 bytes": { confirmOf: (mine) => mine.slice(0, -1) },
  "a CONFIRM of 33 bytes": { confirmOf: (mine) => concat(mine, [0]) },
  "DATA in place of CONFIRM": { confirmOf: () => data(utf8("x")) },
})) {
  test(`${what} is session-protocol`, async () => {
    const end = new End();
    const opening = assert.rejects(openSession(end.socket, CLIENT), "session-protocol");
    const puppet = await Puppet.at(end);
    await puppet.greet(greeting);
    await opening;
    assert.equal(end.closes[0][0], 1008);
  });
}

for (const which of ["HELLO", "CONFIRM"]) {
  test(`a ${which} in a final chunk is session-protocol`, async () => {
    const end = new End();
    const opening = assert.rejects(openSession(end.socket, CLIENT), "session-protocol");
    const puppet = await Puppet.at(end);
    const { say } = puppet;
    let said = 0;
    puppet.say = function (message) {
      said += 1;
      if (said <= (which === "HELLO" ? 1 : 2))
        say.call(this, message, said === (which === "HELLO" ? 1 : 2));
    };
    await puppet.greet();
    await opening;
    assert.equal(end.closes[0][0], 1008);
  });
}

test("a second NEXT before SWITCH is session-protocol", async () => {
  const { session, puppet } = await withPuppet(openSession, CLIENT);
  await puppet.next();
  await puppet.next();
  await assert.rejects(session.closed, "session-protocol");
});

test("a NEXT with the header and nonce of the present stream is session-protocol", async () => {
  const { session, puppet } = await withPuppet(openSession, CLIENT);
  puppet.say(concat([NEXT], puppet.start));
  await assert.rejects(session.closed, "session-protocol");
});

test("so it is after a renewal", async () => {
  const { session, puppet } = await withPuppet(openSession, CLIENT);
  (await puppet.next())();
  puppet.say(concat([NEXT], puppet.start));
  await assert.rejects(session.closed, "session-protocol");
});

test("a NEXT with our own header is reflected", async () => {
  const { session, puppet } = await withPuppet(openSession, CLIENT);
  puppet.say(concat([NEXT], puppet.theirStart));
  await assert.rejects(session.closed, "reflected");
});

test("a renewal by the peer, whose next key has no header on the wire", async () => {
  const { session, puppet } = await withPuppet(openSession, CLIENT);
  const swap = await puppet.next();
  swap();
  puppet.say(data(utf8("under the next key")));
  const reader = session.readable.getReader();
  assert.equal(text((await reader.read()).value), "under the next key");
  await session.readable.cancel().catch(() => undefined);
  reader.releaseLock();
});

test("PINGs are answered, but for a flood of them whose answers cannot leave", async () => {
  const { session, puppet, end } = await withPuppet(openSession, CLIENT);
  await puppet.hear(); // CONFIRM
  for (let i = 0; i < 20; i += 1) {
    puppet.say(concat([PING], new Uint8Array(8).fill(i)));
    assert.deepEqual(await puppet.hear(), concat([PONG], new Uint8Array(8).fill(i)));
  }
  end.line.unsent = () => 2 ** 30;
  for (let i = 0; i < 5; i += 1) puppet.say(concat([PING], new Uint8Array(8)));
  await assert.rejects(session.closed, "session-protocol");
});

test("empty messages that nobody reads count, too", async () => {
  const end = new End({}, { maxBufferedBytes: 65_536 });
  const opening = openSession(end.socket, CLIENT);
  const puppet = await Puppet.at(end);
  await puppet.greet();
  const session = await opening;
  session.closed.catch(() => undefined);
  const { send } = puppet;
  // A MiB holds 16,384 of them, and the socket 2,621 sealed ones.
  for (let i = 0; i < 25 && end.closes.length === 0; i += 1) {
    const sealed = [];
    puppet.send = (bytes) => sealed.push(bytes);
    for (let j = 0; j < 1000; j += 1) puppet.say(data(new Uint8Array(0)));
    send(new Uint8Array(await new Blob(sealed).arrayBuffer()));
    await pause(0);
  }
  assert.equal(end.closes[0]?.[0], 1009);
});

test("a peer whose answer waits behind what nobody reads is not silent", async () => {
  const { session, puppet, end } = await withPuppet(openSession, { ...CLIENT, pingMs: 30 });
  for (let i = 0; i < 17; i += 1) puppet.say(data(new Uint8Array(65_531)));
  await pause(150);
  assert.deepEqual(end.closes, []);
  assert.equal((await session.readable.getReader().read()).value.length, 65_531);
  session.closed.catch(() => undefined);
  await session.writable.abort(new Error("enough"));
});

test("an abort does not wait for a write that waits for room", async () => {
  const { session, end } = await withPuppet(openSession, CLIENT);
  end.line.unsent = () => 2 ** 30;
  const writer = session.writable.getWriter();
  const writes = [1, 2].map(() => writer.write(utf8("x")).catch(() => undefined));
  const aborted = writer.abort(new Error("leaving"));
  await assert.rejects(session.closed, (error) => error.message === "leaving");
  await Promise.all([...writes, aborted]);
});

test("a PING after our END is not answered, and no error", async () => {
  const { session, puppet } = await withPuppet(openSession, CLIENT);
  await puppet.hear(); // CONFIRM
  await session.writable.close();
  assert.deepEqual([...(await puppet.hear())], [END]);
  puppet.say(concat([PING], new Uint8Array(8)));
  puppet.say(Uint8Array.of(END), true);
  await session.closed;
});

for (const [role, peerRole] of [
  ["serve", "client"],
  ["server", "clien"],
  ["clien", "client"],
]) {
  test(`the roles ${role} and ${peerRole}, of which one is cut short, are session-protocol`, async () => {
    const end = new End();
    const opening = assert.rejects(openSession(end.socket, CLIENT), "session-protocol");
    const puppet = await Puppet.at(end);
    await puppet.greet({ helloOf: () => hello(role, peerRole) });
    await opening;
  });
}

test("a signal that is aborted already, and a writable in use, leave the socket alone", async () => {
  const end = new End();
  const reason = new Error("enough");
  await assert.rejects(
    openSession(end.socket, { ...CLIENT, signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  const writer = end.socket.writable.getWriter();
  await assert.rejects(openSession(end.socket, CLIENT), TypeError);
  writer.releaseLock();
  const { readable, writable } = end.socket;
  assert.deepEqual([readable.locked, writable.locked, end.closes.length], [false, false, 0]);
});

test("a header that no NEXT can hold is a RangeError, where there is to be one", async () => {
  const encrypt = {
    wrapFileKey: () => [{ args: ["example.com/x"], body: new Uint8Array(60_000) }],
  };
  const options = { ...CLIENT, key: { encrypt, decrypt: KEY.decrypt }, renew: { messages: 9 } };
  await assert.rejects(openSession(new End().socket, options), RangeError);
});

test("bytes after both ends' END change nothing; after the peer's alone they are trailing-data", async () => {
  const { session, puppet, end } = await withPuppet(openSession, CLIENT);
  puppet.say(Uint8Array.of(END), true);
  end.receive(Uint8Array.of(1, 2, 3));
  assert.ok((await session.readable.getReader().read()).done);
  await assert.rejects(session.closed, "trailing-data");
});

for (const [what, options, kind] of [
  ["no options", undefined, TypeError],
  ["no key", { key: undefined }, TypeError],
  ["half a key", { key: { encrypt: "a" } }, TypeError],
  ["an empty passphrase", { key: "" }, RangeError],
  ["no role", { role: undefined }, TypeError],
  ["an empty role", { role: "" }, RangeError],
  ["a role of 256 bytes", { role: "é".repeat(128) }, RangeError],
  ["half a character", { role: "\ud800" }, TypeError],
  ["one role for both", { role: "server" }, RangeError],
  ["no time", { timeoutMs: 0 }, RangeError],
  ["more time than a timer has", { timeoutMs: 2 ** 31 }, RangeError],
  ["pings without end", { pingMs: Infinity }, RangeError],
  ["another padding", { pad: "zeros" }, TypeError],
  ["no messages", { renew: { messages: 0 } }, RangeError],
  ["no minutes", { renew: { minutes: 0 } }, RangeError],
  ["too many minutes", { renew: { minutes: 1e9 } }, RangeError],
  ["a misspelt limit", { timeout: 5 }, TypeError],
  ["a misspelt renewal", { renew: { message: 5 } }, TypeError],
  ["a work factor of 23", { maxWorkFactor: 23 }, RangeError],
]) {
  test(`${what} is a ${kind.name}, and leaves the socket alone`, async () => {
    const end = new End();
    await assert.rejects(
      openSession(end.socket, options && { ...CLIENT, ...options }),
      (error) => error instanceof kind,
    );
    assert.deepEqual([end.socket.readable.locked, end.closes.length], [false, 0]);
  });
}

test("what is no pair of streams, or in use, is a TypeError", async () => {
  const end = new End();
  end.socket.readable.getReader();
  for (const socket of [undefined, {}, { readable: end.socket.readable }, end.socket])
    await assert.rejects(openSession(socket, CLIENT), TypeError);
});
