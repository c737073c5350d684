/**
 * Both ways to mix a derivation's blocks, in turn: milliseconds of processor time at 2^18, for each
 * stride in fresh memory, and within the cache (256 times 2^10). `node tests/bench/mixers.mjs`,
 * after `npm run build`.
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { root } from "../js/lib/repository.js";

const ROUNDS = 5;
const BLOCKS = 256;
const WAYS = ["integers", "vectors"];
const CASES = [
  ["within the cache", 10, 0, 256],
  ["all blocks kept", 18, 0, 1],
  ["every second block kept", 18, 1, 1],
  ["every fourth block kept", 18, 2, 1],
];

const module = new WebAssembly.Module(readFileSync(join(root, "pkg", "dist", "age_rt.wasm")));

function instance() {
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => undefined;
  return new WebAssembly.Instance(module, imports).exports;
}

function time(mixer, logN, stride, times) {
  const kdf = instance();
  const start = process.cpuUsage();
  for (let i = 0; i < times; i += 1) {
    const at = kdf.kdfReserve(1);
    new Uint8Array(kdf.memory.buffer)[at + 48] = i;
    if (kdf.kdfStart(logN, stride) !== 0) throw new Error("no memory");
    while (kdf.kdfStep(BLOCKS, mixer) > 0);
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

// An engine compiles both before they are measured.
for (const mixer of WAYS.keys()) time(mixer, 14, 0, 1);
console.log(`Node ${process.versions.node}, ${cpus()[0].model}, medians of ${ROUNDS}\n`);
for (const [what, ...how] of CASES) {
  const times = WAYS.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const mixer of WAYS.keys()) times[mixer].push(time(mixer, ...how));
  const [integers, vectors] = times.map(median);
  console.log(`${what}: integers ${integers.toFixed(0)} ms, vectors ${vectors.toFixed(0)} ms`);
}
