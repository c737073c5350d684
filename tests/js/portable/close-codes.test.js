/** The code that a socket is closed with where a signal ends it. */
import { AgeRtEncryptStream, fromWebSocket } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { failure } from "./lib/fate.js";
import { PASSPHRASE, QUICK } from "./lib/files.js";

/** An open WebSocket that remembers how it was closed. */
function fakeSocket() {
  const socket = new EventTarget();
  socket.closed = new Promise((resolve) => (socket.close = (...args) => resolve(args)));
  return Object.assign(socket, { readyState: 1, send() {} });
}

const REASONS = [
  ["an object with a closeCode", { closeCode: 4321, reason: "bye" }, 4321, "bye"],
  ["an object with the code of a clean close", { closeCode: 1000 }, 1000, undefined],
  [
    "an Error, whose code another peer may have chosen",
    Object.assign(new Error("x"), { closeCode: 1000 }),
  ],
  ["a DOMException, as abort() gives it", undefined],
];

for (const [what, reason, code, text] of REASONS) {
  test(`a signal of the socket's own, aborted with ${what}`, async () => {
    const abort = new AbortController();
    const socket = fakeSocket();
    const { readable } = fromWebSocket(socket, { signal: abort.signal });
    abort.abort(reason);
    const [sent, said] = await socket.closed;
    // A page may not send 1011: it says 4011.
    assert.ok(code === undefined ? [1011, 4011].includes(sent) : sent === code, `${sent}`);
    assert.equal(said || undefined, text);
    assert.equal(await failure(readable.getReader().read()), abort.signal.reason);
  });

  test(`a signal of the stream that is piped into it, aborted with ${what}`, async () => {
    const abort = new AbortController();
    const socket = fakeSocket();
    const { writable } = fromWebSocket(socket);
    const stream = new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, signal: abort.signal });
    const piped = failure(stream.readable.pipeTo(writable));
    abort.abort(reason);
    const [sent] = await socket.closed;
    assert.ok(code === undefined ? [1011, 4011].includes(sent) : sent === code, `${sent}`);
    assert.equal(await piped, abort.signal.reason);
  });
}
