/** Reads the header of a file, armored or not, and hardly any further. */
import { armorAt } from "../armor.js";
import { type Bytes, joined, type Out, toBytes } from "../bytes.js";
import { blobBytes, isBlob } from "../codec/blob.js";
import { eachOf } from "../codec/iterators.js";
import { AgeRtError, HeaderParseError, NoIdentityMatchError } from "../errors.js";
import { AgeAutoDecryptStream, DearmorStream } from "../index.js";

/** What is read at a time, in bytes: few headers have more. */
const STEP = 65_536;
/** Where bytes come from, a step at a time. */
export type File = Bytes | Blob | string | ReadableStream<Bytes>;

/** A header, as it was received. */
export interface RawHeader {
  /** Its text, without the nonce. */
  readonly header: Out;
  readonly armored: boolean;
  /** What follows it, out of the armor. */
  readonly rest: AsyncIterable<Bytes>;
  /** Lets go of the source. */
  end(): Promise<void>;
}

/** Bytes of the whole file, where that is known; text counts as UTF-8. */
export function sizeOf(file: File): number | undefined {
  if (typeof file === "string") return new TextEncoder().encode(file).length;
  if (isBlob(file)) return file.size;
  return isStream(file) ? undefined : toBytes(file).length;
}

function isStream(file: File): file is ReadableStream<Bytes> {
  return typeof (Object(file) as ReadableStream).getReader === "function";
}

/** @throws TypeError for what is none of these. */
async function* steps(file: File): AsyncGenerator<Bytes> {
  if (isStream(file)) {
    yield* eachOf(file);
  } else if (isBlob(file)) {
    for (let at = 0; at < file.size; at += STEP) yield* blobBytes(file.slice(at, at + STEP));
  } else {
    const bytes = typeof file === "string" ? new TextEncoder().encode(file) : toBytes(file);
    for (let at = 0; at < bytes.length; at += STEP) yield bytes.subarray(at, at + STEP);
  }
}

/**
 * Reads a header, and lets the decoder's own grammar judge it.
 *
 * @throws (rejects) HeaderParseError, StreamTruncatedError; DecodeError `invalid-armor`; TypeError;
 * what the source throws.
 */
export async function readHeader(file: File): Promise<RawHeader> {
  let pieces = steps(file);
  try {
    let start: Uint8Array = new Uint8Array(0);
    while (armorAt(start) === undefined) {
      const { value, done } = await pieces.next();
      if (done) break;
      start = joined([start, toBytes(value)]);
    }
    const armored = (armorAt(start) ?? -1) >= 0;
    pieces = before(start, pieces);
    if (armored) pieces = eachOf(streamOf(pieces).pipeThrough(new DearmorStream()));
    const [header, beyond] = await upToHeader(pieces);
    // Not by way of `rest`: a generator that nobody has started passes no return() on.
    const end = async (): Promise<void> => void (await pieces.return(undefined));
    return { header, armored, rest: before(beyond, pieces), end };
  } catch (error) {
    await pieces.return(undefined).catch(() => undefined);
    throw error;
  }
}

/** What follows a header, where it has to be read. */
export async function collected(
  rest: AsyncIterable<Bytes>,
  onPiece?: (len: number) => void,
): Promise<Blob> {
  // As Blobs, which a browser may keep on its disk.
  const parts: Blob[] = [];
  for await (const piece of rest) {
    parts.push(new Blob([piece as Out]));
    onPiece?.(piece.byteLength);
  }
  return new Blob(parts);
}

async function* before(start: Uint8Array, pieces: AsyncGenerator<Bytes>): AsyncGenerator<Bytes> {
  try {
    if (start.length > 0) yield start;
    yield* pieces;
  } finally {
    await pieces.return(undefined);
  }
}

/** Not ReadableStream.from(), which browsers lack. */
function streamOf(pieces: AsyncGenerator<Bytes>): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const { value, done } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await pieces.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}

/** The header, and what came along with its end. */
async function upToHeader(pieces: AsyncGenerator<Bytes>): Promise<[Out, Out]> {
  // It opens nothing, and says so once the header is whole.
  const nobody = { unwrapFileKey: () => null };
  const judge = new AgeAutoDecryptStream(nobody, { maxChunkSize: 2 ** 24 });
  const writer = judge.writable.getWriter();
  writer.closed.catch(() => undefined);
  let seen: Out = new Uint8Array(STEP);
  let length = 0;
  try {
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) await writer.close();
      if (done) throw new AgeRtError("internal", "A header was opened without its key");
      const bytes = toBytes(value);
      // Twice as much each time: a stranger may send a mebibyte of header byte by byte.
      if (length + bytes.length > seen.length)
        seen = joined([seen, new Uint8Array(Math.max(seen.length, bytes.length))]);
      seen.set(bytes, length);
      length += bytes.length;
      await writer.write(bytes);
    }
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    if (!(error instanceof NoIdentityMatchError)) throw error;
  }
  const len = headerLen(seen.subarray(0, length));
  return [seen.slice(0, len), seen.slice(len, length)];
}

/**
 * Where the nonce begins, behind a header whose grammar was judged: its last line alone begins with
 * `---`.
 */
function headerLen(bytes: Uint8Array): number {
  const last = [10, 45, 45, 45, 32];
  let at = bytes.indexOf(10);
  while (at >= 0 && !last.every((byte, i) => bytes[at + i] === byte))
    at = bytes.indexOf(10, at + 1);
  const end = bytes.indexOf(10, at + 1);
  if (at < 0 || end < 0) throw new HeaderParseError("invalid-header", "The header has no end");
  return end + 1;
}
