/**
 * A stream that arrives a byte at a time; reports memory after the first chunk and after the last.
 */
import { report } from "../../lib/child.js";
import { memoryLen } from "../lib/instances.js";

const { AgeEncryptStream, AgeRtEncryptStream, AgeAutoDecryptStream } = await import("age-rt-wasm");
const [format, chunks] = [process.argv[2], Number(process.argv[3])];
const chunk = new Uint8Array(65_536).fill(7);
const Encrypt = format === "age" ? AgeEncryptStream : AgeRtEncryptStream;

const source = new ReadableStream({
  start: (controller) => {
    for (let i = 0; i < chunks; i += 1) controller.enqueue(chunk);
    controller.close();
  },
});
const sealed = source.pipeThrough(new Encrypt("a passphrase", { workFactor: 10 })).pipeThrough(
  new TransformStream({
    async transform(bytes, controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
    },
  }),
);
let received = 0;
let first;
const measure = () => {
  globalThis.gc();
  return { heap: process.memoryUsage().heapUsed, wasm: memoryLen() };
};
for await (const text of sealed.pipeThrough(new AgeAutoDecryptStream("a passphrase"))) {
  received += text.length;
  first ??= measure();
}
report({ received, first, last: measure() });
