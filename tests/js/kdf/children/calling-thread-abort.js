/**
 * Aborts a derivation on the calling thread: from a timer, which fires only when the thread is free
 * again.
 */
import "../../lib/no-workers.js";
import { liveObjects } from "../../lib/instances.js";
import { setTimeout as pause } from "node:timers/promises";
import { AgeEncryptStream, init } from "age-rt-wasm";
import { report } from "../../lib/child.js";

await init();
const reason = new Error("changed my mind");
const abort = new AbortController();
const { readable } = new AgeEncryptStream("a passphrase", { workFactor: 16, signal: abort.signal });
const reading = readable
  .getReader()
  .read()
  .then(
    () => "a chunk",
    (error) => (error === reason ? "the reason" : String(error)),
  );
setTimeout(() => abort.abort(reason), 20);
const read = await reading;
// The derivation learns of it a turn of the event loop after the reader.
await pause(50);
report({ read, live: liveObjects() });
