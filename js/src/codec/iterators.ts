import { type Bytes, joined, type Out, toBytes } from "../bytes.js";
import { plainError } from "../engine/core-errors.js";
import type { Decoder } from "./decoder.js";
import { type DecoderCore, decoders, NEED_KEY } from "./decoder-core.js";
import { type Encoder, seal } from "./encoder.js";
import { type EncoderCore, encoders } from "./encoder-core.js";

/** Bytes that arrive over time. */
export type AsyncBytes = AsyncIterable<Bytes> | Iterable<Bytes> | ReadableStream<Bytes>;

/** Derivations that belong to an iterator cannot be aborted from outside. */
function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/**
 * One call per chunk that is there, and one for the end: what both kinds of encoding iterator do
 * with their chunks.
 */
class ChunkEncoder {
  readonly #encoder: Encoder;
  readonly #core: EncoderCore;
  /** A full age chunk that may turn out to be the last. */
  #held: Uint8Array | undefined;

  /** Claims the encoder. @throws StateError `in-use`, `freed`; TypeError. */
  constructor(encoder: Encoder) {
    this.#encoder = encoder;
    this.#core = encoders.claim(encoder);
  }

  get header(): Out {
    return this.#encoder.getHeader();
  }

  *next(chunk: Bytes): Iterable<Out> {
    const core = this.#core;
    if (core.format !== "age") return yield seal(core, chunk);
    const bytes = toBytes(chunk);
    // The age format has no messages: an empty chunk is nothing.
    if (bytes.length === 0) return;
    const held = this.#held;
    this.#held = undefined;
    const full = bytes.length === core.chunkSize;
    // A copy, now: the source may use its buffer again, while somebody has the chunk before this
    // one.
    const own = full || held ? new Uint8Array(bytes) : bytes;
    if (held) yield seal(core, held, false);
    if (full) this.#held = own;
    else yield seal(core, own);
  }

  /** The final chunk, unless there was one. */
  *end(): Iterable<Out> {
    if (this.#held) yield seal(this.#core, this.#held, true);
    else if (!this.#encoder.finalized) yield seal(this.#core, new Uint8Array(0), true);
  }

  release(): void {
    this.#core.claimed = false;
  }
}

/**
 * The decoder's core, for one reader at a time.
 *
 * @throws StateError `in-use`, `already-done`, `freed`.
 */
function claimed(decoder: Decoder): DecoderCore {
  const core = decoders.claim(decoder);
  if (!core.done) return core;
  core.claimed = false;
  throw plainError("already-done");
}

/**
 * For an iterator that finds the key in place.
 *
 * @throws StateError `key-pending` where it cannot, before anything is read.
 */
function claimedNow(decoder: Decoder): DecoderCore {
  if (decoders.of(decoder).needsUnlock) throw plainError("key-pending");
  return claimed(decoder);
}

/**
 * Encodes chunks as they come: the header first, then each chunk. A final chunk is added unless one
 * was encoded: for age-rt an empty one; for age the last full chunk is held back for it, so that no
 * empty one follows data.
 *
 * @throws (while iterating) RangeError for a chunk above the encoder's size; StateError (`in-use`:
 * an encoder belongs to one iterator at a time); TypeError.
 *
 * @example
 * ```js
 * const encoder = await AgeRtEncoder.create(passphrase);
 * const wire = [];
 * for (const bytes of iterEncodeChunks(chunks, encoder)) wire.push(bytes);
 * console.log(wire.length - 2 === chunks.length); // true
 * ```
 */
export function* iterEncodeChunks(
  chunks: Iterable<Bytes>,
  encoder: Encoder,
): IterableIterator<Out> {
  const encode = new ChunkEncoder(encoder);
  try {
    yield encode.header;
    for (const chunk of chunks) yield* encode.next(chunk);
    yield* encode.end();
  } finally {
    encode.release();
  }
}

/**
 * {@link iterEncodeChunks} for chunks that arrive over time.
 *
 * @throws (while iterating) RangeError for a chunk above the encoder's size; StateError (`in-use`:
 * an encoder belongs to one iterator at a time); TypeError; what the source throws.
 *
 * @example
 * ```js
 * const encoder = await AgeRtEncoder.create(passphrase);
 * let count = 0;
 * for await (const bytes of aiterEncodeChunks(source, encoder)) count += 1;
 * console.log(count); // 4
 * ```
 */
export async function* aiterEncodeChunks(
  chunks: AsyncBytes,
  encoder: Encoder,
): AsyncIterableIterator<Out> {
  const encode = new ChunkEncoder(encoder);
  try {
    yield encode.header;
    for await (const chunk of eachOf(chunks)) yield* encode.next(chunk);
    yield* encode.end();
  } finally {
    encode.release();
  }
}

/**
 * Decodes from a read function. Nothing is read past the final chunk.
 *
 * @param read - Returns up to `n` bytes, as many as are there; none at the end of the input alone.
 * @throws (while iterating) {@link DecodeError}; StateError; NotSupportedError; TypeError;
 * RangeError if `read` gives more than it was asked for.
 *
 * @example
 * ```js
 * import { openSync, readSync } from "node:fs";
 *
 * await init();
 * const file = openSync("report.pdf.age", "r");
 * const read = (n) => {
 *   const bytes = new Uint8Array(n);
 *   return bytes.subarray(0, readSync(file, bytes));
 * };
 * for (const chunk of iterDecodeCallable(read, new AgeDecoder(passphrase))) show(chunk);
 * ```
 */
export function* iterDecodeCallable(
  read: (n: number) => Bytes,
  decoder: Decoder,
): IterableIterator<Out> {
  const core = claimedNow(decoder);
  try {
    for (let wanted = core.wanted; wanted > 0;) {
      const bytes = readBytes(read(wanted), wanted);
      if (bytes.length === 0) break;
      yield* decodedNow(core, bytes);
      // Fewer than were asked for are no end: a socket gives what is there.
      wanted = wanted - bytes.length || core.wanted;
    }
    yield* rest(core);
  } finally {
    core.claimed = false;
  }
}

/**
 * {@link iterDecodeCallable} for a read function that may return a promise; derives without holding
 * up the calling thread.
 *
 * @throws (while iterating) {@link DecodeError}; StateError; NotSupportedError; TypeError;
 * RangeError; what `read` throws.
 *
 * @example
 * ```js
 * await init();
 * let at = 0;
 * const read = async (n) => encrypted.slice(at, (at += n)).arrayBuffer();
 * for await (const chunk of aiterDecodeCallable(read, new AgeDecoder(passphrase))) show(chunk);
 * ```
 */
export async function* aiterDecodeCallable(
  read: (n: number) => Bytes | Promise<Bytes>,
  decoder: Decoder,
): AsyncIterableIterator<Out> {
  const core = claimed(decoder);
  try {
    // Where the header was fed before.
    await core.findKey(neverAborted());
    for (let wanted = core.wanted; wanted > 0;) {
      const bytes = readBytes(await read(wanted), wanted);
      if (bytes.length === 0) break;
      for (const chunk of decoded(core, bytes))
        if (chunk) yield chunk;
        else await core.findKey(neverAborted());
      wanted = wanted - bytes.length || core.wanted;
    }
    yield* rest(core);
  } finally {
    core.claimed = false;
  }
}

function readBytes(data: Bytes, wanted: number): Uint8Array {
  const bytes = toBytes(data);
  if (bytes.length > wanted)
    throw new RangeError(
      `The read function was asked for ${wanted} bytes and returned ${bytes.length}`,
    );
  return bytes;
}

/**
 * Decodes an iterable of byte blobs of any size. Every chunk is yielded as it verifies, an empty
 * final one too.
 *
 * @throws (while iterating) {@link DecodeError}, trailing data after the end included; StateError
 * (`in-use`: a decoder belongs to one iterator at a time); NotSupportedError; TypeError.
 *
 * @example
 * ```js
 * const wire = encodeBytes(chunks, await AgeRtEncoder.create(passphrase));
 * const blobs = [wire.subarray(0, 100), wire.subarray(100)];
 * for (const message of iterDecodeChunks(blobs, new AgeRtDecoder(passphrase))) show(message);
 * ```
 */
export function* iterDecodeChunks(
  source: Iterable<Bytes>,
  decoder: Decoder,
): IterableIterator<Out> {
  const core = claimedNow(decoder);
  try {
    for (const blob of source) yield* decodedNow(core, toBytes(blob));
    yield* rest(core);
  } finally {
    core.claimed = false;
  }
}

/**
 * {@link iterDecodeChunks} for blobs that arrive over time; derives without holding up the calling
 * thread.
 *
 * @throws (while iterating) {@link DecodeError}; StateError; NotSupportedError; TypeError; what the
 * source throws.
 *
 * @example
 * ```js
 * await init();
 * const { body } = await fetch("/live");
 * for await (const message of aiterDecodeChunks(body, new AgeRtDecoder(passphrase))) show(message);
 * ```
 */
export async function* aiterDecodeChunks(
  source: AsyncBytes,
  decoder: Decoder,
): AsyncIterableIterator<Out> {
  const core = claimed(decoder);
  try {
    await core.findKey(neverAborted());
    for await (const blob of eachOf(source)) {
      for (const chunk of decoded(core, toBytes(blob)))
        if (chunk) yield chunk;
        else await core.findKey(neverAborted());
    }
    yield* rest(core);
  } finally {
    core.claimed = false;
  }
}

/**
 * The chunks that some bytes complete; undefined where the key has to be derived before it goes on.
 */
function* decoded(core: DecoderCore, bytes: Uint8Array): Iterable<Out | undefined> {
  for (let offset = 0; offset < bytes.length;) {
    offset += core.take(bytes, offset);
    for (let event = core.event(); event >= 0 || event === NEED_KEY; event = core.event())
      yield event >= 0 ? core.chunk(event) : undefined;
  }
}

function* decodedNow(core: DecoderCore, bytes: Uint8Array): Iterable<Out> {
  for (const chunk of decoded(core, bytes))
    if (chunk) yield chunk;
    else core.findKeyNow();
}

/** What the end of the input still gives: the age format's last chunk shows only then. */
function* rest(core: DecoderCore): IterableIterator<Out> {
  for (let event = core.finish(); event >= 0; event = core.finish()) yield core.chunk(event);
}

/**
 * Encodes chunks into one array.
 *
 * @throws RangeError for a chunk above the encoder's size; StateError; TypeError.
 *
 * @example
 * ```js
 * const wire = encodeBytes(chunks, await AgeRtEncoder.create(passphrase));
 * for (const message of decodeBytes(wire, new AgeRtDecoder(passphrase))) show(message);
 * ```
 */
export function encodeBytes(chunks: Iterable<Bytes>, encoder: Encoder): Out {
  return joined([...iterEncodeChunks(chunks, encoder)]);
}

/**
 * Decodes the bytes of a whole stream, chunk by chunk, an empty final one included; derives in
 * place.
 *
 * @throws (while iterating) {@link DecodeError}, trailing data after the end included; StateError
 * (`in-use`: a decoder belongs to one iterator at a time); NotSupportedError; TypeError.
 *
 * @example
 * ```js
 * const wire = encodeBytes(chunks, await AgeRtEncoder.create(passphrase));
 * const messages = [...decodeBytes(wire, new AgeRtDecoder(passphrase))];
 * console.log(messages.length - 1 === chunks.length, messages.at(-1).length); // true 0
 * ```
 */
export function decodeBytes(data: Bytes, decoder: Decoder): IterableIterator<Out> {
  return iterDecodeChunks([data], decoder);
}

/** Iterates over a stream too where streams are not iterable yet; leaving early cancels it. */
export async function* eachOf(source: AsyncBytes): AsyncGenerator<Bytes> {
  if (typeof (source as ReadableStream<Bytes>).getReader !== "function") {
    yield* source as AsyncIterable<Bytes> | Iterable<Bytes>;
    return;
  }
  const reader = (source as ReadableStream<Bytes>).getReader();
  let left = true;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    left = false;
  } catch (error) {
    left = false;
    throw error;
  } finally {
    if (left) await reader.cancel();
    reader.releaseLock();
  }
}
