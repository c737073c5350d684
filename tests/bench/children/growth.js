/**
 * Age v1 through an encrypt and a decrypt stream, without the derivation. Arguments: MiB, and how
 * often. Prints the seconds per GiB and the memory at its highest.
 */
import { AgeDecryptStream, AgeEncryptStream } from "age-rt-wasm";
import { blocks, MIB, NO_WORK, PASSPHRASE } from "../lib/streams.js";

const [mib, times] = process.argv.slice(2).map(Number);
let peak = 0;
let seen = 0;

/** @returns milliseconds. */
async function send(length) {
  const encrypt = new AgeEncryptStream(PASSPHRASE, { workFactor: NO_WORK });
  const decrypt = new AgeDecryptStream(PASSPHRASE);
  const header = encrypt.readable.getReader();
  const writer = decrypt.writable.getWriter();
  await writer.write((await header.read()).value);
  header.releaseLock();
  writer.releaseLock();

  // Its bytes take longer to make than a MiB takes to pass.
  const source = blocks(length);
  const start = performance.now();
  const sent = [source.pipeTo(encrypt.writable), encrypt.readable.pipeTo(decrypt.writable)];
  const reader = decrypt.readable.getReader();
  let received = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    received += next.value.length;
    if (received % MIB === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }
  await Promise.all(sent);
  if (received !== length)
    throw new Error(`${received} bytes came out where ${length} were expected`);
  seen += received;
  return performance.now() - start;
}

// What is compiled on the way is not a matter of length.
await send(64 * MIB);
globalThis.gc();
[peak, seen] = [0, 0];
let milliseconds = 0;
for (let i = 0; i < times; i += 1) milliseconds += await send(mib * MIB);
console.log(
  JSON.stringify({
    secondsPerGib: milliseconds / 1000 / (seen / (1024 * MIB)),
    peakMib: peak / MIB,
  }),
);
