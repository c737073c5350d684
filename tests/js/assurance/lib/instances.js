/**
 * Looks into every WebAssembly instance of this thread, and hears of every call into one: import it
 * before the package.
 *
 * Instances are kept, so that what one leaves behind can be searched after the package has let go
 * of it.
 */
const Native = WebAssembly.Instance;
const memories = [];
/** Called as (name of the export, arguments) before and after each call into WebAssembly. */
const hooks = { before: undefined, after: undefined };
/** Replacements for exports, by name: a test's way to make the module trap. */
const replaced = new Map();

WebAssembly.Instance = function Instance(module, imports) {
  const instance = new Native(module, imports);
  memories.push(instance.exports.memory);
  const exports = {};
  for (const [name, value] of Object.entries(instance.exports)) {
    exports[name] =
      typeof value !== "function"
        ? value
        : (...args) => {
            hooks.before?.(name, args);
            const result = (replaced.get(name) ?? value)(...args);
            hooks.after?.(name, args);
            return result;
          };
  }
  return { exports };
};

/** How many instances there were. */
export function instanceCount() {
  return memories.length;
}

/** The memory of the instance that was made as number `index`, the first being 0. */
export function memoryAt(index) {
  return new Uint8Array(memories[index].buffer);
}

/** Whether any instance's memory holds these bytes. */
export function holds(bytes) {
  if (bytes.length < 8) throw new Error("too short to be found by more than chance");
  if (memories.length === 0)
    throw new Error("no instance was seen: import this before the package");
  return memories.some((memory) => Buffer.from(memory.buffer).includes(bytes));
}

/** How often these bytes are in the instances' memories. */
export function occurrences(bytes) {
  return memories.reduce((sum, memory) => {
    const all = Buffer.from(memory.buffer);
    let found = 0;
    for (let at = all.indexOf(bytes); at >= 0; at = all.indexOf(bytes, at + 1)) found += 1;
    return sum + found;
  }, 0);
}

/** Runs `look` right before (or after) the next call of an export, once. */
export function atCall(name, look, when = "before") {
  let seen = false;
  const previous = hooks[when];
  hooks[when] = (called, args) => {
    previous?.(called, args);
    if (called !== name || seen) return;
    seen = true;
    look();
  };
  return () => {
    hooks[when] = previous;
    if (!seen) throw new Error(`${name} was not called`);
  };
}

/** Lets calls of an export run `instead`. @returns what puts it back. */
export function replace(name, instead) {
  replaced.set(name, instead);
  return () => replaced.delete(name);
}

/**
 * Lets the call number `index` from now on into the core trap, the derivation's aside: those are
 * made in an instance of their own.
 *
 * @returns what stops it, and gives the names of all that were called.
 */
export function trapAt(index) {
  const previous = hooks.before;
  const names = [];
  hooks.before = (name, args) => {
    previous?.(name, args);
    if (name.startsWith("kdf")) return;
    names.push(name);
    if (names.length - 1 === index) trap();
  };
  return () => {
    hooks.before = previous;
    return names;
  };
}

/** As a trap reaches JavaScript. */
export function trap() {
  throw new WebAssembly.RuntimeError("unreachable");
}

/** Bytes of memory that all instances have. It never shrinks. */
export function memoryLen() {
  return memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
