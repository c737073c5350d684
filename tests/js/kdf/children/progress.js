/**
 * What is heard of a derivation where there are no workers, and the turns that others get
 * meanwhile.
 */
import "../../lib/no-workers.js";
import { encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

const fractions = [];
let turns = 0;
const timer = setInterval(() => (turns += 1), 1);
await encrypt("text", "a passphrase", {
  workFactor: 17,
  onDerivation: (fraction) => fractions.push(fraction),
});
clearInterval(timer);
report({ fractions, turns });
