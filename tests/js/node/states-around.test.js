/**
 * What each call does in each state of what stands around the codecs: sockets, armor streams,
 * sessions, the reader, and one call for all.
 */
import assert from "node:assert/strict";
import {
  AgeEncryptStream,
  decrypt,
  encrypt,
  fromDataChannel,
  fromSocketHandlers,
  fromWebSocket,
  toBlob,
} from "age-rt-wasm";
import { decryptHeader, inspect, rekey, splitHeader } from "age-rt-wasm/header";
import { AgeReader } from "age-rt-wasm/reader";
import { openSession } from "age-rt-wasm/session";
import { CLIENT, pair, SERVER } from "../portable/lib/session-line.js";
import { FakeSocket } from "../sockets/lib/fake-socket.js";
import { NONE, table, turns } from "./lib/states.js";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 1 };
const BYTES = Uint8Array.of(1, 2, 3);
const enough = () => new Error("enough");

/**
 * Each takes a side of the streams for itself and lets it go again, so that one may follow another.
 */
const write = async ({ writable }, bytes = BYTES) => {
  const writer = writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.closed.catch(() => undefined);
    writer.releaseLock();
  }
};
const end = async ({ writable }) => {
  const writer = writable.getWriter();
  try {
    await writer.close();
  } finally {
    writer.releaseLock();
  }
};
const abort = ({ writable }, reason = enough()) => writable.abort(reason);
const cancel = ({ readable }, reason = enough()) => readable.cancel(reason);
const read = async ({ readable }) => {
  const reader = readable.getReader();
  try {
    return await reader.read();
  } finally {
    reader.releaseLock();
  }
};
/** Reads to the end. @returns the error that ends it */
const drained = async (stream) => {
  try {
    while (!(await read(stream)).done);
  } catch (error) {
    return error;
  }
  return undefined;
};

// --- sockets

/** A peer that answers whatever it is told: it opens, sends one message, and closes once we do. */
function webSocket(readyState = 1) {
  const peer = new FakeSocket({ readyState });
  const { close } = peer;
  peer.close = (code, reason) => {
    close.call(peer, code, reason);
    queueMicrotask(() => peer.closed({ code: code ?? 1005, reason }));
  };
  return {
    socket: fromWebSocket(peer),
    opens: () => peer.open(),
    sends: () => peer.receive(BYTES),
    ends: () => peer.closed(),
    is: { lost: () => peer.closed({ code: 1006, wasClean: false }) },
  };
}

function dataChannel(readyState = "open") {
  const peer = Object.assign(new FakeSocket(), {
    ...{ readyState, ordered: true, maxRetransmits: null, maxPacketLifeTime: null },
    send: () => undefined,
    close: () => queueMicrotask(closed),
  });
  const closed = () => {
    peer.readyState = "closed";
    peer.emit("close");
  };
  return {
    socket: fromDataChannel(peer),
    opens: () => {
      peer.readyState = "open";
      peer.emit("open");
    },
    sends: () => peer.receive(BYTES),
    ends: closed,
    is: {
      lost: () => {
        peer.emit("error", { error: new Error("lost") });
        closed();
      },
    },
  };
}

function socketHandlers() {
  const handled = fromSocketHandlers({
    send: () => undefined,
    close: (code, reason) => queueMicrotask(() => handled.closed(code, reason)),
  });
  return {
    ...handled,
    sends: () => handled.message(BYTES),
    ends: () => handled.closed(1000),
    is: { lost: () => handled.closed(1006) },
  };
}

/** A peer whose socket is in a state, after something was done to it. */
const socketAfter = (did) => async (make) => {
  const object = make();
  return { object, error: await did(object) };
};

const socketStates = {
  // The sockets of functions are handed over open.
  "before it is open": (make, connecting) => {
    if (connecting === undefined) return undefined;
    const object = make(connecting);
    queueMicrotask(object.opens);
    return { object };
  },
  open: socketAfter(() => undefined),
  "after it was lost": socketAfter(async ({ socket, is }) => {
    is.lost();
    return socket.closed.catch((error) => error);
  }),
  "after the peer's end": socketAfter(({ ends }) => ends()),
  "after its own end": socketAfter(({ socket }) => end(socket)),
  "after close()": socketAfter(async ({ socket }) => {
    socket.close();
    await socket.closed;
  }),
  "after an abort": socketAfter(async ({ socket }) => {
    const reason = enough();
    await abort(socket, reason);
    return reason;
  }),
  "after a cancel": socketAfter(async ({ socket }) => {
    const reason = enough();
    await cancel(socket, reason);
    return reason;
  }),
  "given away": socketAfter(({ socket }) => {
    socket.readable.getReader();
    socket.writable.getWriter();
  }),
};

table(
  "Sockets",
  [
    ["fromWebSocket()", webSocket, 0],
    ["fromDataChannel()", dataChannel, "connecting"],
    ["fromSocketHandlers()", socketHandlers],
  ],
  socketStates,
  {
    "write()": ({ socket }) => write(socket),
    "close() of the writer": ({ socket }) => end(socket),
    "abort()": ({ socket }) => abort(socket),
    "read()": ({ socket, sends }) => {
      queueMicrotask(sends);
      return read(socket);
    },
    "cancel()": ({ socket }) => cancel(socket),
    "close()": ({ socket }) => socket.close(),
    opened: ({ socket }) => socket.opened,
    closed: ({ socket }) => {
      socket.close();
      return socket.closed;
    },
  },
);

/** Whatever it ended by, the functions are still called: by a host that knows no better. */
const handledStates = Object.fromEntries(
  Object.entries(socketStates)
    .filter(([name]) => !["before it is open", "given away"].includes(name))
    .map(([name, make]) => [name, () => make(socketHandlers)]),
);
table("Functions of `fromSocketHandlers()`", [["them"]], handledStates, {
  "message()": ({ message }) => message(BYTES),
  "message() of a Blob": ({ message }) => message(new Blob([])),
  "drain()": ({ drain }) => drain(),
  "error()": ({ error }) => error(),
  "closed()": ({ closed }) => closed(1000),
});

// --- sessions

/** A session and its peer, which has sent one message and ends when it is told to. */
async function conversation() {
  const [a, b] = pair();
  const [session, peer] = await Promise.all([
    openSession(a.socket, CLIENT),
    openSession(b.socket, SERVER),
  ]);
  await write(peer);
  const hearing = drained(peer);
  const peerEnds = async () => {
    await end(peer).catch(() => undefined);
    await hearing;
  };
  return { session, peerEnds, lost: () => a.closed(1006) };
}

const sessionAfter = (did) => async () => {
  const object = await conversation();
  return {
    object,
    error: await did(object),
    end: () => abort(object.session).catch(() => undefined),
  };
};

table(
  "Sessions",
  [["a session"]],
  {
    open: sessionAfter(() => undefined),
    "after the peer's end": sessionAfter(async ({ session, peerEnds }) => {
      peerEnds();
      // Its message, and then its end.
      await drained(session);
    }),
    "after its own end": sessionAfter(({ session }) => end(session)),
    "after both ends": sessionAfter(async ({ session, peerEnds }) => {
      const closed = session.close();
      await Promise.all([closed, peerEnds(), drained(session)]);
    }),
    "after it was lost": sessionAfter(({ session, lost }) => {
      lost();
      return drained(session);
    }),
    "after an abort": sessionAfter(async ({ session }) => {
      const reason = enough();
      await abort(session, reason);
      return reason;
    }),
    "after a cancel": sessionAfter(async ({ session }) => {
      const reason = enough();
      await cancel(session, reason);
      return reason;
    }),
    "given away": sessionAfter(({ session }) => {
      session.readable.getReader();
      session.writable.getWriter();
    }),
  },
  {
    "write()": ({ session }) => write(session),
    "close() of the writer": ({ session }) => end(session),
    "abort()": ({ session }) => abort(session),
    "read()": ({ session }) => read(session),
    "cancel()": ({ session }) => cancel(session),
    "close()": async ({ session, peerEnds }) => {
      const closed = session.close();
      await Promise.all([closed, peerEnds()]);
    },
    closed: async ({ session, peerEnds }) => {
      session.close().catch(() => undefined);
      await Promise.all([session.closed, peerEnds()]);
    },
    peer: ({ session }) => assert.equal(session.peer.role, "server"),
  },
);

// --- AgeReader

const CHUNK = 65_536;
const whole = await encrypt(new Uint8Array(4 * CHUNK), PASSPHRASE, QUICK);
/** Its second chunk was changed. */
const damaged = whole.slice();
damaged[2 * CHUNK] ^= 1;

const readerOf = (file, options) => AgeReader.open(new Blob([file]), PASSPHRASE, options);
/** A file whose reads can be held back, or made to fail. */
async function sourced() {
  const source = {
    size: whole.length,
    gate: undefined,
    async read(from, to) {
      await source.gate;
      return whole.slice(from, to);
    },
  };
  return { object: await AgeReader.open(source, PASSPHRASE, { cacheBytes: 0 }), source };
}

table(
  "AgeReader",
  [["a reader"]],
  {
    open: async () => ({ object: await readerOf(whole) }),
    "while another reads": async () => {
      const { object, source } = await sourced();
      let open;
      source.gate = new Promise((resolve) => (open = resolve));
      const reading = object.read(0, 10).then(
        ({ length }) => length,
        (error) => error.code,
      );
      queueMicrotask(open);
      return {
        object,
        end: async () => assert.ok([10, "freed"].includes(await reading)),
      };
    },
    "a chunk was changed": async () => {
      const object = await readerOf(damaged, { cacheBytes: 0 });
      await assert.rejects(object.read(), { code: "chunk-authentication", chunkIndex: 1 });
      return { object };
    },
    "its source has failed": async () => {
      const { object, source } = await sourced();
      source.gate = Promise.reject(new Error("gone"));
      source.gate.catch(() => undefined);
      await assert.rejects(object.read());
      return { object };
    },
    "after close()": async () => {
      const object = await readerOf(whole);
      object.close();
      return { object };
    },
    "after its signal": async () => {
      const controller = new AbortController();
      const object = await readerOf(whole, { signal: controller.signal });
      const error = enough();
      controller.abort(error);
      return { object, error };
    },
  },
  {
    size: (reader) => assert.equal(reader.size, 4 * CHUNK),
    byteLength: (reader) => assert.equal(reader.byteLength, 4 * CHUNK),
    "read() of the first bytes": (reader) => reader.read(0, 10),
    "read() of all": (reader) => reader.read(),
    "slice() of all": (reader) => reader.slice(),
    "stream() to its end": (reader) => toBlob(reader.stream()),
    "ciphertextRange()": (reader) => reader.ciphertextRange(0, 10),
    "check()": async (reader) => {
      for await (const range of reader.check()) assert.ok(range);
    },
    "respond(), body to its end": (reader) =>
      toBlob(reader.respond(new Request("http://localhost/")).body),
    "close()": (reader) => reader.close(),
  },
);

// --- in one call

const slow = await encrypt(new Uint8Array(100), PASSPHRASE, { workFactor: 10 });
const quick = await encrypt(new Uint8Array(100_000), PASSPHRASE, QUICK);
const cut = quick.slice(0, 100);
const needs = (there) => {
  if (!there) throw NONE;
};

/** What each call is given. `repeat` calls it twice at once. */
const calls = {
  "encrypt()": ({ signal, file, key }) => {
    needs(file !== cut && key === PASSPHRASE);
    return encrypt("text", key, { workFactor: file === slow ? 10 : 1, signal });
  },
  "decrypt()": ({ signal, file, key }) => decrypt(file, key, { signal }),
  "toBlob()": ({ signal, file, key }) => {
    needs(file !== cut && key === PASSPHRASE);
    const stream = new AgeEncryptStream(key, { workFactor: file === slow ? 10 : 1 });
    return toBlob(new Blob([file]).stream().pipeThrough(stream), { signal });
  },
  "inspect()": ({ signal, file, key }) => {
    needs(!signal && key === PASSPHRASE);
    return inspect(file);
  },
  "splitHeader()": ({ signal, file, key }) => {
    needs(!signal && key === PASSPHRASE);
    return splitHeader(file);
  },
  "decryptHeader()": ({ signal, file, key }) => decryptHeader(file, key, { signal }),
  "rekey()": ({ signal, file, key }) =>
    rekey(new Blob([file]), key, "another", { ...QUICK, signal }),
  "AgeReader.open()": async ({ signal, file, key }) =>
    (await AgeReader.open(file === undefined ? file : new Blob([file]), key, { signal })).close(),
  "openSession()": async ({ signal, file, key }) => {
    needs(file !== cut);
    const [a, b] = pair();
    const leaving = new AbortController();
    // At a slow one's other end nobody answers.
    const peer =
      file === slow ? [] : [openSession(b.socket, { ...SERVER, signal: leaving.signal })];
    try {
      await openSession(a.socket, { ...CLIENT, key: { ...CLIENT.key, decrypt: key }, signal });
    } finally {
      leaving.abort();
      a.closed();
      await Promise.allSettled(peer);
    }
  },
};

table(
  "In one call",
  [["a call"]],
  {
    alone: () => ({ object: { file: quick, key: PASSPHRASE } }),
    "two at once": () => ({ object: { file: quick, key: PASSPHRASE, twice: true } }),
    "after another has failed": async () => {
      await assert.rejects(decrypt(cut, PASSPHRASE));
      return { object: { file: quick, key: PASSPHRASE } };
    },
    "with a wrong passphrase": () => ({ object: { file: quick, key: "wrong" } }),
    "with a file that was cut": () => ({ object: { file: cut, key: PASSPHRASE } }),
    "its signal aborted before": () => {
      const error = enough();
      return { object: { file: quick, key: PASSPHRASE, signal: AbortSignal.abort(error) }, error };
    },
    "its signal aborted meanwhile": () => {
      const error = enough();
      const controller = new AbortController();
      const abort = () => controller.abort(error);
      return { object: { file: slow, key: PASSPHRASE, signal: controller.signal, abort }, error };
    },
  },
  Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name,
      async (given) => {
        const called = (async () => call(given))();
        const other = given.twice ? (async () => call(given))() : undefined;
        if (given.abort) turns().then(given.abort);
        await Promise.all([called, other]);
      },
    ]),
  ),
);
