import { type Out } from "../bytes.js";
import { AgeRtError, ChunkAuthenticationError, HeaderParseError, StateError } from "../errors.js";
import { disposable, nextTurn } from "../engine/host.js";
import { AgeDecoder, type DecryptKey } from "../index.js";
import { type AgeDecryptOptions, CHUNK_SIZE, readOptions } from "../options.js";
import { follow } from "../signal.js";
import { chunksOf, TAG_LEN } from "../sizes.js";
import { type Chunk, chunkAt, Chunks, type Layout } from "./chunks.js";
import { FIRST_LEN } from "./http.js";
import { respond } from "./respond.js";
import { type RandomAccessSource, readAll, type ReadableFile, sourceOf } from "./source.js";

const NONCE_LEN = 16;
/** Limit of a header, in bytes, where identities are given. */
const MAX_HEADER_LEN = 1_048_576;
const CACHE_BYTES = 1_048_576;
/** Bytes of a header that are read in one turn of the event loop. */
const TURN_LEN = 8192;
/** Plaintext that is fetched at a time where all of it is wanted, in chunks. */
const WINDOW = 16;

/** Options of {@link AgeReader.open}. */
export interface ReaderOptions extends AgeDecryptOptions {
  /** Without effect so far: a reader opens its chunks on the calling thread. */
  workers?: number | "auto" | undefined;
  /** Sends the requests for a URL; the platform's own unless set. */
  fetch?: typeof fetch | undefined;
  /** What is sent along with every request for a URL, such as an authorization. */
  headers?: Headers | Record<string, string> | [string, string][] | undefined;
  /**
   * Bytes of plaintext that are kept, those last used first; 1 MiB unless set. They are wiped on
   * `close()`.
   */
  cacheBytes?: number | undefined;
  /** Bytes of the file at a URL whose server does not let the page read Content-Range. */
  size?: number | undefined;
}

/**
 * Reads any part of an age file, over the network too, and no more of the file than that part. Each
 * chunk is verified as it is read; the size is authentic from the start.
 *
 * The age format alone: the chunks of age-rt have no fixed size.
 *
 * @example
 * ```js
 * import { AgeReader } from "age-rt-wasm/reader";
 *
 * const reader = await AgeReader.open(encrypted, passphrase);
 * console.log(new TextDecoder().decode(await reader.read(0, 7))); // Nothing
 * reader.close();
 * ```
 */
export class AgeReader {
  readonly #decoder: AgeDecoder;
  readonly #source: RandomAccessSource;
  readonly #layout: Layout;
  readonly #chunks: Chunks;
  readonly #size: number;
  readonly #closing = new AbortController();
  #leave: () => void = () => undefined;

  private constructor(
    decoder: AgeDecoder,
    source: RandomAccessSource,
    layout: Layout,
    cacheBytes: number,
    onProgress: ((bytes: number) => void) | undefined,
  ) {
    disposable(this, () => this.close());
    this.#decoder = decoder;
    this.#source = source;
    this.#layout = layout;
    this.#size = layout.fileSize - layout.payloadAt - layout.count * TAG_LEN;
    let opened = 0;
    const open = (sealed: Uint8Array, index: number, final: boolean): Out => {
      const plaintext = decoder.openAt(sealed, index, final);
      onProgress?.((opened += plaintext.length));
      return plaintext;
    };
    this.#chunks = new Chunks(source, layout, open, cacheBytes);
  }

  /**
   * Opens a file: reads its header and its last chunk, and verifies both, so that the size is
   * authentic. A URL takes two requests, one for a file of less than 64 KiB, one more for a header
   * that is longer.
   *
   * An armored Blob is read through once. Node's FileHandle is left open.
   *
   * @param options - `signal` ends the opening, and later the reader.
   * @throws (rejects) DecodeError, `wrong-format` for age-rt; SourceError `range-not-supported`,
   * `source-changed`, `source-failed`; NotSupportedError; TypeError, RangeError; the signal's
   * reason.
   *
   * @example
   * ```js
   * import { AgeReader } from "age-rt-wasm/reader";
   *
   * const reader = await AgeReader.open(encrypted, passphrase);
   * console.log(reader.size); // 180000
   * reader.close();
   * ```
   */
  static async open(
    source: ReadableFile,
    key: DecryptKey,
    options?: ReaderOptions,
  ): Promise<AgeReader> {
    const read = readOptions(options, [
      ...(["maxWorkFactor", "chunkSize", "signal", "onProgress", "onDerivation"] as const),
      ...(["workers", "fetch", "headers", "cacheBytes", "size"] as const),
    ]);
    const { signal, maxWorkFactor, chunkSize, onDerivation, cacheBytes = CACHE_BYTES } = read;
    signal?.throwIfAborted();
    const abort = new AbortController();
    const ignore = follow(signal, (reason) => abort.abort(reason));
    let decoder: AgeDecoder | undefined;
    let opened: RandomAccessSource | undefined;
    let reader: AgeReader | undefined;
    try {
      decoder = await AgeDecoder.create(key, { maxWorkFactor, chunkSize, onDerivation });
      opened = await sourceOf(source, { ...read, signal: abort.signal });
      const file = opened;
      // Read once: a source may be anybody's object.
      const { size } = file;
      if (!Number.isSafeInteger(size) || size < 0)
        throw new RangeError(`The size of a source must be a whole number of bytes, got ${size}`);
      const chunkLen = chunkSize ?? CHUNK_SIZE;
      const [layout, first] = await openFile(decoder, file, size, chunkLen, abort.signal);
      // What was read with the header is not asked for again: a small file has its last chunk
      // there.
      let start: Uint8Array | undefined = first;
      const remembering: RandomAccessSource = {
        size,
        read: async (from, to, during) =>
          start && to <= start.length ? start.subarray(from, to) : file.read(from, to, during),
        close: () => file.close?.(),
      };
      reader = new AgeReader(decoder, remembering, layout, cacheBytes, read.onProgress);
      await reader.#verifyLast(abort.signal);
      abort.signal.throwIfAborted();
      start = undefined;
      const made = reader;
      reader.#leave = follow(signal, (reason) => made.#close(reason));
      return reader;
    } catch (error) {
      decoder?.free();
      try {
        // The last chunk may be there already.
        if (reader) reader.#close(error);
        else opened?.close?.();
      } catch {
        // What led here counts.
      }
      throw error;
    } finally {
      ignore();
    }
  }

  /** Bytes of plaintext; authentic. */
  get size(): number {
    return this.#size;
  }

  /**
   * The same as `size`: with `slice()` it makes the reader an AsyncBuffer, as hyparquet and others
   * take it.
   */
  get byteLength(): number {
    return this.#size;
  }

  /**
   * The plaintext from `start` up to `end`, which are as `Blob.slice()` takes them: negative ones
   * count from the end, and both are clamped. It gives all of these bytes or rejects.
   *
   * @throws (rejects) ChunkAuthenticationError, with `chunkIndex`; SourceError; RangeError for what
   * is no whole number; StateError `freed`; the signal's reason.
   */
  async read(
    start?: number,
    end?: number,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<Out> {
    const { signal } = readOptions(options, ["signal"]);
    const [from, to] = this.#clamp(start, end);
    this.#check(signal);
    const plaintext = new Uint8Array(to - from);
    for await (const [part, at] of this.#parts(from, to, signal)) {
      // What was closed on the way here is wiped.
      this.#check(signal);
      plaintext.set(part, at - from);
    }
    return plaintext;
  }

  /** `read()`, as an ArrayBuffer. */
  async slice(start?: number, end?: number): Promise<ArrayBuffer> {
    return (await this.read(start, end)).buffer;
  }

  /**
   * The plaintext from `start` up to `end` as a stream, chunk by chunk. It errors after the bytes
   * that verified before a fault.
   *
   * @throws RangeError; StateError `freed`.
   */
  stream(start?: number, end?: number): ReadableStream<Out> {
    return this.#stream(start, end, undefined);
  }

  /**
   * Which bytes of the file hold these bytes of plaintext, for whoever fetches them ahead.
   *
   * @throws RangeError.
   */
  ciphertextRange(
    start: number,
    end: number,
  ): {
    /** The first byte of the file. */
    start: number;
    /** The byte after the last. */
    end: number;
  } {
    const [from, to] = this.#clamp(start, end);
    const [first, last] = this.#covering(from, to);
    return { start: chunkAt(this.#layout, first), end: chunkAt(this.#layout, last) };
  }

  /**
   * What can be read of a damaged file: ranges of plaintext, in order, each of them whole or not. A
   * file whose end is missing is not opened at all: what its beginning holds, AgeDecryptStream
   * gives.
   *
   * @throws (while iterating) SourceError; StateError `freed`; the signal's reason.
   */
  async *check(options?: { signal?: AbortSignal | undefined }): AsyncGenerator<{
    /** The first byte of plaintext. */
    start: number;
    /** The byte after the last. */
    end: number;
    /** Whether it can be read. */
    ok: boolean;
  }> {
    const { signal } = readOptions(options, ["signal"]);
    const { chunkLen, count } = this.#layout;
    let range: { start: number; end: number; ok: boolean } | undefined;
    for (let first = 0; first < count; first += WINDOW) {
      this.#check(signal);
      const chunks = this.#chunks.acquire(first, Math.min(count, first + WINDOW));
      try {
        for (const chunk of chunks) {
          const ok = await this.#settled(chunk, signal).then(
            () => true,
            (error: unknown) => {
              if (error instanceof ChunkAuthenticationError) return false;
              throw error;
            },
          );
          const start = chunk.index * chunkLen;
          const end = Math.min(this.#size, start + chunkLen);
          if (range?.ok === ok) range.end = end;
          else {
            if (range) yield range;
            range = { start, end, ok };
          }
        }
      } finally {
        for (const chunk of chunks) this.#chunks.release(chunk);
      }
    }
    if (range) yield range;
  }

  /**
   * The answer to a request for the plaintext, or for a part of it. One range is answered with 206,
   * or with 416 where there is nothing of it; several, or an If-Range, with all of it; what is
   * neither GET nor HEAD with 405. A body errors after the bytes that verified before a fault, and
   * ends with the request's signal.
   *
   * Unless `init` says otherwise, the type is application/octet-stream, and nothing is cached or
   * sniffed. The Content-Security-Policy is `sandbox; default-src 'none'`: plaintext must not run
   * in the page's origin.
   *
   * @throws StateError `freed`.
   */
  respond(request: Request, init?: ResponseInit): Response {
    this.#check(undefined);
    const stream = this.#stream.bind(this);
    return respond({ size: this.#size, stream }, request, init);
  }

  /**
   * Wipes the keys and all plaintext that was not handed out. Reads that are under way, and later
   * ones, reject with StateError `freed`.
   */
  close(): void {
    this.#close(new StateError("freed", "The reader was closed"));
  }

  /** `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The name of the class, which keeps frameworks from making a proxy of it. */
  get [Symbol.toStringTag](): string {
    return "AgeReader";
  }

  #close(reason: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(reason);
    this.#leave();
    this.#chunks.close();
    this.#decoder.free();
    this.#source.close?.();
  }

  async #verifyLast(signal: AbortSignal): Promise<void> {
    const { count } = this.#layout;
    const [last] = this.#chunks.acquire(count - 1, count) as [Chunk];
    try {
      await this.#settled(last, signal);
    } finally {
      this.#chunks.release(last);
    }
  }

  #stream(
    start: number | undefined,
    end: number | undefined,
    signal: AbortSignal | undefined,
  ): ReadableStream<Out> {
    const [from, to] = this.#clamp(start, end);
    this.#check(undefined);
    // Cancelled while it waits, the stream ends that wait: its request would go on for nobody.
    const over = new AbortController();
    const parts = this.#parts(from, to, over.signal);
    return new ReadableStream<Out>(
      {
        pull: async (controller) => {
          // Not between two reads: a signal that lives long would hold a stream that was left.
          const ignore = follow(signal, (reason) => over.abort(reason));
          try {
            const { value, done } = await parts.next();
            if (done) return controller.close();
            this.#check(over.signal);
            // A part of a chunk, or one that others use, stays with the reader: that is a copy.
            controller.enqueue(value[2]() ?? new Uint8Array(value[0]));
          } finally {
            ignore();
          }
        },
        cancel: async (reason) => {
          over.abort(reason);
          await parts.return(undefined);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /**
   * Pieces of the plaintext, each with its place: views on chunks, to be copied before the next is
   * asked for. Where the last of the three gives one, it is a whole chunk to own. Otherwise a
   * stream of a large file would copy all of it, wipe it, and drive out what is kept.
   */
  async *#parts(
    from: number,
    to: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<[Uint8Array, number, () => Out | undefined]> {
    const { chunkLen } = this.#layout;
    const [first, last] = this.#covering(from, to);
    const acquire = (window: number): Chunk[] =>
      window < last ? this.#chunks.acquire(window, Math.min(last, window + WINDOW)) : [];
    let ahead: Chunk[] | undefined;
    let chunks: Chunk[] = [];
    try {
      for (let window = first; window < last; window += WINDOW) {
        this.#check(signal);
        chunks = ahead ?? acquire(window);
        ahead = undefined;
        for (let chunk = chunks[0]; chunk; chunk = chunks[0]) {
          const plaintext = await this.#settled(chunk, signal);
          const at = chunk.index * chunkLen;
          const [start, end] = [Math.max(from, at), Math.min(to, at + chunkLen)];
          const part = plaintext.subarray(start - at, end - at);
          const own = chunk;
          yield [
            part,
            start,
            () => (part.length === plaintext.length ? this.#chunks.take(own) : undefined),
          ];
          this.#check(signal);
          // A caller who comes back for more will want the next window: it is fetched while this
          // one is used.
          ahead ??= acquire(window + WINDOW);
          chunks.shift();
          this.#chunks.release(chunk);
        }
      }
    } finally {
      for (const chunk of [...chunks, ...(ahead ?? [])]) this.#chunks.release(chunk);
    }
  }

  /** The plaintext of a chunk, unless the reader is closed or the caller gives up first. */
  async #settled(chunk: Chunk, signal: AbortSignal | undefined): Promise<Out> {
    // Opened along with its neighbours: nothing to wait for.
    if (chunk.plaintext) {
      this.#check(signal);
      return chunk.plaintext;
    }
    let leave: (() => void)[] = [];
    const ended = new Promise<never>((_, reject) => {
      leave = [this.#closing.signal, signal].map((each) => follow(each, reject));
    });
    try {
      return await Promise.race([chunk.opened, ended]);
    } finally {
      for (const stop of leave) stop();
    }
  }

  #check(signal: AbortSignal | undefined): void {
    this.#closing.signal.throwIfAborted();
    signal?.throwIfAborted();
  }

  /** As Blob.slice() does. */
  #clamp(start = 0, end = this.#size): [number, number] {
    const [from, to] = [start, end].map((at) => {
      if (typeof at !== "number" || !Number.isInteger(at))
        throw new RangeError(`A range must be of whole numbers, got ${String(at)}`);
      return at < 0 ? Math.max(0, this.#size + at) : Math.min(at, this.#size);
    }) as [number, number];
    return [from, Math.max(from, to)];
  }

  /** The chunks that hold a range: from which, and up to which. */
  #covering(from: number, to: number): [number, number] {
    const { chunkLen } = this.#layout;
    const first = Math.floor(from / chunkLen);
    return from === to ? [first, first] : [first, Math.ceil(to / chunkLen)];
  }
}

/** Feeds the header to the decoder: where the chunks lie, and what was read. */
async function openFile(
  decoder: AgeDecoder,
  source: RandomAccessSource,
  fileSize: number,
  chunkLen: number,
  signal: AbortSignal,
): Promise<[Layout, Uint8Array]> {
  let at = 0;
  // A copy: the source may use its buffer again.
  let bytes = new Uint8Array(await readAll(source, 0, Math.min(FIRST_LEN, fileSize), signal));
  const next = async (): Promise<Uint8Array> => {
    const count = decoder.bytesWanted;
    if (
      at + count > bytes.length &&
      bytes.length < Math.min(fileSize, MAX_HEADER_LEN + NONCE_LEN)
    ) {
      const end = Math.min(fileSize, MAX_HEADER_LEN + NONCE_LEN);
      const rest = await readAll(source, bytes.length, end, signal);
      const all = new Uint8Array(bytes.length + rest.length);
      all.set(bytes);
      all.set(rest, bytes.length);
      bytes = all;
    }
    if (at + count > bytes.length) decoder.finish();
    return bytes.subarray(at, (at += count));
  };
  try {
    while (decoder.bytesWanted > 0) {
      // A header of a megabyte takes a second: the event loop has its turns meanwhile.
      if (at % TURN_LEN === TURN_LEN - 1) {
        await nextTurn();
        signal.throwIfAborted();
      }
      const from = at;
      decoder.feed(at < bytes.length ? bytes.subarray(at, (at += 1)) : await next());
      if (at === from) throw new AgeRtError("internal", "The header does not end");
    }
    await decoder.unlock({ signal });
    decoder.feed(await next());
  } catch (error) {
    if (error instanceof HeaderParseError && error.code === "wrong-format")
      throw new HeaderParseError(
        "wrong-format",
        "This is an age-rt stream, whose messages have no fixed size: read it from its beginning, with AgeRtDecryptStream",
      );
    throw error;
  }
  const sealed = fileSize - at;
  return [{ payloadAt: at, chunkLen, count: chunksOf(sealed, chunkLen), fileSize }, bytes];
}
