/**
 * Where the WebAssembly module comes from on Vercel's edge runtime, which compiles nothing at run
 * time: its bundlers make a module of such an import.
 */
// @ts-ignore: resolved next to the built file, not next to this one
import shipped from "./age_rt.wasm?module";

export function shippedModule(): Promise<WebAssembly.Module> {
  return Promise.resolve(shipped as WebAssembly.Module);
}

/** As in `module.ts`. Such a host has 128 MB in all. */
export const KDF_MEMORY = 2 ** 26;
