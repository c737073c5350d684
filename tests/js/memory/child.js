/**
 * Sends a pattern through an encrypting and a decrypting stream, or through armor and out of it,
 * and reports memory. Arguments: the format or "armor", and GiB to send.
 */
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  ArmorStream,
  DearmorStream,
} from "age-rt-wasm";
import { report } from "../lib/child.js";
import { MIB, Pattern } from "./pattern.js";

const [format, gib] = process.argv.slice(2);
const passphrase = "a passphrase";
// The lowest work factor: the derivation's memory is not what is measured here.
const LOW = { workFactor: 1 };
const [encrypt, decrypt] = {
  age: () => [new AgeEncryptStream(passphrase, LOW), new AgeDecryptStream(passphrase)],
  "age-rt": () => [new AgeRtEncryptStream(passphrase, LOW), new AgeRtDecryptStream(passphrase)],
  armor: () => [new ArmorStream(), new DearmorStream()],
}[format]();

const total = Number(gib) * 1024 * MIB;
const sent = new Pattern();
const received = new Pattern();
const rss = process.memoryUsage.rss;

let before;
/** Where memory is asked for next. */
let look = MIB;
let peak = 0;
/** The highest memory by the end of each half. */
const peaks = [];

const source = new ReadableStream({
  pull(controller) {
    if (sent.at < total) controller.enqueue(sent.take(65_536));
    else controller.close();
  },
});

const started = performance.now();
const reader = source.pipeThrough(encrypt).pipeThrough(decrypt).getReader();
let wrong = 0;
for (let next = await reader.read(); !next.done; next = await reader.read()) {
  if (before === undefined) {
    globalThis.gc();
    before = rss();
  }
  if (!received.matches(next.value)) wrong += 1;
  // Memory is asked for once a MiB: collections are farther apart than that.
  if (received.at < look) continue;
  look += MIB;
  peak = Math.max(peak, rss());
  if (received.at >= (total / 2) * (peaks.length + 1)) peaks.push(peak);
}
report({ bytes: received.at, wrong, before, peaks, seconds: (performance.now() - started) / 1000 });
