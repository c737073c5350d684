/**
 * Where the WebAssembly module comes from: from this very file's text. Of all ways to ship it, this one alone needs no URL that a
 * bundler, a server or a policy could lose, and no permission to read a file.
 */
import packed from "./generated/wasm-inline.js";
import { unpack } from "./host.js";

export async function shippedModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await unpack(packed));
}
