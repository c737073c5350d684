/**
 * Makes traps of panics, as wasm-snip does. The panic handler does nothing but trap, yet the
 * compiler keeps the code that formats its message. These functions never return, so nothing they
 * do after trapping can be observed: an instance that trapped is wiped and given up.
 */
import binaryen from "binaryen";

/** Functions of the standard library whose type is `!`: they return to nobody. */
const PANICS = [
  /^core\[\w+\]::panicking::\w+$/,
  /^core\[\w+\]::(option::(expect|unwrap)|result::unwrap)_failed$/,
  /^core\[\w+\]::slice::(index::slice_\w+|copy_from_slice_impl::len_mismatch)_fail$/,
  /^alloc\[\w+\]::(raw_vec::(handle_error|capacity_overflow)|alloc::handle_alloc_error)$/,
];

/**
 * What puts a message together. In a module that formats nothing else, since it gives numbers only,
 * nobody calls it.
 */
const FORMATTING = [
  /^core\[\w+\]::panicking::\w+::<.*>$/,
  /^<.* as core(\[\w+\])?::fmt::\w+>::\w+/,
  /^<core\[\w+\]::fmt::Formatter>::\w+/,
  /^core\[\w+\]::fmt::write$/,
];

/**
 * The same module, without what only a panic's message needs.
 *
 * @param formatsNothing - that all formatting goes too, which tables of methods keep alive.
 */
export function withoutMessages(bytes, { formatsNothing = false } = {}) {
  const module = binaryen.readBinary(bytes);
  const snipped = [];
  for (let i = 0; i < module.getNumFunctions(); i += 1) {
    const func = module.getFunctionByIndex(i);
    const { name, body } = binaryen.getFunctionInfo(func);
    const returnsToNobody =
      PANICS.some((names) => names.test(name)) &&
      body &&
      binaryen.getExpressionType(body) === binaryen.unreachable;
    const formats = formatsNothing && FORMATTING.some((names) => names.test(name));
    if (!returnsToNobody && !formats) continue;
    binaryen.Function.setBody(func, module.unreachable());
    snipped.push(name);
  }
  // Each module has some of them, and not all.
  if (!snipped.some((name) => /::panicking::panic_\w+$/.test(name)))
    throw new Error("The compiler's names for panics have changed");
  const result = Buffer.from(module.emitBinary());
  module.dispose();
  return result;
}

/** What panics would say: names of source files, and the sentences of core. */
const TEXTS = [
  /(?:\/cargo\/registry|\/rustc\/|src\/)[\w/.-]*\.rs/g,
  /TryFromIntErrorTryFromSliceError|slice index starts at | but ends at |range (?:start|end) index /g,
  /index out of bounds: the len is | but the index is | out of range for slice of length /g,
  /called `(?:Option|Result)::\w+\(\)` on an? `\w+` value|memory allocation of | bytes failed/g,
  /copy_from_slice: source slice length \(|\) does not match destination slice length \(/g,
  /source slice length \(|too many items in iterator to fit in array/g,
];

/**
 * The same module with zeros in the place of texts that nobody can read any more, once nothing
 * formats: they compress to nothing. No address changes.
 */
export function withoutTexts(bytes) {
  const result = Buffer.from(bytes);
  let found = 0;
  for (const text of TEXTS)
    for (const { 0: match, index } of bytes.toString("latin1").matchAll(text)) {
      result.fill(0, index, index + match.length);
      found += match.length;
    }
  if (found === 0) throw new Error("The compiler's texts of panics have changed");
  return result;
}
