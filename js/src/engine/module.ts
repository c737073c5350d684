/**
 * The WebAssembly module, from a text beside this file. It needs no URL that a bundler, a server or
 * a policy could lose, and no permission to read a file. No other way to ship it has both.
 */
import packed from "./generated/wasm-inline.js";
import { unpack } from "./host.js";

export async function shippedModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await unpack(packed));
}

/**
 * What one derivation takes unless it is configured, in bytes: half of what scrypt wants at the
 * standard work factor.
 */
export const KDF_MEMORY = 2 ** 27;
