/**
 * Derivations in a process whose first workers, as many as its argument says, never say a word.
 * Reports how many had been made after each.
 */
import threads from "node:worker_threads";
import { encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

const Native = threads.Worker;
const silent = Number(process.argv[2]);
let made = 0;

threads.Worker = class Worker extends Native {
  constructor(...args) {
    super(...args);
    made += 1;
    if (made <= silent)
      this.on = (event, listener) => (event === "message" ? this : super.on(event, listener));
  }
};

const counts = [];
for (let i = 0; i < 4; i += 1) {
  await encrypt("text", "a passphrase", { workFactor: 10 });
  counts.push(made);
}
report(counts);
