import type { Bytes, Out } from "../bytes.js";
import { blobBytes, isBlob, sourceChanged } from "./blob.js";
import type { Decoder } from "./decoder.js";
import type { Encoder } from "./encoder.js";
import { aiterDecodeChunks, aiterEncodeChunks, type AsyncBytes } from "./iterators.js";

/** What is used of Node's `FileHandle`. */
export interface NodeFileHandle {
  /**
   * Reads up to `length` bytes into `buffer`, from the file's position on where `position` is null.
   */
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ bytesRead: number }>;
  /** Where it is there, a file that has become shorter while it was read is told as that. */
  stat?(): Promise<{
    /** Bytes of the file. */
    size: number;
  }>;
  /** Writes at the file's position; fewer bytes than there are may be written. */
  write(data: Uint8Array): Promise<{ bytesWritten: number }>;
}

const READ_LEN = 65_536;

/**
 * Encodes chunks into a file.
 *
 * @param file - A WritableStream (a `FileSystemWritableFileStream`, `Writable.toWeb(…)`), closed on
 * success and aborted on failure; or a Node `FileHandle`, written from its position on and left
 * open.
 * @throws (rejects) what the source, the encoder or the file throws.
 *
 * @example
 * ```js
 * await encodeFile(chunks, await handle.createWritable(), await AgeRtEncoder.create(passphrase));
 * ```
 *
 * @example
 * ```js
 * import { open } from "node:fs/promises";
 *
 * const report = await open("report.age", "w+");
 * await encodeFile(chunks, report, await AgeRtEncoder.create(passphrase));
 * console.log((await report.stat()).size > 0); // true
 * await report.close();
 * ```
 */
export async function encodeFile(
  chunks: AsyncBytes,
  file: WritableStream<Out> | NodeFileHandle,
  encoder: Encoder,
): Promise<void> {
  if (!isWritableStream(file)) {
    for await (const part of aiterEncodeChunks(chunks, encoder)) await writeAll(file, part);
    return;
  }
  const writer = file.getWriter();
  try {
    for await (const part of aiterEncodeChunks(chunks, encoder)) await writer.write(part);
    await writer.close();
  } catch (error) {
    // The error that counts is the one that led here.
    await writer.abort(error).catch(() => undefined);
    throw error;
  } finally {
    writer.releaseLock();
  }
}

/**
 * Decodes a file.
 *
 * @param file - A Blob or File, a ReadableStream, or a Node `FileHandle`, read from its position on
 * and left open.
 * @throws (while iterating) {@link DecodeError}, trailing data included; SourceError for a Blob
 * that changed, or a file that became shorter; NotSupportedError; what the file throws.
 *
 * @example
 * ```js
 * await init();
 * for await (const chunk of decodeFile(encrypted, new AgeAutoDecoder(passphrase))) show(chunk);
 * ```
 */
export function decodeFile(
  file: Blob | ReadableStream<Bytes> | NodeFileHandle,
  decoder: Decoder,
): AsyncIterableIterator<Out> {
  if (isBlob(file)) return aiterDecodeChunks(blobBytes(file), decoder);
  if (typeof (file as ReadableStream).getReader === "function")
    return aiterDecodeChunks(file as ReadableStream<Bytes>, decoder);
  if (typeof (file as NodeFileHandle).read === "function")
    return aiterDecodeChunks(blocksOf(file as NodeFileHandle), decoder);
  throw new TypeError("Expected the file as a Blob, a ReadableStream or a FileHandle");
}

function isWritableStream(file: WritableStream<Out> | NodeFileHandle): file is WritableStream<Out> {
  if (typeof (file as WritableStream).getWriter === "function") return true;
  if (typeof (file as NodeFileHandle).write === "function") return false;
  throw new TypeError("Expected the file as a WritableStream or a FileHandle");
}

async function writeAll(file: NodeFileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;)
    at += counted((await file.write(bytes.subarray(at))).bytesWritten);
}

/** Deno.FsFile has read() and write() too, which give numbers and would be read as nothing. */
function counted(bytes: number): number {
  if (!Number.isInteger(bytes)) throw new TypeError("Expected a FileHandle of node:fs/promises");
  return bytes;
}

async function* blocksOf(file: NodeFileHandle): AsyncGenerator<Uint8Array> {
  const block = new Uint8Array(READ_LEN);
  const before = await file.stat?.();
  for (;;) {
    const bytesRead = counted((await file.read(block, 0, READ_LEN, null))?.bytesRead);
    if (bytesRead === 0) break;
    // The decoder has copied the block before the next one is read into it.
    yield block.subarray(0, bytesRead);
  }
  // One that has grown since is whole, or has trailing data: the decoder tells.
  const after = await file.stat?.();
  if (before && after && after.size < before.size) throw sourceChanged(before.size, after.size);
}
