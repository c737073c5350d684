/**
 * Live connections between two ends in this process, over real sockets, with keys in place of
 * passphrases.
 */
import { once } from "node:events";
import { AgeRtDecryptStream, AgeRtEncryptStream, fromWebSocket } from "age-rt-wasm";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { WebSocket, WebSocketServer } from "ws";
import { spread } from "./compare.js";
import { noise } from "./streams.js";

const MESSAGE = noise(100);

/**
 * @returns milliseconds from a socket's opening until each end could read the other's first
 * message.
 */
export async function firstMessage(type, { quick }) {
  const ends = await Promise.all([keys(type), keys(type)]);
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const url = `ws://127.0.0.1:${server.address().port}`;
  const values = [];
  try {
    // The first has the modules loaded, and what every process does once.
    for (let i = 0; i <= (quick ? 2 : 200); i += 1)
      values.push(await connection(server, url, ends));
  } finally {
    server.close();
  }
  return { ...spread(values.slice(1)), rounds: values.length - 1 };
}

async function keys(type) {
  const secret = await generateIdentity(type);
  return { from: identity(secret), to: recipient(await recipientOf(secret)) };
}

async function connection(server, url, [client, host]) {
  // What arrives while nobody listens is lost: both ends are handed over at once.
  const connected = new Promise((resolve) => server.once("connection", resolve)).then((socket) =>
    received(fromWebSocket(socket), host.from, client.to),
  );
  const socket = new WebSocket(url);
  const stream = fromWebSocket(socket);
  await once(socket, "open");
  const opened = performance.now();
  await Promise.all([connected, received(stream, client.from, host.to)]);
  const milliseconds = performance.now() - opened;
  socket.terminate();
  return milliseconds;
}

/** Sends a message, and reads the peer's. */
async function received({ readable, writable }, mine, theirs) {
  const outgoing = new AgeRtEncryptStream(theirs);
  // It ends with the socket, which is cut.
  outgoing.readable.pipeTo(writable).catch(() => undefined);
  const written = outgoing.writable.getWriter().write(MESSAGE);
  const reader = readable.pipeThrough(new AgeRtDecryptStream(mine)).getReader();
  const { value } = await reader.read();
  if (value?.length !== MESSAGE.length) throw new Error("the first message did not come");
  await written;
  reader.closed.catch(() => undefined);
}
