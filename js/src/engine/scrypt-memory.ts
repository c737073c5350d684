/** What scrypt's table takes: the one place that knows, for the derivation and for messages. */
import { KDF_MEMORY } from "./module.js";

/** The least of the table that is kept: every fourth block. */
const LAST_STRIDE = 2;

/**
 * As much of the table as `limit` has room for: every block, every second or every fourth (a stride
 * of 0, 1 or 2). A quarter may be more than the limit.
 *
 * @returns `memory` in bytes.
 */
export function scryptMemory(logN: number, limit = KDF_MEMORY): { stride: number; memory: number } {
  let stride = 0;
  let memory = 2 ** (logN + 10);
  for (; stride < LAST_STRIDE && memory > limit; stride += 1) memory /= 2;
  return { stride, memory };
}
