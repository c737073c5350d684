/** Opens decrypt streams, reads the first message of each, and prints the KiB that each holds. Argument: how many. */
import { AgeRtDecryptStream, AgeRtEncryptStream } from "age-rt-wasm";
import { collect, noise, NO_WORK, PASSPHRASE } from "../lib/streams.js";

const count = Number(process.argv[2]);
const encrypt = new AgeRtEncryptStream(PASSPHRASE, { workFactor: NO_WORK });
const writer = encrypt.writable.getWriter();
const written = writer.write(noise(1000)).then(() => writer.close());
const wire = new Uint8Array(
  await new Blob((await collect(encrypt.readable)).slice(0, 2)).arrayBuffer(),
);
await written;

async function open() {
  const stream = new AgeRtDecryptStream(PASSPHRASE);
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
