/** Ends a stream in the middle of its derivation and reports what is left. Arguments: which stream, how, and after how many milliseconds. */
import { liveObjects } from "../../lib/instances.js";
import { workers } from "../../lib/workers.js";
import { setTimeout as pause } from "node:timers/promises";
import { AgeAutoDecryptStream, AgeEncryptStream } from "age-rt-wasm";
import { report } from "../../lib/child.js";
import { headerOf } from "../../lib/headers.js";
import { until } from "../../lib/wait.js";

/** What everyone uses: half a second or more. */
const WORK_FACTOR = 18;
const reason = new Error("changed my mind");

const [which, how, delay] = process.argv.slice(2);
const abort = new AbortController();
const { signal } = abort;
const pair = which === "encrypt" ? new AgeEncryptStream("a passphrase", { workFactor: WORK_FACTOR, signal }) : new AgeAutoDecryptStream("a passphrase", { signal });

const reader = pair.readable.getReader();
const read = outcome(reader.read());
let written;
let act;
if (how === "source") {
  let source;
  written = outcome(new ReadableStream({ start: (controller) => void (source = controller) }).pipeTo(pair.writable));
  act = () => source.error(reason);
} else {
  const writer = pair.writable.getWriter();
  written = outcome(writer.closed);
  if (which === "decrypt") writer.write(headerOf(WORK_FACTOR)).catch(() => undefined);
  act = {
    signal: () => abort.abort(reason),
    cancel: () => reader.cancel(reason),
    abort: () => writer.abort(reason),
    chunk: () => void writer.write("no bytes").catch(() => undefined),
  }[how];
}

await until(() => workers.running === 1);
await pause(Number(delay));
await act();
const msToEnd = await until(() => workers.alive === 0);
report({ read: await read, written: await written, msToEnd, live: liveObjects(), messages: workers.messages.length, made: workers.made });

async function outcome(promise) {
  try {
    const value = await promise;
    return value?.done ? "done" : "a value";
  } catch (error) {
    return error === reason ? "the reason" : error.name;
  }
}
