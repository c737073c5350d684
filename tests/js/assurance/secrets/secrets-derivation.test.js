/**
 * What a derivation leaves in its memory, on every ending: nothing that depends on the passphrase.
 * Two passphrases of one length are derived from, each in a new instance. Wherever the two memories
 * differ, something of a passphrase is left.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";

const LOG_N = 8;
const PASSPHRASES = ["first passphrase", "other passphrase"];
const require = createRequire(import.meta.url);
const module = new WebAssembly.Module(readFileSync(require.resolve("age-rt-wasm/age_rt.wasm")));

/** As the worker makes it: an instance whose imports nobody calls. */
function instance() {
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => assert.fail(`${name} was called`);
  return new WebAssembly.Instance(module, imports).exports;
}

/** @returns the memory after such a derivation, which does as many steps of 64 blocks. */
function memoryAfter(passphrase, { stride, mixer, steps, finish }) {
  const kdf = instance();
  const at = kdf.kdfReserve(passphrase.length);
  Buffer.from(kdf.memory.buffer).fill(7, at + 32, at + 48);
  Buffer.from(kdf.memory.buffer).write(passphrase, at + 48);
  assert.equal(kdf.kdfStart(LOG_N, stride), 0);
  for (let step = 0; step < steps; step += 1) kdf.kdfStep(64, mixer);
  if (finish) {
    assert.equal(kdf.kdfFinish(), 0);
    // Whoever asked for the key has it there.
    Buffer.from(kdf.memory.buffer).fill(0, at, at + 32);
  }
  while (kdf.kdfWipe(64));
  return Buffer.from(kdf.memory.buffer);
}

const ALL = 2 ** (LOG_N + 1) / 64;
const endings = {
  "given up before the first step": { steps: 0 },
  "given up while the table is filled": { steps: ALL / 4 },
  "given up while the table is read": { steps: (ALL * 3) / 4 },
  "given up after the last step": { steps: ALL },
  "come to its end": { steps: ALL, finish: true },
};

for (const [mixer, words] of ["integers", "vectors"].entries()) {
  describe(`a derivation on ${words}`, () => {
    for (const stride of [0, 1, 2])
      for (const [ending, how] of Object.entries(endings))
        test(`${ending}, with a stride of ${2 ** stride}`, () => {
          const [one, other] = PASSPHRASES.map((passphrase) =>
            memoryAfter(passphrase, { stride, mixer, ...how }),
          );
          const left = [];
          for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) left.push(at);
          assert.deepEqual(left, []);
        });
  });
}
