/**
 * Ends a stream in the middle of its derivation and reports what is left. Arguments: which stream,
 * how, and when: at its start or later.
 */
import { liveObjects } from "../../lib/instances.js";
import { workers } from "../../lib/workers.js";
import { AgeAutoDecryptStream, AgeEncryptStream } from "age-rt-wasm";
import { report } from "../../lib/child.js";
import { headerOf } from "../../lib/headers.js";
import { until } from "../../lib/wait.js";

/** Long enough that the rest of it is seen. */
const WORK_FACTOR = 20;
/**
 * Close to all the memory that it takes. Until that is zeroed a worker cannot be stopped: engines
 * look for a stop in loops, and filling memory is one instruction.
 */
const MEMORY = 240 * 2 ** 20;
const reason = new Error("changed my mind");

const [which, how, when] = process.argv.slice(2);
const abort = new AbortController();
const { signal } = abort;
const pair =
  which === "encrypt"
    ? new AgeEncryptStream("a passphrase", { workFactor: WORK_FACTOR, signal })
    : new AgeAutoDecryptStream("a passphrase", { signal });

const atFirst = process.memoryUsage.rss();
const reader = pair.readable.getReader();
const read = outcome(reader.read());
let written;
let act;
if (how === "source") {
  let source;
  written = outcome(
    new ReadableStream({ start: (controller) => void (source = controller) }).pipeTo(pair.writable),
  );
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
if (when === "later") await until(() => process.memoryUsage.rss() - atFirst > MEMORY);
await act();
const msToEnd = await until(() => workers.alive === 0);
report({
  read: await read,
  written: await written,
  msToEnd,
  live: liveObjects(),
  messages: workers.messages.length,
  made: workers.made,
});

async function outcome(promise) {
  try {
    const value = await promise;
    return value?.done ? "done" : "a value";
  } catch (error) {
    return error === reason ? "the reason" : error.name;
  }
}
