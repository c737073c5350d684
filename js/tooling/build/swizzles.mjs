/**
 * Makes swizzles of shuffles that move bytes of one vector inside of its words. V8 builds the pattern of such a shuffle anew at every use, and LLVM
 * makes a shuffle of every swizzle whose pattern it knows; a pattern in a variable is built once. In the rounds of ChaCha20 that is a tenth of all
 * instructions.
 */
import binaryen from "binaryen";

/** A shuffle whose second operand is a variable, as binaryen prints it: one operand after the other, a step further in. */
const SHUFFLE =
  /^( *)\(i8x16\.shuffle ((?:\d+ ){15}\d+)\n((?:\1 .*\n)*?)\1 \(local\.get [^\s)]+\)\n\1\)$/gm;

/** What engines have had since they have had simd128; some of what is beyond has an encoding of its own. */
const {
  SIMD128,
  BulkMemory,
  BulkMemoryOpt,
  MutableGlobals,
  Multivalue,
  NontrappingFPToInt,
  ReferenceTypes,
  SignExt,
} = binaryen.Features;
const FEATURES =
  SIMD128 |
  BulkMemory |
  BulkMemoryOpt |
  MutableGlobals |
  Multivalue |
  NontrappingFPToInt |
  ReferenceTypes |
  SignExt;

/** The same module, with such swizzles. To be called last: who optimises constants puts each pattern back to where it is used. */
export function withSwizzles(bytes) {
  const module = binaryen.readBinary(bytes);
  let found = 0;
  const functions = module.emitText().split(/^(?= \(func )/m);
  const text = functions.map((func) => {
    const patterns = [];
    // Again until nothing changes: one shuffle may be inside of another's operand.
    for (let before; before !== func;) {
      before = func;
      func = func.replace(SHUFFLE, (shuffle, indent, list, first) => {
        const indices = list.split(" ").map(Number);
        if (
          indices.some((index) => index >= 16) ||
          indices.every((index, i) => index % 4 === i % 4)
        )
          return shuffle;
        const pattern = `(v128.const i8x16 ${indices.join(" ")})`;
        if (!patterns.includes(pattern)) patterns.push(pattern);
        found += 1;
        return `${indent}(i8x16.swizzle\n${first}${indent} (local.get $pattern${patterns.indexOf(pattern)})\n${indent})`;
      });
    }
    const [head] = /^ \(func .*\n(?:  \(local .*\n)*/.exec(func) ?? [""];
    const locals = patterns.map((_, i) => `  (local $pattern${i} v128)\n`);
    const sets = patterns.map((pattern, i) => `  (local.set $pattern${i} ${pattern})\n`);
    return [head, ...locals, ...sets, func.slice(head.length)].join("");
  });
  module.dispose();
  if (found === 0) throw new Error("The text of modules has changed: no shuffle was found");
  const changed = binaryen.parseText(text.join(""));
  changed.setFeatures(FEATURES);
  if (!changed.validate())
    throw new Error("The text of modules has changed: the new module is not valid");
  changed.runPasses(["simplify-locals", "vacuum", "coalesce-locals", "reorder-locals"]);
  const result = Buffer.from(changed.emitBinary());
  changed.dispose();
  return result;
}
