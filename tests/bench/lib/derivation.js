/** The derivation as a stream's user sees it. Portable. */
import * as now from "age-rt-wasm";
import { PASSPHRASE } from "./streams.js";

export const LOG_N = 18;
export const SCRYPT = { r: 8, p: 1 };

/**
 * From a stream's construction to its first bytes: a worker, a fresh instance, its memory, the
 * derivation, and the way back.
 */
export function derivationOf({ AgeEncryptStream }, logN) {
  return async () => {
    const { readable } = new AgeEncryptStream(PASSPHRASE, { workFactor: logN });
    const reader = readable.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    if (!(value?.length > 0)) throw new Error("no header came out");
  };
}

/** The sides of a row that are ours: this release's, and that of an earlier one if it is there. */
export function ourDerivations(logN, before) {
  return { ours: derivationOf(now, logN), before: before && derivationOf(before, logN) };
}
