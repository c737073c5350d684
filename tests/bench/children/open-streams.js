/**
 * Opens decrypt streams, reads the first message of each, and prints the KiB that each holds.
 * Arguments: how many; "keys" for X25519.
 */
import { AgeRtDecryptStream, AgeRtEncryptStream, passphraseRecipient } from "age-rt-wasm";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { collect, noise, NO_WORK, PASSPHRASE } from "../lib/streams.js";

const count = Number(process.argv[2]);
const [to, from] = process.argv[3] === "keys" ? await keys() : passphrases();
const encrypt = new AgeRtEncryptStream(to);
const writer = encrypt.writable.getWriter();
const written = writer.write(noise(1000)).then(() => writer.close());
const wire = new Uint8Array(
  await new Blob((await collect(encrypt.readable)).slice(0, 2)).arrayBuffer(),
);
await written;

async function keys() {
  const secret = await generateIdentity();
  return [recipient(await recipientOf(secret)), identity(secret)];
}

function passphrases() {
  return [passphraseRecipient(PASSPHRASE, { workFactor: NO_WORK }), PASSPHRASE];
}

async function open() {
  const stream = new AgeRtDecryptStream(from);
  const [writer, reader] = [stream.writable.getWriter(), stream.readable.getReader()];
  const write = writer.write(wire);
  const { value } = await reader.read();
  if (value?.length !== 1000) throw new Error("the first message did not come");
  await write;
  return [writer, reader];
}

// The first has the module compiled and an instance made for the derivations.
const held = [await open()];
const settled = async () => {
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    globalThis.gc();
  }
  return process.memoryUsage.rss();
};
const before = await settled();
while (held.length <= count) held.push(await open());
const after = await settled();
console.log((after - before) / 1024 / count);
process.exit();
