/**
 * One derivation that takes memory, then small ones without end, where there are no workers.
 * Reports how many instances were made.
 */
import "../../lib/no-workers.js";
import { instancesMade } from "../../lib/instances.js";
import { setTimeout as pause } from "node:timers/promises";
import { encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

await encrypt("text", "a passphrase", { workFactor: 14 });
const before = instancesMade();
for (let i = 0; i < 10; i += 1) {
  await encrypt("text", "a passphrase", { workFactor: 1 });
  await pause(200);
}
report({ more: instancesMade() - before });
