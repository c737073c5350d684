/**
 * One derivation in a WebAssembly instance of its own. Runs in the worker and, where there is none or it is small, on the calling thread; it uses
 * plain exports only, so that the worker needs no glue.
 */
import type { KdfExports } from "../engine/bindings.js";

/** What scrypt is asked for. The passphrase and the wrap key are wiped by whoever made them. */
export interface KdfJob {
  readonly passphrase: Uint8Array<ArrayBuffer>;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly logN: number;
}

/** An instance apart: its imports are never called by the derivation, and its start function is not run. */
export function kdfInstance(module: WebAssembly.Module): KdfExports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const entry of WebAssembly.Module.imports(module)) {
    (imports[entry.module] ??= {})[entry.name] = () => {
      throw new Error("not linked");
    };
  }
  return new WebAssembly.Instance(module, imports).exports as unknown as KdfExports;
}

/** scrypt's 32 bytes, or the number of an error code (a place in `ERROR_CODES`, which the worker does not carry). */
export function runKdf(kdf: KdfExports, job: KdfJob): Uint8Array<ArrayBuffer> | number {
  const { passphrase, salt, logN } = job;
  let at = 0;
  try {
    at = kdf.kdfReserve(passphrase.length);
    if (at === 0) return OUT_OF_MEMORY;
    // layout: 32 bytes for the result, the salt, the passphrase
    const input = new Uint8Array(kdf.memory.buffer, at);
    input.set(salt, 32);
    input.set(passphrase, 48);
    const failure = kdf.kdfRun(passphrase.length, logN);
    // Read anew: deriving has grown the memory, which detaches every view.
    const result = failure || new Uint8Array(kdf.memory.buffer).slice(at, at + 32);
    kdf.kdfWipe();
    return result;
  } catch {
    // A trap here is a refused allocation: nothing else in the derivation depends on its input. The instance is given up, and not what lies in it.
    new Uint8Array(kdf.memory.buffer).fill(0, at);
    return OUT_OF_MEMORY;
  }
}

const OUT_OF_MEMORY = 4;
