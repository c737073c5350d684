/**
 * One derivation in a WebAssembly instance of its own. Runs in the worker and, where there is none
 * or it is small, on the calling thread; it uses plain exports only, so that the worker needs no
 * glue.
 */
import type { ChunkExports, KdfExports } from "../engine/bindings.js";

/** What scrypt is asked for. The passphrase and the wrap key are wiped by whoever made them. */
export interface KdfJob {
  readonly passphrase: Uint8Array<ArrayBuffer>;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly logN: number;
}

/**
 * A job, and how much of scrypt's table is kept: all of it, every second block (1), every fourth
 * (2).
 */
export interface KdfWork extends KdfJob {
  readonly stride: number;
}

export const kdfInstance = (module: WebAssembly.Module): KdfExports =>
  instanceOf(module) as unknown as KdfExports;

export const chunksInstance = (module: WebAssembly.Module): ChunkExports =>
  instanceOf(module) as unknown as ChunkExports;

/**
 * An instance apart: its imports are never called by the derivation or for chunks, and its start
 * function is not run.
 */
function instanceOf(module: WebAssembly.Module): WebAssembly.Exports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const entry of WebAssembly.Module.imports(module)) {
    (imports[entry.module] ??= {})[entry.name] = () => {
      throw new Error("not linked");
    };
  }
  return new WebAssembly.Instance(module, imports).exports;
}

/**
 * What comes of a derivation: scrypt's 32 bytes, or the core's number of an error, which is below
 * 0.
 */
export type Derived = Uint8Array<ArrayBuffer> | number;

/**
 * Blocks to mix in one call: a fraction of a millisecond. Engines replace slow code by fast code
 * between calls only.
 */
const BLOCKS = 256;
/** Calls until a trial is over: about 10 milliseconds, which every host's clock can measure. */
const TRIAL = 32;
/** Trials, of both ways to mix in turn. In the first of each an engine is still compiling it. */
const TRIALS = 6;
/** Blocks to wipe in one call, of 1 KiB each: a millisecond or two. */
const WIPED = 2 ** 12;

/**
 * Runs a derivation in slices of a millisecond at most, and says after each which fraction is done.
 * Every ending wipes all that it worked on. A caller that gives it up calls `return()`, and then
 * `next()` until it is done.
 */
export function* runKdf(kdf: KdfExports, work: KdfWork): Generator<number, Derived, void> {
  const { passphrase, salt, logN, stride } = work;
  let trapped = false;
  try {
    const at = kdf.kdfReserve(passphrase.length);
    if (at === 0) return OUT_OF_MEMORY;
    // layout: 32 bytes for the result, the salt, the passphrase
    const input = new Uint8Array(kdf.memory.buffer, at);
    input.set(salt, 32);
    input.set(passphrase, 48);
    const failure = kdf.kdfStart(logN, stride);
    if (failure) return failure;
    // What takes the memory is a slice of its own.
    yield 0;
    const all = 2 ** (logN + 1);
    // Which way to mix is faster depends on processor and engine, by half of the time.
    const least = [Infinity, Infinity] as [number, number];
    let mixer = 0;
    let begun = performance.now();
    for (let left = all, calls = 1; left > 0; calls += 1) {
      left = kdf.kdfStep(BLOCKS, mixer);
      yield 1 - left / all;
      if (calls % TRIAL || calls > TRIAL * TRIALS) continue;
      const now = performance.now();
      least[mixer] = Math.min(least[mixer]!, now - begun);
      begun = now;
      mixer = calls < TRIAL * TRIALS ? 1 - mixer : Number(least[1] < least[0]);
    }
    // Read anew: the derivation has grown the memory, which detaches every view.
    return kdf.kdfFinish() || new Uint8Array(kdf.memory.buffer).slice(at, at + 32);
  } catch {
    // A trap here is a refused allocation: nothing else in the derivation depends on its input. The
    // instance is given up; its contents are wiped first.
    trapped = true;
    new Uint8Array(kdf.memory.buffer).fill(0);
    return OUT_OF_MEMORY;
  } finally {
    while (!trapped && kdf.kdfWipe(WIPED)) yield 1;
  }
}

/**
 * An error's result is -16 minus its number: `FIRST_ERROR`, and a place in `ERROR_CODES`, neither
 * of which the worker carries.
 */
const OUT_OF_MEMORY = -16 - 4;
