/**
 * Where the WebAssembly module comes from on workerd, which compiles nothing at run time: its
 * loader gives `.wasm` imports as modules.
 */
// @ts-ignore: resolved next to the built file, not next to this one
import shipped from "./age_rt.wasm";

export function shippedModule(): Promise<WebAssembly.Module> {
  return Promise.resolve(shipped as WebAssembly.Module);
}

/** As in `module.ts`. An isolate has 128 MB in all. */
export const KDF_MEMORY = 2 ** 26;
