/**
 * Reports memory before, during and two seconds after a derivation in a worker, which may take so
 * many MiB.
 */
import { setTimeout as pause } from "node:timers/promises";
import { configure, encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

const rss = process.memoryUsage.rss;
const [mebibytes] = process.argv.slice(2);
if (mebibytes) configure({ memory: mebibytes * 2 ** 20 });
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
