/** What differs between hosts. Nothing here is touched at import, and no Node module is imported statically. */

interface ProcessLike {
  getBuiltinModule?(id: string): unknown;
}

/** A Node module where the host has it, else undefined. */
export function builtin<T>(id: string): T | undefined {
  try {
    // Some edge runtimes have `process` but throw when this is read.
    return (globalThis as { process?: ProcessLike }).process?.getBuiltinModule?.(id) as T | undefined;
  } catch {
    return undefined;
  }
}

export function base64ToBytes(text: string): Uint8Array<ArrayBuffer> {
  const fromBase64 = (Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> }).fromBase64;
  return fromBase64 ? fromBase64.call(Uint8Array, text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** Raw DEFLATE. */
export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<BufferSource> {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return await new Response(stream).arrayBuffer();
  } catch (error) {
    const zlib = builtin<{ inflateRawSync(bytes: Uint8Array): Uint8Array<ArrayBuffer> }>("node:zlib");
    if (!zlib) throw error;
    return zlib.inflateRawSync(bytes);
  }
}

/** Whether this host has several threads to spare for derivations: servers have, a page should leave memory to others. */
export function isServer(): boolean {
  return typeof document === "undefined" && builtin("node:os") !== undefined;
}
