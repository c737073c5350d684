/**
 * What is in a .zip or a .tar, read where it is wanted: nothing of it is kept. Loaded when it is
 * wanted.
 */
import { ZipReader } from "@zip.js/zip.js/lib/zip-core-reader.js";
import { AgeRtError } from "age-rt-wasm";
import { DamagedMemberError } from "../errors.js";
import { safePath } from "./safe-path.js";
import { tarMembers } from "./untar.js";

/** Random access to what was encrypted. */
export interface Plain {
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  stream(start: number, end: number): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A file in an archive. */
export interface Member {
  /** As the archive has it. */
  readonly name: string;
  /**
   * Undefined where the name must not become a file's: it would lead out of the folder, or means
   * something else on some system.
   */
  readonly path: readonly string[] | undefined;
  readonly size: number;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Whoever made the archive decides how many there are. */
const MOST = 10_000;

/** @throws Error for what is no archive, and for one of more members than a page can list. */
export async function membersOf(plain: Plain, type: "zip" | "tar"): Promise<Member[]> {
  const found: Member[] = [];
  const taken = new Set<string>();
  for await (const member of type === "zip" ? zipMembers(plain) : tarMembers(plain)) {
    if (found.length === MOST) throw new Error(`more than ${MOST} files`);
    // Of two with one name the second would be written over the first.
    const path = safePath(member.name);
    const name = path?.join("/").normalize("NFC").toLowerCase();
    const isFree = name !== undefined && !taken.has(name);
    if (isFree) taken.add(name);
    found.push({ ...member, path: isFree ? path : undefined });
  }
  return found;
}

async function* zipMembers(plain: Plain): AsyncGenerator<Omit<Member, "path">> {
  const reader = new ZipReader(
    {
      size: plain.size,
      readUint8Array: (at: number, length: number) =>
        plain.read(at, Math.min(plain.size, at + length)),
      createReadable: ({ offset = 0, size }: { offset?: number; size?: number } = {}) =>
        plain.stream(offset, size === undefined ? plain.size : offset + size),
    } as never,
    // Names are checked here, one by one: a single bad one must not lock away the others.
    { useWebWorkers: false, filenameValidation: "tolerant" },
  );
  for await (const entry of reader.getEntriesGenerator()) {
    if (entry.directory || !("getData" in entry)) continue;
    yield {
      name: entry.filename,
      size: entry.uncompressedSize,
      stream: () => {
        const { readable, writable } = new TransformStream<
          Uint8Array<ArrayBuffer>,
          Uint8Array<ArrayBuffer>
        >();
        entry
          .getData(writable, { useWebWorkers: false, checkSignature: true })
          .catch((error: unknown) => void writable.abort(error).catch(() => undefined));
        return withFaultsTold(readable.pipeThrough(atMost(entry.uncompressedSize)));
      },
    };
  }
}

/**
 * What is wrong with the encrypted file, or with reading it, stays what it is; all else is wrong
 * with the archive.
 */
function withFaultsTold(
  readable: ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = readable.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          throw error instanceof AgeRtError || error instanceof DOMException
            ? error
            : new DamagedMemberError(undefined, { cause: error });
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** What says that it is small must not fill the disk. */
function atMost(size: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.length;
      if (seen > size) throw new DamagedMemberError("more bytes than the archive says");
      controller.enqueue(chunk);
    },
  });
}
