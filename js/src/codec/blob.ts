/**
 * The one way to know a Blob or File, and to read it: of this realm, of another, or of a simulated
 * browser.
 */
import type { Bytes } from "../bytes.js";
import { SourceError } from "../errors.js";
import { eachOf } from "./iterators.js";

/**
 * What is read at a time, in bytes. A Blob's own stream gives pieces of 64 KiB, each of which costs
 * as much as opening it.
 */
const STEP = 2 ** 22;

export function isBlob(value: unknown): value is Blob {
  // By shape: an iframe's, jsdom's and happy-dom's are of other classes than those of this realm.
  const { size, type, slice } = Object(value) as Blob;
  return typeof size === "number" && typeof type === "string" && typeof slice === "function";
}

/**
 * The bytes of a Blob.
 *
 * @throws SourceError `source-changed` where they are not as many as it said: a file that shrank
 * would become a valid, shorter one.
 */
export async function* blobBytes(blob: Blob): AsyncGenerator<Bytes> {
  const { size } = blob;
  let count = 0;
  const parts =
    typeof blob.stream !== "function" || isPlain(blob) ? slices(blob, size) : eachOf(blob.stream());
  for await (const bytes of parts) {
    count += bytes.byteLength;
    if (count > size) break;
    yield bytes;
  }
  if (count !== size) throw sourceChanged(size, count > size ? "more" : count);
}

export function sourceChanged(size: number, gave: number | string): SourceError {
  return new SourceError(
    "source-changed",
    `The file had ${size} bytes and gave ${gave}: it was changed while it was read`,
  );
}

/**
 * Whether its slices give what its stream gives: a Blob of this realm, with its class's methods.
 * Where somebody has given it a `stream()` of its own, that is what is read.
 */
function isPlain(blob: Blob): boolean {
  if (typeof Blob === "undefined" || !(blob instanceof Blob)) return false;
  const { stream, slice } = Blob.prototype;
  return blob.stream === stream && blob.slice === slice;
}

/** The next is read while this one is worked on. */
async function* slices(blob: Blob, size: number): AsyncGenerator<ArrayBuffer> {
  const readAt = (at: number): Promise<ArrayBuffer> | undefined => {
    if (at >= size) return undefined;
    const piece = read(blob.slice(at, at + STEP));
    // Its failure is thrown when it is its turn, if it comes to that.
    piece.catch(() => undefined);
    return piece;
  };
  let next = readAt(0);
  for (let at = STEP; next; at += STEP) {
    const piece = await next;
    // A file that has become shorter has nothing behind this.
    const short = piece.byteLength < Math.min(STEP, size - (at - STEP));
    next = short ? undefined : readAt(at);
    yield piece;
  }
}

async function read(blob: Blob): Promise<ArrayBuffer> {
  return typeof blob.arrayBuffer === "function" ? blob.arrayBuffer() : readByEvents(blob);
}

/** For jsdom before 30, whose Blobs can do nothing themselves. */
function readByEvents(blob: Blob): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error as Error);
    reader.readAsArrayBuffer(blob);
  });
}
