/**
 * Turns wasm-bindgen's glue into a factory. As it comes it holds one instance in module variables and loads it by URL; the package needs
 * instances that can be dropped, and an import that touches nothing.
 */
export function factory(glue) {
  const end = glue.indexOf("async function __wbg_load(");
  if (end < 0) throw new Error("wasm-bindgen's glue has changed: its loader is not where it was");
  const names = [...glue.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name);
  const body = glue
    .slice(0, end)
    .replace(/^export (class|function)/gm, "$1")
    .replace(/^let wasm\w*(, wasm\w*)*;$/gm, "");
  const text = `export function instantiate(module) {
let wasm;
${body}
wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
wasm.__wbindgen_start();
return { memory: wasm.memory, ${names.join(", ")} };
}
`;
  const inside = text.slice("export".length);
  for (const forbidden of [/\bexport\b/, /\bimport\b/, /\bfetch\(/, /\bimport\.meta\b/]) {
    if (forbidden.test(inside.replace(/__wbg_get_imports|import\d+/g, "").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""))) throw new Error(`wasm-bindgen's glue has changed: ${forbidden} is left in it`);
  }
  return text;
}
