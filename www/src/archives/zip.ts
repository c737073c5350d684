/**
 * Several files as one .zip: streamed, of any size. Loaded when it is wanted.
 *
 * A file's checksum is known only after the file, so that it stands behind it. Programs that unpack
 * a .zip as it arrives (Java's ZipInputStream, stream-unzip) then need data that shows its own end:
 * they refuse what is merely stored. So it is in the form of deflate, as blocks that are stored.
 */
import { configure, ZipWriter } from "@zip.js/zip.js/lib/zip-core-custom.js";
import type { Entry } from "../entries.js";
import { ChangedSourceError } from "../errors.js";
import { uniquePaths } from "../unique-paths.js";

/** The longest stored block of deflate (RFC 1951, 3.2.4). In bytes. */
const BLOCK = 65_535;
/** A byte that says whether it is the last one, its length, and that length inverted. */
const BLOCK_HEADER = 5;

/**
 * Not compressed: what is large is mostly compressed already, and a page that deflates is ten times
 * slower than one that encrypts.
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
  configure({ CompressionStreamFallback: StoredBlocks });
  const writer = new ZipWriter(writable, {
    // Any level but the usual one takes the class above.
    level: 1,
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

/** Deflate without compression. Where the blocks end depends on nothing but the number of bytes. */
class StoredBlocks extends TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  constructor() {
    let block = new Uint8Array(BLOCK_HEADER + BLOCK);
    let filled = 0;
    const headed = (isLast: boolean): Uint8Array<ArrayBuffer> => {
      const header = new DataView(block.buffer);
      header.setUint8(0, isLast ? 1 : 0);
      header.setUint16(1, filled, true);
      header.setUint16(3, ~filled, true);
      return block.subarray(0, BLOCK_HEADER + filled);
    };
    super({
      transform(chunk, controller) {
        for (let at = 0; at < chunk.length;) {
          const part = chunk.subarray(at, at + BLOCK - filled);
          block.set(part, BLOCK_HEADER + filled);
          filled += part.length;
          at += part.length;
          if (filled < BLOCK) continue;
          controller.enqueue(headed(false));
          block = new Uint8Array(BLOCK_HEADER + BLOCK);
          filled = 0;
        }
      },
      flush(controller) {
        controller.enqueue(headed(true));
      },
    });
  }
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
