/**
 * A relay between a client and a server that keeps the bytes and nothing else: it cuts and joins
 * messages as it likes, as proxies may.
 */
import { once } from "node:events";
import { WebSocket } from "ws";
import { webSocketServer } from "./server.js";

const HIGH_WATER_MARK = 1024 * 1024;
/** What is left waits this long for more to be joined with, in milliseconds. */
const FLUSH_MS = 2;

/** @returns the relay's server, and how many messages of which lengths it made. */
export async function recuttingRelay(target, random) {
  const seen = { messages: 0, shortest: Infinity, longest: 0 };
  const server = await webSocketServer(async (client, request) => {
    client.pause();
    const upstream = new WebSocket(new URL(request.url, target), { perMessageDeflate: false });
    upstream.on("error", () => client.terminate());
    client.on("error", () => upstream.terminate());
    await once(upstream, "open");
    recut(client, upstream, random, seen);
    recut(upstream, client, random, seen);
    client.resume();
  });
  return { ...server, seen };
}

function recut(from, to, random, seen) {
  let waiting = [];
  let length = 0;
  let next = pieceLength(random);
  let timer;

  function send(bytes) {
    seen.messages += 1;
    seen.shortest = Math.min(seen.shortest, bytes.length);
    seen.longest = Math.max(seen.longest, bytes.length);
    to.send(bytes, () => {
      if (to.bufferedAmount < HIGH_WATER_MARK) from.resume();
    });
    if (to.bufferedAmount >= HIGH_WATER_MARK) from.pause();
  }

  function flush() {
    if (length > 0) send(Buffer.concat(waiting));
    waiting = [];
    length = 0;
  }

  from.on("message", (data) => {
    waiting.push(data);
    length += data.length;
    if (length >= next) {
      const bytes = Buffer.concat(waiting);
      let at = 0;
      for (; length - at >= next; next = pieceLength(random)) {
        send(bytes.subarray(at, at + next));
        at += next;
      }
      waiting = [bytes.subarray(at)];
      length -= at;
    }
    clearTimeout(timer);
    timer = setTimeout(flush, FLUSH_MS);
  });
  from.on("close", (code, reason) => {
    clearTimeout(timer);
    if (to.readyState !== WebSocket.OPEN) return;
    flush();
    if (code === 1006) to.terminate();
    else if (code === 1005) to.close();
    else to.close(code, reason);
  });
}

/** From one byte to several messages, every order of magnitude alike. */
function pieceLength(random) {
  return 1 + random.below(2 << random.below(18));
}
