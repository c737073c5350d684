/**
 * Where the modules of keys come from on Vercel's edge runtime, which compiles nothing at run time:
 * its bundlers make modules of such imports.
 */
// @ts-ignore: resolved next to the built file, not next to this one
import recipients from "./age_rt_recipients.wasm?module";
// @ts-ignore: resolved next to the built file, not next to this one
import hybrid from "./age_rt_hybrid.wasm?module";
// @ts-ignore: resolved next to the built file, not next to this one
import p256 from "./age_rt_p256.wasm?module";

export function recipientsModule(): Promise<WebAssembly.Module> {
  return Promise.resolve(recipients as WebAssembly.Module);
}

export function hybridModule(): Promise<WebAssembly.Module> {
  return Promise.resolve(hybrid as WebAssembly.Module);
}

export function p256Module(): Promise<WebAssembly.Module> {
  return Promise.resolve(p256 as WebAssembly.Module);
}
