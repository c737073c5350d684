/**
 * Where the modules of keys come from: as the main one, from texts that stand in the package's own
 * code.
 */
import { unpack } from "../engine/host.js";
import packed from "../engine/generated/recipients-inline.js";

export async function recipientsModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await unpack(packed));
}

/** In a file of its own, which is loaded for the first key that needs it. */
export async function p256Module(): Promise<WebAssembly.Module> {
  const { default: text } = await import("../engine/generated/p256-inline.js");
  return WebAssembly.compile(await unpack(text));
}
