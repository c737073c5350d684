/**
 * The package with a standard work factor of 10 in place of 18: a derivation of two milliseconds,
 * by the same way and in the same worker.
 *
 * The examples derive hundreds of keys. What they show does not depend on how long that takes, and
 * `examples.test.js` runs one of them on the package as it is.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../lib/repository.js";

const STANDARD = "const WORK_FACTOR = 18;";
const QUICK = "const WORK_FACTOR = 10;";
const ENTRY = join(root, "node_modules", "age-rt-wasm", "dist", "index.js");

/** The entry's text, quicker. */
export function quickEntry() {
  const parts = readFileSync(ENTRY, "utf8").split(STANDARD);
  if (parts.length !== 2) throw new Error(`${ENTRY} does not say "${STANDARD}" once`);
  return parts.join(QUICK);
}

/** Node's hook, for `node:module`'s `register()`. */
export function load(url, context, next) {
  if (url.startsWith("file:") && fileURLToPath(url) === ENTRY)
    return { format: "module", source: quickEntry(), shortCircuit: true };
  return next(url, context);
}
