import {
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  fromSocketHandlers,
  passphraseRecipient,
} from "age-rt-wasm";
import { openSession } from "age-rt-wasm/session";
import { compare } from "../lib/compare.js";
import { noise, NO_WORK, PASSPHRASE } from "../lib/streams.js";

const MESSAGE_LEN = 1024;
const MESSAGES = 10_000;
const KEY = {
  encrypt: passphraseRecipient(PASSPHRASE, { workFactor: NO_WORK }),
  decrypt: PASSPHRASE,
};

/** Two sockets in this process, each of which hears what the other sends. */
function sockets() {
  const ends = [];
  for (const i of [0, 1])
    ends[i] = fromSocketHandlers({
      send: (bytes) => ends[1 - i].message(bytes),
      close: (code) => ends[1 - i].closed(code),
    });
  return ends.map(({ socket }) => socket);
}

/** Writes all of them from one end and reads them at the other. @returns seconds */
async function carried(writable, readable, messages) {
  const message = noise(MESSAGE_LEN);
  const writer = writable.getWriter();
  const reader = readable.getReader();
  // The keys are derived for the first, which is not measured.
  const first = writer.write(message);
  await reader.read();
  await first;
  const start = performance.now();
  const writing = (async () => {
    for (let i = 0; i < messages; i += 1) await writer.write(message);
  })();
  for (let i = 0; i < messages; i += 1) {
    const { value } = await reader.read();
    if (value.length !== MESSAGE_LEN) throw new Error("another message came out");
  }
  await writing;
  const seconds = (performance.now() - start) / 1000;
  await writer.abort().catch(() => undefined);
  return seconds;
}

async function session(messages) {
  const [a, b] = sockets();
  const [from, to] = await Promise.all([
    openSession(a, { key: KEY, role: "client", peerRole: "server" }),
    openSession(b, { key: KEY, role: "server", peerRole: "client" }),
  ]);
  return carried(from.writable, to.readable, messages);
}

async function bare(messages) {
  const [a, b] = sockets();
  const encrypt = new AgeRtEncryptStream(PASSPHRASE, { workFactor: NO_WORK });
  encrypt.readable.pipeTo(a.writable).catch(() => undefined);
  const messagesOut = b.readable.pipeThrough(new AgeRtDecryptStream(PASSPHRASE));
  return carried(encrypt.writable, messagesOut, messages);
}

export default {
  name: "session",
  title:
    "10,000 messages of 1 KiB through a session vs through bare age-rt streams, over a socket in memory",
  atLeast: 1 / 1.1,
  run({ quick }) {
    const messages = quick ? 100 : MESSAGES;
    return compare(
      { ours: () => session(messages), theirs: () => bare(messages) },
      { rounds: 25, quick },
    );
  },
};
