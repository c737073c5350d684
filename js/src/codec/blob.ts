/**
 * The one way to know a Blob or File, and to read it: of this realm, of another, or of a simulated
 * browser.
 */
import type { Bytes } from "../bytes.js";
import { SourceError } from "../errors.js";
import { eachOf } from "./iterators.js";

/** What is read at a time where a Blob has no stream, in bytes. */
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
  const parts = typeof blob.stream === "function" ? eachOf(blob.stream()) : slices(blob, size);
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

async function* slices(blob: Blob, size: number): AsyncGenerator<ArrayBuffer> {
  for (let at = 0; at < size; at += STEP) {
    const slice = blob.slice(at, at + STEP);
    yield typeof slice.arrayBuffer === "function" ? await slice.arrayBuffer() : await read(slice);
  }
}

/** For jsdom before 30, whose Blobs can do nothing themselves. */
function read(blob: Blob): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error as Error);
    reader.readAsArrayBuffer(blob);
  });
}
