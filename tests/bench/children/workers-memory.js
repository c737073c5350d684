/**
 * The resident memory at its highest, in MiB, while a stream with workers passes. Arguments: the
 * task, workers, MiB.
 */
import { AgeEncryptStream } from "age-rt-wasm";
import { decrypting, encrypting, toSink } from "../lib/blobs.js";
import { blocks, collect, MIB, NO_WORK, PASSPHRASE } from "../lib/streams.js";

const [task, workers, mib] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const length = mib * MIB;
const plain = () => blocks(length);

/** The file as it is made, so that it is never there as a whole: what makes it is on both sides. */
const sealed = () => plain().pipeThrough(new AgeEncryptStream(PASSPHRASE, { workFactor: NO_WORK }));

async function sizeOf(readable) {
  let size = 0;
  for await (const { length } of readable) size += length;
  return size;
}

const stream = task === "encrypt" ? encrypting(workers) : decrypting(workers);
const expected = task === "encrypt" ? await sizeOf(sealed()) : length;
globalThis.gc();
let peak = process.memoryUsage.rss();
const look = () => (peak = Math.max(peak, process.memoryUsage.rss()));
const timer = setInterval(look, 1);
await toSink((task === "encrypt" ? plain() : sealed()).pipeThrough(stream), expected);
look();
clearInterval(timer);
console.log(peak / MIB);
