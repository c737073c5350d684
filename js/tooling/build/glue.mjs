/**
 * Turns wasm-bindgen's glue into a factory. As it comes it holds one instance in module variables
 * and loads it by URL. The package needs instances that can be dropped, and an import that touches
 * nothing. It also needs an end for an instance that trapped. Its keys are wiped, and no finalizer
 * calls into it any more: there it might trap again, where nobody can catch it.
 */
export function factory(glue) {
  const end = glue.indexOf("let wasmModule, wasmInstance, wasm;");
  if (end < 0) throw new Error("wasm-bindgen's glue has changed: its loader is not where it was");
  const names = [...glue.matchAll(/^export class (\w+)/gm)].map(([, name]) => name);
  const body = glue
    .slice(0, end)
    .replace(/^export class/gm, "class")
    // Those with integers only are called without any glue. A module that has no others gives its
    // exports as they are.
    .replace(
      /^export function \w+\([\w, ]*\) \{\n    (?:const ret = )?wasm\.\w+\([\w, ]*\);\n(?:    return ret(?: >>> 0)?;\n)?\}\n/gm,
      "",
    )
    .replace(
      /new FinalizationRegistry\(ptr => (wasm\.\w+\(ptr, 1\))\)/g,
      "new FinalizationRegistry(ptr => { if (!ended) $1; })",
    );
  if (body.split("FinalizationRegistry(ptr => { if (!ended)").length !== names.length + 1)
    throw new Error("wasm-bindgen's glue has changed: its finalizers are not what they were");
  const text = `export function instantiate(module) {
let wasm, ended = false;
${body}
wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
wasm.__wbindgen_start();
function end() {
  ended = true;
  new Uint8Array(wasm.memory.buffer).fill(0);
}
return { memory: wasm.memory, end, ${names.join(", ") || "exports: wasm"} };
}
`;
  const inside = text.slice("export".length);
  for (const forbidden of [/\bexport\b/, /\bimport\b/, /\bfetch\(/, /\bimport\.meta\b/]) {
    if (
      forbidden.test(
        inside.replace(/__wbg_get_imports|import\d+/g, "").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""),
      )
    )
      throw new Error(`wasm-bindgen's glue has changed: ${forbidden} is left in it`);
  }
  return text;
}
