/**
 * One text that looks like armor, to `dearmor()` and to `decrypt()`: reports what each says, and
 * how far the heap rose.
 */
import { dearmor, decrypt, init } from "age-rt-wasm";
import { report } from "../../lib/child.js";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const MIB = 2 ** 20;
const texts = {
  "white space": `${BEGIN}${"\n".repeat(4 * MIB)}x`,
  "short lines": `${BEGIN}\n${"A\n".repeat(8 * MIB)}`,
};
// Made of pieces until something reads it: that is not what is measured.
const text = Buffer.from(texts[process.argv[2]]).toString("latin1");

await init();
global.gc();
const before = process.memoryUsage().heapUsed;
const codes = [];
try {
  dearmor(text);
} catch ({ code }) {
  codes.push(code);
}
await decrypt(text, "a passphrase").catch(({ code }) => codes.push(code));
// No collection here: what was taken on the way counts.
report({ codes, rise: process.memoryUsage().heapUsed - before });
