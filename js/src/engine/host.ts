/**
 * What differs between hosts. Nothing here is touched at import, and no Node module is imported
 * statically.
 */

import { NotSupportedError } from "../errors.js";

interface ProcessLike {
  getBuiltinModule?(id: string): unknown;
}

/** A Node module where the host has it, else undefined. */
export function builtin<T>(id: string): T | undefined {
  try {
    // Some edge runtimes have `process` but throw when this is read.
    return (globalThis as { process?: ProcessLike }).process?.getBuiltinModule?.(id) as
      T | undefined;
  } catch {
    return undefined;
  }
}

export function base64ToBytes(text: string): Uint8Array<ArrayBuffer> {
  const fromBase64 = (
    Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> }
  ).fromBase64;
  if (fromBase64) return fromBase64.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

interface Zlib {
  inflateRawSync?(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}
interface Buffers {
  Buffer: { from(text: string, encoding: "base64"): Uint8Array };
}

/** Raw DEFLATE in base64. */
export async function unpack(text: string): Promise<BufferSource> {
  // First, where they are there: at a server's start, loading what the streams need would take
  // longer than all the rest.
  const inflate = builtin<Zlib>("node:zlib")?.inflateRawSync;
  const buffers = builtin<Buffers>("node:buffer");
  if (inflate && buffers) return inflate(buffers.Buffer.from(text, "base64"));
  if (typeof DecompressionStream === "undefined" || typeof Response === "undefined")
    throw new NotSupportedError(
      "no-streams",
      "This host has no DecompressionStream to unpack the WebAssembly module with: give init() the package's .wasm file",
    );
  return new Response(
    new Blob([base64ToBytes(text)]).stream().pipeThrough(new DecompressionStream("deflate-raw")),
  ).arrayBuffer();
}

/**
 * The next turn of the event loop. Not by a timer where there is something better: Node may run two
 * that follow each other in one turn, and browsers make the second wait for 4 ms. Next.js's edge
 * runtime has the names of what is better, and throws where they are used.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    try {
      const { setImmediate } = globalThis as { setImmediate?(call: () => void): void };
      if (setImmediate) return void setImmediate(resolve);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    } catch {
      setTimeout(resolve, 0);
    }
  });
}

/** Whether this host has the streams that everything here is built on. */
export function hasStreams(): boolean {
  return typeof ReadableStream !== "undefined" && typeof WritableStream !== "undefined";
}

/** @throws NotSupportedError `no-streams`. */
export function needStreams(): void {
  if (!hasStreams())
    throw new NotSupportedError(
      "no-streams",
      "This host has no WHATWG streams (ReadableStream and WritableStream); React Native lacks them and WebAssembly",
    );
}

/**
 * Whether this host has several threads to spare for derivations: servers have, a page should leave
 * memory to others.
 */
export function isServer(): boolean {
  return typeof document === "undefined" && builtin("node:os") !== undefined;
}

/**
 * For `using` where the engine has no `Symbol.dispose`, as Safari: what compilers make of it looks
 * for this symbol there. On the object, since a class with a computed name that bundlers do not
 * know stays in every bundle.
 */
export function disposable(object: object, dispose: () => void): void {
  if (!Symbol.dispose)
    Object.defineProperty(object, Symbol.for("Symbol.dispose"), { value: dispose });
}
