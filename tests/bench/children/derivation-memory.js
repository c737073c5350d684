/**
 * The MiB by which resident memory grows at most while one key is derived. Arguments: the package,
 * log2(N).
 */
import { derivationOf } from "../lib/derivation.js";

const [name, logN] = process.argv.slice(2);
const age = await import(name);
await age.init();
globalThis.gc();
const before = process.memoryUsage.rss();
let peak = before;
const look = () => (peak = Math.max(peak, process.memoryUsage.rss()));
const timer = setInterval(look, 1);
await derivationOf(age, Number(logN))();
look();
clearInterval(timer);
console.log((peak - before) / 2 ** 20);
