/**
 * Derivations in a process that is refused its first worker, two at once and one a minute later by
 * its clock. Reports how often one was asked for after each.
 */
import threads from "node:worker_threads";
import { encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

const Native = threads.Worker;
let asked = 0;

threads.Worker = class Worker extends Native {
  constructor(...args) {
    asked += 1;
    if (asked === 1) throw new Error("no thread to be had");
    super(...args);
  }
};

const counts = [];
const now = performance.now.bind(performance);
for (const later of [0, 0, 61_000]) {
  performance.now = () => now() + later;
  await encrypt("text", "a passphrase", { workFactor: 10 });
  counts.push(asked);
}
report(counts);
