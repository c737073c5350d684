/** What scrypt takes is given back at once: WebAssembly memory never shrinks, its instance must go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "../lib/child.js";

const MIB = 2 ** 20;
const SCRYPT = 256 * MIB;
const MAX_LEFT = 48 * MIB;

test("two seconds after a derivation memory is back", async (t) => {
  const { before, peak, after } = (await runChild(new URL("children/memory.js", import.meta.url)))
    .report;
  t.diagnostic(`before: ${mib(before)} MiB, peak: ${mib(peak)} MiB, after: ${mib(after)} MiB`);
  assert.ok(peak - before > 0.9 * SCRYPT, "the derivation was not seen");
  assert.ok(after - before <= MAX_LEFT);
});

function mib(bytes) {
  return (bytes / MIB).toFixed(0);
}
