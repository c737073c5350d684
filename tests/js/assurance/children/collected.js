/**
 * A trap that is real: the module's memory is overwritten. Then its objects are collected as
 * garbage, and the package is used again.
 */
import { report } from "../../lib/child.js";

let memory;
const Native = WebAssembly.Instance;
WebAssembly.Instance = class Instance extends Native {
  constructor(...args) {
    super(...args);
    // Another, for the derivations, comes later.
    memory ??= this.exports.memory;
  }
};

const { AgeDecoder, AgeRtEncoder, decrypt, encrypt, init } = await import("age-rt-wasm");
await init();
const file = await encrypt("text", "a passphrase", { workFactor: 1 });
const first = memory;

const codes = [];
await (async () => {
  const objects = [];
  for (let i = 0; i < 20; i += 1)
    objects.push(
      new AgeDecoder("a passphrase"),
      await AgeRtEncoder.create("a passphrase", { workFactor: 1 }),
    );
  new Uint8Array(first.buffer).fill(0xff);
  for (const object of objects) {
    try {
      if (object instanceof AgeDecoder) object.feed(file.subarray(0, 1));
      else object.encodeChunk(file);
      codes.push("none");
    } catch (error) {
      codes.push(error.code ?? error.name);
    }
  }
})();

// Finalizers run in turns of their own after a collection; one that throws ends the process.
for (let i = 0; i < 20; i += 1) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
}
const text = Buffer.from(
  await decrypt(await encrypt("text", "a passphrase", { workFactor: 1 }), "a passphrase"),
).toString();
report({
  codes: [...new Set(codes)],
  text,
  left: new Uint8Array(first.buffer).some((byte) => byte !== 0),
});
