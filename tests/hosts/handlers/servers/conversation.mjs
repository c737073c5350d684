/**
 * What each server does with a socket, whatever calls its functions. It imports the package only.
 */
import { AgeRtDecryptStream, AgeRtEncryptStream, fromSocketHandlers } from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const LIMITS = { maxBufferedBytes: 65_536, highWaterMark: 65_536 };

const sockets = [];
const counts = { opened: 0, ended: 0 };

/** @param path `/echo` decrypts each message and says it again; `/stall` writes and never reads. */
export function converse(handlers, path) {
  const handled = fromSocketHandlers(handlers, LIMITS);
  const { readable, writable, closed } = handled.socket;
  counts.opened += 1;
  sockets.push(new WeakRef(handled.socket));
  const ended = () => void (counts.ended += 1);
  closed.then(ended, ended);
  if (path === "/echo")
    readable
      .pipeThrough(new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true, maxWorkFactor: 18 }))
      .pipeThrough(new AgeRtEncryptStream(PASSPHRASE))
      .pipeTo(writable)
      .catch(() => undefined);
  else
    endless(handlers)
      .pipeTo(writable)
      .catch(() => undefined);
  return handled;
}

/**
 * As much as the socket takes. Where nothing tells how much that is, a bound of the application's
 * own: no write would ever wait.
 */
function endless(handlers) {
  let left = handlers.bufferedAmount || handlers.pause ? Infinity : 64;
  return new ReadableStream({
    pull(controller) {
      if (left > 0) controller.enqueue(new Uint8Array(16_384));
      left -= 1;
      return left > 0 ? undefined : new Promise(() => undefined);
    },
  });
}

/** How many sockets there were, have ended, and are still in memory. */
export async function stats() {
  for (let i = 0; i < 5; i += 1) {
    globalThis.gc?.();
    globalThis.Bun?.gc(true);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const alive = sockets.filter((socket) => socket.deref()).length;
  return { ...counts, alive };
}
