/** fromSocketHandlers() with handlers that do exactly what a test needs. */
import { fromSocketHandlers } from "age-rt-wasm";
import { assert, test as register } from "../harness.js";

const BYTES = Uint8Array.of(1, 2, 3);

let group = "";
function describe(what, body) {
  group = `${what}: `;
  body();
  group = "";
}
const test = (name, body) => register(`socket handlers: ${group}${name}`, body);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What went through the handlers, and the socket. */
function handled(handlers = {}, options) {
  const [sent, closes] = [[], []];
  const at = fromSocketHandlers(
    {
      send: (data) => void sent.push(data),
      close: (...args) => void closes.push(args),
      ...handlers,
    },
    options,
  );
  return { ...at, sent, closes };
}

async function settled(promise) {
  let done = false;
  const see = () => void (done = true);
  promise.then(see, see);
  await pause(20);
  return done;
}

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("what comes in", () => {
  test("a message is copied before message() returns, whatever it is", async () => {
    const { socket, message } = handled();
    const reader = socket.readable.getReader();
    for (const data of [BYTES.slice(), BYTES.slice().buffer, new DataView(BYTES.slice().buffer)]) {
      message(data);
      new Uint8Array(data.buffer ?? data).fill(9);
      assert.deepEqual((await reader.read()).value, BYTES);
    }
  });

  test("what is neither bytes nor text is a TypeError, and changes nothing", async () => {
    const { socket, message, closes } = handled();
    for (const data of [undefined, null, 5, {}, new Blob(["a"])])
      assert.ok((await failure((async () => message(data))())) instanceof TypeError);
    message(BYTES);
    assert.deepEqual((await socket.readable.getReader().read()).value, BYTES);
    assert.deepEqual(closes, []);
  });

  test("text is refused with 1003", async () => {
    const { socket, message, closes } = handled();
    message("text");
    assert.equal((await failure(socket.readable.getReader().read())).code, "text-frame");
    assert.equal(closes[0][0], 1003);
  });

  test("more than may wait is refused with 1009", async () => {
    const { socket, message, closes } = handled({}, { maxBufferedBytes: 10 });
    message(new Uint8Array(10));
    assert.deepEqual(closes, []);
    message(new Uint8Array(1));
    assert.equal((await failure(socket.readable.getReader().read())).code, "socket-overflow");
    assert.equal(closes[0][0], 1009);
  });

  test("pause and resume, where nobody reads", async () => {
    const calls = [];
    const { socket, message } = handled({
      pause: () => calls.push("pause"),
      resume: () => calls.push("resume"),
    });
    const reader = socket.readable.getReader();
    const first = reader.read();
    await pause(1);
    message(BYTES);
    await first;
    assert.deepEqual(calls, []);
    message(BYTES);
    assert.deepEqual(calls, ["pause"]);
    await reader.read();
    assert.deepEqual(calls, ["pause", "resume"]);
  });
});

describe("what goes out", () => {
  test("the bytes are the callee's own", async () => {
    const { socket, sent } = handled();
    const bytes = BYTES.slice();
    await socket.writable.getWriter().write(bytes);
    bytes.fill(9);
    assert.deepEqual(sent, [BYTES]);
  });

  test("false: the message was dropped, both sides fail, and it closes", async () => {
    const { socket, closes } = handled({ send: () => false });
    const error = await failure(socket.writable.getWriter().write(BYTES));
    assert.equal(error.code, "socket-closed");
    assert.equal(await failure(socket.readable.getReader().read()), error);
    assert.equal(closes[0][0], 1011);
  });

  test("a promise of false says the same", async () => {
    const { socket } = handled({ send: async () => false });
    const error = await failure(socket.writable.getWriter().write(BYTES));
    assert.equal(error.code, "socket-closed");
  });

  test("a number is a TypeError that says what to write", async () => {
    for (const number of [0, -1, 3]) {
      const { socket } = handled({ send: () => number });
      const error = await failure(socket.writable.getWriter().write(BYTES));
      assert.ok(error instanceof TypeError && error.message.includes("!== 0"), String(error));
    }
  });

  test("a promise is waited for, and its rejection is the end", async () => {
    let tell;
    const { socket } = handled({ send: () => new Promise((_, reject) => (tell = reject)) });
    const writing = socket.writable.getWriter().write(BYTES);
    assert.equal(await settled(writing), false);
    const broken = new Error("broken");
    tell(broken);
    assert.equal(await failure(writing), broken);
  });

  test("a promise that never settles is not waited for when the socket ends", async () => {
    const { socket, closed } = handled({ send: () => new Promise(() => undefined) });
    const writer = socket.writable.getWriter();
    const writing = writer.write(BYTES);
    const next = writer.write(BYTES);
    await pause(5);
    closed(1000);
    await writing;
    assert.equal((await failure(next)).code, "socket-closed");
  });

  test("with neither bufferedAmount nor a promise no write waits", async () => {
    const { socket, sent } = handled({}, { highWaterMark: 1 });
    const writer = socket.writable.getWriter();
    for (let i = 0; i < 100; i += 1) await writer.write(BYTES);
    assert.equal(sent.length, 100);
  });

  test("with bufferedAmount a write waits until it is under highWaterMark", async () => {
    let unsent = 100;
    const { socket } = handled({ bufferedAmount: () => unsent }, { highWaterMark: 100 });
    const writing = socket.writable.getWriter().write(BYTES);
    assert.equal(await settled(writing), false);
    unsent = 99;
    await writing;
  });

  test("or until drain() is called, once for each", async () => {
    const { socket, drain, sent } = handled({ bufferedAmount: () => 100 }, { highWaterMark: 100 });
    const writer = socket.writable.getWriter();
    const [first, second] = [writer.write(BYTES), writer.write(BYTES)];
    assert.equal(await settled(first), false);
    drain();
    await first;
    assert.equal(await settled(second), false);
    assert.equal(sent.length, 2);
    drain();
    await second;
  });

  test("closing the writable sends what is left, closes with 1000 and waits for closed()", async () => {
    let unsent = 0;
    const { socket, closes, closed } = handled({ bufferedAmount: () => unsent });
    const writer = socket.writable.getWriter();
    await writer.write(BYTES);
    unsent = 1;
    const closing = writer.close();
    assert.equal(await settled(closing), false);
    assert.deepEqual(closes, []);
    unsent = 0;
    while (closes.length === 0) await pause(1);
    assert.deepEqual(closes, [[1000, ""]]);
    assert.equal(await settled(closing), false);
    closed(1000);
    await closing;
  });
});

describe("how it ends", () => {
  for (const code of [1000, 1005, undefined]) {
    test(`closed(${code}) is clean: what was received, then the end`, async () => {
      const { socket, message, closed } = handled();
      message(BYTES);
      closed(code, "bye");
      assert.deepEqual(await socket.closed, { code: code ?? 1005, reason: "bye" });
      const reader = socket.readable.getReader();
      assert.deepEqual((await reader.read()).value, BYTES);
      assert.ok((await reader.read()).done);
      assert.equal((await failure(socket.writable.getWriter().closed)).code, "socket-closed");
    });
  }

  for (const code of [1006, 1015, 0]) {
    test(`closed(${code}) is not`, async () => {
      const { socket, closed } = handled();
      closed(code);
      const error = await failure(socket.closed);
      assert.equal(error.code, "socket-closed");
      assert.equal(error.closeCode, code || 1006);
      assert.equal((await failure(socket.readable.getReader().read())).code, "socket-closed");
    });
  }

  test("closed(1011) is an agreement to fail", async () => {
    const { socket, closed } = handled();
    closed(1011, "out of paper");
    assert.deepEqual(await socket.closed, { code: 1011, reason: "out of paper" });
    const error = await failure(socket.readable.getReader().read());
    assert.equal(error.closeCode, 1011);
    assert.equal(error.reason, "out of paper");
  });

  test("error() ends both sides with its cause, and closes what the host left open", async () => {
    const { socket, error, closes } = handled();
    const cause = new Error("ECONNRESET");
    error(cause);
    for (const promise of [
      socket.closed,
      socket.readable.getReader().read(),
      socket.writable.getWriter().closed,
    ]) {
      const thrown = await failure(promise);
      assert.equal(thrown.code, "socket-closed");
      assert.equal(thrown.cause, cause);
    }
    assert.deepEqual(closes, [[1011]]);
  });

  test("calls after the end do nothing", async () => {
    const { socket, message, drain, error, closed, closes } = handled();
    closed(1000);
    const ending = await socket.closed;
    message(BYTES);
    message("text");
    message(undefined);
    drain();
    error(new Error("late"));
    closed(1011);
    socket.close();
    assert.deepEqual(await socket.closed, ending);
    assert.ok((await socket.readable.getReader().read()).done);
    assert.deepEqual(closes, []);
  });

  test("a host that refuses the code gets one for applications; one that refuses every code has closed", async () => {
    const codes = [];
    const picky = handled({
      close(code) {
        codes.push(code);
        if (code < 3000) throw new RangeError("not for you");
      },
    });
    await picky.socket.writable.abort();
    assert.deepEqual(codes, [1011, 4011]);
    const broken = handled({
      close() {
        throw new Error("gone");
      },
    });
    await broken.socket.readable.cancel();
    assert.equal((await failure(broken.socket.closed)).closeCode, 1006);
  });

  test("a signal closes it, with the code of its reason", async () => {
    const controller = new AbortController();
    const { socket, closes } = handled({}, { signal: controller.signal });
    controller.abort({ closeCode: 1000, reason: "leaving" });
    assert.equal((await failure(socket.readable.getReader().read())).closeCode, 1000);
    assert.deepEqual(closes, [[1000, "leaving"]]);
  });
});

describe("a host that calls closed() while close() runs, as uWebSockets does", () => {
  /** What ends it; the close codes; what both sides say then. */
  const ENDINGS = {
    "an abort": [({ writable }) => writable.abort(new Error("enough")), [1011], "enough"],
    "an abort beside a write that waits": [
      async ({ writable }) => {
        const writer = writable.getWriter();
        const writes = [writer.write(BYTES), writer.write(BYTES)].map((write) =>
          write.catch(() => undefined),
        );
        await writer.abort(new Error("enough"));
        await Promise.all(writes);
        writer.closed.catch(() => undefined);
        writer.releaseLock();
      },
      [1011],
      "enough",
    ],
    "a cancel": [({ readable }) => readable.cancel(new Error("enough")), [1011], undefined],
    "closing the writable": [({ writable }) => writable.close(), [1000], undefined],
    "close()": [
      (socket) => socket.close(3000, "over"),
      [3000],
      "The socket was closed with code 3000",
    ],
  };
  for (const [what, [end, codes, said]] of Object.entries(ENDINGS)) {
    test(what, async () => {
      const at = handled({
        bufferedAmount: () => (at.closes.length === 0 && what.includes("waits") ? 2 ** 30 : 0),
        close: (...all) => {
          at.closes.push(all);
          at.closed(...all);
        },
      });
      await end(at.socket);
      assert.deepEqual(
        at.closes.map(([code]) => code),
        codes,
      );
      assert.equal((await at.socket.closed).code, codes[0]);
      const reading = at.socket.readable.getReader().read();
      if (said === undefined) assert.ok((await reading).done);
      else assert.equal((await failure(reading)).message, said);
    });
  }
});

describe("a handler that throws is the end of both sides, with what it threw", () => {
  const fail = () => {
    throw new Error("cannot");
  };
  const write = ({ writable }) => writable.getWriter().write(BYTES);
  const HANDLERS = {
    send: [{ send: fail }, ({ socket }) => failure(write(socket))],
    "bufferedAmount, in a write": [
      { bufferedAmount: fail },
      ({ socket }) => failure(write(socket)),
    ],
    "bufferedAmount, at the end": [
      { bufferedAmount: fail },
      ({ socket }) => failure(socket.writable.close()),
    ],
    pause: [{ pause: fail, resume: () => undefined }, ({ message }) => message(BYTES)],
    resume: [
      { pause: () => undefined, resume: fail },
      async ({ socket, message }) => {
        message(BYTES);
        await socket.readable.pipeTo(new WritableStream(), { preventCancel: true }).catch(() => 0);
      },
    ],
  };
  for (const [what, [handlers, act]] of Object.entries(HANDLERS)) {
    test(what, async () => {
      const at = handled(handlers);
      await act(at);
      assert.deepEqual(at.closes, [[1011, ""]]);
      const { readable, writable } = at.socket;
      assert.equal((await failure(readable.getReader().read())).message, "cannot");
      // The writer that wrote has it.
      if (!writable.locked)
        assert.equal((await failure(writable.getWriter().closed)).message, "cannot");
    });
  }
});

test("a socket handlers' bufferedAmount() is not asked once it has closed: uWebSockets throws then", async () => {
  const at = handled({
    bufferedAmount: () => {
      if (gone) throw new Error("Invalid access of closed uWS.WebSocket");
      return 2 ** 30;
    },
  });
  let gone = false;
  const writer = at.socket.writable.getWriter();
  const write = writer.write(BYTES);
  await pause(5);
  gone = true;
  at.closed(1006);
  await write;
  assert.equal((await failure(writer.closed)).code, "socket-closed");
  assert.equal((await failure(at.socket.readable.getReader().read())).code, "socket-closed");
});

test("a failure while the last bytes leave closes once, and not with 1000", async () => {
  const controller = new AbortController();
  const at = handled({ bufferedAmount: () => 5 }, { signal: controller.signal });
  const closing = failure(at.socket.writable.close());
  await pause(5);
  controller.abort(new Error("enough"));
  await pause(5);
  assert.deepEqual(at.closes, [[1011, ""]]);
  at.closed(1011);
  await closing;
});

test("an empty message is nothing, whether or not a read waits", async () => {
  const { socket, message } = handled();
  const reader = socket.readable.getReader();
  const reading = reader.read();
  await pause(1);
  message(new Uint8Array(0));
  message(BYTES);
  assert.deepEqual((await reading).value, BYTES);
  message(new Uint8Array(0));
  message(BYTES);
  assert.deepEqual((await reader.read()).value, BYTES);
});

test("error() closes nothing that close() has closed, and nothing is paused then", async () => {
  const pauses = [];
  const { socket, message, error, closes } = handled({
    pause: () => void pauses.push("pause"),
    resume: () => void pauses.push("resume"),
  });
  socket.close();
  message(BYTES);
  error(new Error("lost"));
  assert.equal((await failure(socket.closed)).cause.message, "lost");
  assert.deepEqual([closes.length, pauses], [1, []]);
});

test("what is no handlers is a TypeError, before anything is called", async () => {
  const none = () => {
    throw new Error("called");
  };
  for (const handlers of [
    undefined,
    null,
    5,
    {},
    { send: none },
    { close: none },
    { send: none, close: none, bufferedAmount: 0 },
    { send: none, close: none, pause: none },
    { send: none, close: none, resume: none },
  ])
    assert.ok((await failure((async () => fromSocketHandlers(handlers))())) instanceof TypeError);
});
