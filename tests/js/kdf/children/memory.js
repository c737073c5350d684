/** Reports memory before, during and two seconds after a derivation in a worker. */
import { setTimeout as pause } from "node:timers/promises";
import { encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

const rss = process.memoryUsage.rss;
// Everything is loaded and compiled, and has had its first worker.
await encrypt("text", "a passphrase", { workFactor: 10 });
await pause(500);

const before = rss();
let peak = 0;
const timer = setInterval(() => (peak = Math.max(peak, rss())), 5);
await encrypt("text", "a passphrase");
clearInterval(timer);
await pause(2000);
report({ before, peak, after: rss() });
