/**
 * A client that reads or writes too slowly, in a process of its own whose memory is watched:
 * `memory-child.js <case> <url>`.
 */
import { AgeRtEncryptStream, fromWebSocket, init } from "age-rt-wasm";
import { WebSocket } from "ws";
import { report } from "../../lib/child.js";

const MESSAGE = new Uint8Array(65_536);
const OFFERED = 1600;
const [task, url] = process.argv.slice(2);

let peak = 0;
const sample = () => void (peak = Math.max(peak, process.memoryUsage.rss()));

await init();
const socket = new WebSocket(url, { perMessageDeflate: false });
// What a WebSocket is without it: Node's own, and those of pages.
if (task === "flooded-without-pause") socket.pause = undefined;
const pair = fromWebSocket(socket);
await pair.opened;
globalThis.gc();
const start = process.memoryUsage.rss();
setInterval(sample, 5).unref();

if (task === "stalled") {
  let written = 0;
  let writtenBefore;
  const source = new ReadableStream({
    pull(controller) {
      if (written === OFFERED) controller.close();
      else controller.enqueue(MESSAGE);
      written += 1;
    },
  });
  const sending = source
    .pipeThrough(new AgeRtEncryptStream("a passphrase", { workFactor: 1 }))
    .pipeTo(pair.writable, { preventClose: true });
  await atRest(() => written);
  writtenBefore = written;
  const growth = peak - start;
  // Now the peer shall read again.
  await fetch(url.replace("ws:", "http:"), { method: "POST" }).catch(() => undefined);
  await sending;
  pair.close();
  await pair.closed;
  report({ writtenBefore, written: written - 1, growth });
} else {
  const reader = pair.readable.getReader();
  if (task === "flooded") {
    await reader.read();
    await atRest(() => socket.isPaused);
    const growth = peak - start;
    let received = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read())
      received += next.value.length;
    report({ growth, received: received + MESSAGE.length });
  } else {
    const { code } = await pair.writable.getWriter().closed.catch((error) => error);
    const second = await reader.read().catch((error) => error);
    sample();
    report({ growth: peak - start, code, readerCode: second.code });
    await pair.closed.catch(() => undefined);
  }
}

/** Waits until nothing has changed for a good while. */
async function atRest(value) {
  for (let last, same = 0; same < 20; last = value()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    same = last === value() ? same + 1 : 0;
  }
}
