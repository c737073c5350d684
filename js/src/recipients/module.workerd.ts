/**
 * Where the modules of keys come from on workerd, which compiles nothing at run time: its loader
 * gives `.wasm` imports as modules.
 */
// @ts-ignore: resolved next to the built file, not next to this one
import recipients from "./age_rt_recipients.wasm";
// @ts-ignore: resolved next to the built file, not next to this one
import hybrid from "./age_rt_hybrid.wasm";
// @ts-ignore: resolved next to the built file, not next to this one
import p256 from "./age_rt_p256.wasm";

export function recipientsModule(): Promise<WebAssembly.Module> {
  return Promise.resolve(recipients as WebAssembly.Module);
}

export function hybridModule(): Promise<WebAssembly.Module> {
  return Promise.resolve(hybrid as WebAssembly.Module);
}

export function p256Module(): Promise<WebAssembly.Module> {
  return Promise.resolve(p256 as WebAssembly.Module);
}
