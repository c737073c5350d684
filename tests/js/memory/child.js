/** Sends a pattern through an encrypting and a decrypting stream and reports memory. Arguments: the format, and GiB to send. */
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
} from "age-rt-wasm";
import { report } from "../lib/child.js";
import { MIB, Pattern } from "./pattern.js";

const [format, gib] = process.argv.slice(2);
const passphrase = "a passphrase";
// The lowest work factor: the derivation's memory is not what is measured here.
const [encrypt, decrypt] =
  format === "age"
    ? [new AgeEncryptStream(passphrase, { workFactor: 1 }), new AgeDecryptStream(passphrase)]
    : [new AgeRtEncryptStream(passphrase, { workFactor: 1 }), new AgeRtDecryptStream(passphrase)];

const total = Number(gib) * 1024 * MIB;
const sent = new Pattern();
const received = new Pattern();
const rss = process.memoryUsage.rss;

let before;
let peak = 0;
/** The highest memory by the end of each GiB. */
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
  if (received.at % MIB === 0) peak = Math.max(peak, rss());
  if (received.at % (1024 * MIB) === 0) peaks.push(peak);
}
report({ bytes: received.at, wrong, before, peaks, seconds: (performance.now() - started) / 1000 });
