/**
 * Derivations whose thread is blocked, right after it has made a worker, for longer than a worker
 * may stay silent. Reports how many had been made after each.
 */
import threads from "node:worker_threads";
import { encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

const BLOCKED_MS = 5500;
const Native = threads.Worker;
let made = 0;

threads.Worker = class Worker extends Native {
  constructor(...args) {
    super(...args);
    made += 1;
    // In the phase of the loop that comes right before that of the timers.
    if (made <= 2)
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS));
  }
};

const counts = [];
for (let i = 0; i < 4; i += 1) {
  await encrypt("text", "a passphrase", { workFactor: 10 });
  counts.push(made);
}
report(counts);
