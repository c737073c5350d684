/**
 * Several files as one .zip: streamed, of any size. File managers and unzip read it; programs that
 * unpack a .zip as it arrives may refuse it, since sizes stand behind what is stored. Loaded when
 * it is wanted.
 */
import { ZipWriter } from "@zip.js/zip.js/lib/zip-core-writer.js";
import type { Entry } from "../entries.js";
import { ChangedSourceError } from "../errors.js";
import { uniquePaths } from "../unique-paths.js";

/**
 * Stored and not compressed: what is large is mostly compressed already, and a page that deflates
 * is ten times slower than one that encrypts.
 */
export function zip(entries: readonly Entry[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const written = write(uniquePaths(entries), writable);
  written.catch((error: unknown) => void writable.abort(error).catch(() => undefined));
  return readable;
}

async function write(
  entries: readonly Entry[],
  writable: WritableStream<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const writer = new ZipWriter(writable, {
    level: 0,
    useWebWorkers: false,
    keepOrder: true,
    bufferedWrite: false,
  });
  // One after the other: nothing waits in memory.
  for (const { path, file } of entries)
    await writer.add(
      path,
      { readable: file.stream().pipeThrough(whole(file.size)) },
      { lastModDate: new Date(file.lastModified), uncompressedSize: file.size },
    );
  await writer.close();
}

/** Browsers end a file that shrinks without a word. */
function whole(size: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.length;
      controller.enqueue(chunk);
    },
    flush() {
      if (seen !== size) throw new ChangedSourceError();
    },
  });
}
