/**
 * Where the modules of keys come from: as the main one, from texts that stand in the package's own
 * code.
 */
import { unpack } from "../engine/host.js";
import packed from "../engine/generated/recipients-inline.js";
import { NotSupportedError } from "../index.js";

export async function recipientsModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await unpack(packed));
}

/** In a file of its own, which is loaded for the first post-quantum key. */
export async function hybridModule(): Promise<WebAssembly.Module> {
  return loaded(import("../engine/generated/hybrid-inline.js"));
}

/** In a file of its own, which is loaded for the first key that needs it. */
export async function p256Module(): Promise<WebAssembly.Module> {
  return loaded(import("../engine/generated/p256-inline.js"));
}

/** @throws NotSupportedError (rejects) `wasm-blocked` where the file does not come. */
async function loaded(file: Promise<{ default: string }>): Promise<WebAssembly.Module> {
  const { default: text } = await file.catch((cause: unknown) => {
    throw new NotSupportedError(
      "wasm-blocked",
      "A file of the package, with the WebAssembly module for this kind of key, could not be loaded: the network failed, a policy forbids it, or it is not beside the others",
      { cause },
    );
  });
  return WebAssembly.compile(await unpack(text));
}
