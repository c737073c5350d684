/**
 * A relay between two pages: it sees that they talk, when, and how much, but not what. `node
 * relay.mjs [port]`
 */
import { pathToFileURL } from "node:url";
import { WebSocketServer } from "ws";

/** Unsent bytes at which the sender has to wait. */
const HIGH_WATER_MARK = 1024 * 1024;

export function relay(port) {
  const server = new WebSocketServer({ port, host: "localhost" });
  /** Who waits for a second, by room. */
  const waiting = new Map();
  server.on("connection", (socket, { url }) => {
    socket.on("error", () => undefined);
    const other = waiting.get(url);
    if (!other) {
      // What it says until then waits with it.
      socket.pause();
      waiting.set(url, socket);
      return;
    }
    waiting.delete(url);
    pass(socket, other);
    pass(other, socket);
    other.resume();
  });
  return server;
}

function pass(from, to) {
  from.on("message", (data) => {
    to.send(data, () => {
      if (to.bufferedAmount < HIGH_WATER_MARK) from.resume();
    });
    if (to.bufferedAmount >= HIGH_WATER_MARK) from.pause();
  });
  from.on("close", (code) => {
    // 1006: it did not close, it is gone.
    if (code === 1006) to.terminate();
    else if (code === 1005) to.close();
    else to.close(code);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) relay(Number(process.argv[2] ?? 8081));
