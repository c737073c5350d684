/** Where the bytes of a file are, whichever part is asked for. */
import { armorAt } from "../armor.js";
import { type Bytes, toBytes, typeName } from "../bytes.js";
import { blobBytes, isBlob } from "../codec/blob.js";
import type { NodeFileHandle } from "../codec/files.js";
import { SourceError } from "../errors.js";
import { DearmorStream } from "../index.js";
import { unlessAborted } from "../signal.js";
import { HttpSource, type HttpOptions } from "./http.js";

/** Anything that can give any part of a file. */
export interface RandomAccessSource {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Gives the bytes from `start` up to `end`, all of them. */
  read(start: number, end: number, options: { signal?: AbortSignal }): Promise<Bytes>;
  /** Called once, when the reader is closed. */
  close?(): void;
}

/**
 * What can be opened: a Blob or File, a URL, a FileSystemFileHandle, Node's FileHandle, or a source
 * of your own.
 */
export type ReadableFile =
  | Blob
  | string
  | URL
  | {
      /** As a FileSystemFileHandle has it. */
      getFile(): Promise<Blob>;
    }
  | (NodeFileHandle & {
      /** As Node's FileHandle has it. */
      stat(): Promise<{
        /** Bytes of the file. */
        size: number;
      }>;
    })
  | RandomAccessSource;

/** @throws TypeError for what is none of these. */
export async function sourceOf(
  file: ReadableFile,
  options: HttpOptions,
): Promise<RandomAccessSource> {
  if (typeof file === "string" || Object.prototype.toString.call(file) === "[object URL]")
    return HttpSource.open(addressOf(String(file), options), options);
  const { signal } = options;
  if (isBlob(file)) return blobSource(await dearmored(file, signal));
  const { getFile, stat, read, size } = Object(file) as Partial<
    { getFile(): Promise<Blob>; stat(): Promise<{ size: number }> } & RandomAccessSource
  >;
  if (typeof getFile === "function") {
    const blob = await within(signal, () => (file as { getFile(): Promise<Blob> }).getFile());
    return blobSource(await dearmored(blob, signal));
  }
  if (typeof read === "function" && typeof stat === "function")
    return handleSource(file as NodeFileHandle & { stat(): Promise<{ size: number }> }, signal);
  if (typeof read === "function" && typeof size === "number") return file as RandomAccessSource;
  throw new TypeError(
    `Expected a Blob, a URL, a file handle, or an object with size and read(), got ${typeName(file)}`,
  );
}

/** Refuses paths, which look like addresses. Whoever gives a `fetch` may know others. */
function addressOf(url: string, { fetch }: HttpOptions): string {
  if (fetch) return url;
  let protocol: string | undefined;
  try {
    ({ protocol } = new URL(url, globalThis.location?.href));
  } catch {
    // A path, where there is no page that it would be relative to.
  }
  if (protocol === undefined || protocol === "file:")
    throw new TypeError(
      "A string is the URL of a file on a server; for a path pass what open() of node:fs/promises gives",
    );
  return url;
}

/**
 * The result of what others' code does, unless the signal is aborted first: nobody waits for ever
 * for a source that does not listen to it.
 *
 * @throws the signal's reason.
 */
async function within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return unlessAborted<T>(signal, (resolve, reject) => {
    (async () => work())().then(resolve, reject);
  });
}

/** A Blob out of its armor, which is read through once. */
async function dearmored(blob: Blob, signal: AbortSignal): Promise<Blob> {
  const start: Uint8Array[] = [];
  for await (const piece of blobBytes(blob.slice(0, 4096))) start.push(toBytes(piece));
  const at = armorAt(new Uint8Array(await new Blob(start as BlobPart[]).arrayBuffer()));
  if (at === undefined || at < 0) return blob;
  const parts: Blob[] = [];
  const reader = blob.stream().pipeThrough(new DearmorStream({ signal })).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read())
    parts.push(new Blob([next.value]));
  return new Blob(parts);
}

function blobSource(blob: Blob): RandomAccessSource {
  return {
    size: blob.size,
    async read(start, end) {
      try {
        return await blob.slice(start, end).arrayBuffer();
      } catch (cause) {
        // What browsers do once a file on a disk was changed.
        throw new SourceError("source-changed", "The file can no longer be read", {}, { cause });
      }
    },
  };
}

/** Left open: it is the caller's. */
async function handleSource(
  handle: NodeFileHandle & { stat(): Promise<{ size: number }> },
  signal: AbortSignal,
): Promise<RandomAccessSource> {
  const { size } = await within(signal, () => handle.stat());
  return {
    size,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        // Deno.FsFile has a read() too, which knows no place and gives a number.
        if (!Number.isInteger(bytesRead))
          throw new SourceError(
            "source-failed",
            "The handle's read() tells no bytesRead, as that of Node's FileHandle does: take what open() of node:fs/promises gives, in Deno too",
          );
        // A file that was cut short gives nothing there; whoever asked sees how much it was.
        if (bytesRead === 0) return bytes.subarray(0, at);
        at += bytesRead;
      }
      return bytes;
    },
  };
}

/**
 * Reads all of a range. @throws SourceError `source-failed` for another number of bytes, and for
 * what the source threw.
 */
export async function readAll(
  source: RandomAccessSource,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  let bytes;
  try {
    bytes = toBytes(await within(signal, () => source.read(start, end, { signal })));
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof SourceError) throw cause;
    throw new SourceError("source-failed", "The source of the file failed", {}, { cause });
  }
  if (bytes.length !== end - start)
    throw new SourceError(
      "source-failed",
      `The source gave ${bytes.length} bytes where ${end - start} were asked for`,
    );
  return bytes;
}
