/**
 * A thousand streams that want a key at once; reports how many workers there were at a time, what
 * became of them, and memory.
 */
import threads from "node:worker_threads";
import { report } from "../../lib/child.js";

let alive = 0;
let most = 0;
let started = 0;
const Native = threads.Worker;
threads.Worker = class Worker extends Native {
  constructor(...args) {
    super(...args);
    started += 1;
    alive += 1;
    most = Math.max(most, alive);
  }

  terminate() {
    alive -= 1;
    return super.terminate();
  }
};

const { decrypt, encrypt, init } = await import("age-rt-wasm");
const [count, workFactor] = process.argv.slice(2).map(Number);
const PASSPHRASE = "a passphrase";
await init();
const file = await encrypt("text", PASSPHRASE, { workFactor });
started = most = 0;

globalThis.gc();
const before = process.memoryUsage.rss();
let peak = before;
const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
// Three of four are given up while they wait.
const controller = new AbortController();
const all = Array.from({ length: count }, (_, i) =>
  decrypt(file, PASSPHRASE, i % 4 === 0 ? {} : { signal: controller.signal }),
);
const first = await all[0];
controller.abort();
const results = await Promise.allSettled(all);
clearInterval(timer);
report({
  started,
  most,
  first: Buffer.from(first).toString(),
  opened: results.filter(({ status }) => status === "fulfilled").length,
  aborted: results.filter(({ reason }) => reason?.name === "AbortError").length,
  rise: peak - before,
});
