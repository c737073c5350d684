/**
 * Chunks of one file: fetched with their neighbours, verified, shared by whoever waits for them,
 * kept for a while, and wiped.
 */
import type { Out } from "../bytes.js";
import { type RandomAccessSource, readAll } from "./source.js";

const TAG_LEN = 16;
/** Chunks that one request fetches at most, where they are of the standard size: 4 MiB. */
export const MOST_NEIGHBOURS = 64;

/** Where the chunks of a file lie. */
export interface Layout {
  /** Where the first begins. */
  readonly payloadAt: number;
  /** Bytes of plaintext in each but the last. */
  readonly chunkLen: number;
  readonly count: number;
  /** Bytes of the file. */
  readonly fileSize: number;
}

/** Where chunk `index` begins in the file; of the number of chunks, where the file ends. */
export function chunkAt({ payloadAt, chunkLen, fileSize }: Layout, index: number): number {
  return Math.min(fileSize, payloadAt + index * (chunkLen + TAG_LEN));
}

/** Opens one sealed chunk. @throws `chunk-authentication`. */
export type OpenChunk = (sealed: Uint8Array, index: number, final: boolean) => Out;

/** A request for neighbours; it ends once nobody waits for any of them. */
interface Run {
  readonly abort: AbortController;
  waiting: number;
}

/** A chunk that a caller waits for or uses, or that is kept. */
export interface Chunk {
  readonly index: number;
  /** Settles once it was opened. */
  readonly opened: Promise<Out>;
  readonly run: Run;
  users: number;
  plaintext: Out | undefined;
  /** Its plaintext was given away. */
  taken: boolean;
}

export class Chunks {
  readonly #source: RandomAccessSource;
  readonly #layout: Layout;
  readonly #open: OpenChunk;
  readonly #cacheBytes: number;
  /** In the order of their last use. */
  readonly #chunks = new Map<number, Chunk>();
  #kept = 0;
  #closed = false;

  constructor(source: RandomAccessSource, layout: Layout, open: OpenChunk, cacheBytes: number) {
    this.#source = source;
    this.#layout = layout;
    this.#open = open;
    this.#cacheBytes = cacheBytes;
  }

  /**
   * The chunks from `first` up to `end`, each to be released. Those that are not there are fetched,
   * neighbours together.
   */
  acquire(first: number, end: number): Chunk[] {
    const acquired: Chunk[] = [];
    let missing = first;
    const fetchMissing = (until: number): void => {
      if (missing < until) acquired.push(...this.#fetch(missing, until));
      missing = until + 1;
    };
    for (let index = first; index < end; index += 1) {
      const chunk = this.#chunks.get(index);
      if (!chunk) continue;
      fetchMissing(index);
      chunk.users += 1;
      if (chunk.users === 1 && !chunk.plaintext) chunk.run.waiting += 1;
      acquired.push(chunk);
    }
    fetchMissing(end);
    return acquired;
  }

  /** The plaintext for its one user, who owns it from now on; undefined where there are others. */
  take(chunk: Chunk): Out | undefined {
    const { plaintext } = chunk;
    if (!plaintext || chunk.users > 1 || this.#chunks.get(chunk.index) !== chunk) return undefined;
    this.#chunks.delete(chunk.index);
    this.#kept -= plaintext.length;
    chunk.plaintext = undefined;
    chunk.taken = true;
    return plaintext;
  }

  /** Has been used. What nobody uses is kept for a while, or wiped. */
  release(chunk: Chunk): void {
    chunk.users -= 1;
    if (chunk.users > 0 || chunk.taken) return;
    if (!chunk.plaintext) {
      chunk.run.waiting -= 1;
      if (this.#chunks.get(chunk.index) === chunk) this.#chunks.delete(chunk.index);
      if (chunk.run.waiting === 0) chunk.run.abort.abort();
      return;
    }
    if (this.#closed || this.#chunks.get(chunk.index) !== chunk) return this.#wipe(chunk);
    this.#chunks.delete(chunk.index);
    this.#chunks.set(chunk.index, chunk);
    for (const oldest of this.#chunks.values()) {
      if (this.#kept <= this.#cacheBytes) break;
      if (oldest.users > 0 || !oldest.plaintext) continue;
      this.#chunks.delete(oldest.index);
      this.#wipe(oldest);
    }
  }

  /**
   * Wipes everything, what is in use too: a stream that nobody reads on would never release it. Its
   * users look whether it was closed before they touch plaintext.
   */
  close(): void {
    this.#closed = true;
    for (const chunk of this.#chunks.values()) {
      if (!chunk.plaintext) chunk.run.abort.abort();
      this.#wipe(chunk);
    }
    this.#chunks.clear();
  }

  #wipe(chunk: Chunk): void {
    if (!chunk.plaintext) return;
    this.#kept -= chunk.plaintext.length;
    chunk.plaintext.fill(0);
    chunk.plaintext = undefined;
  }

  #fetch(first: number, end: number): Chunk[] {
    const chunks: Chunk[] = [];
    for (let from = first; from < end; from += MOST_NEIGHBOURS)
      chunks.push(...this.#fetchRun(from, Math.min(end, from + MOST_NEIGHBOURS)));
    return chunks;
  }

  #fetchRun(first: number, end: number): Chunk[] {
    const run: Run = { abort: new AbortController(), waiting: end - first };
    const start = chunkAt(this.#layout, first);
    const sealed = readAll(this.#source, start, chunkAt(this.#layout, end), run.abort.signal);
    const chunks: Chunk[] = [];
    for (let index = first; index < end; index += 1) {
      const opened = sealed.then((bytes) => {
        const [from, to] = [chunkAt(this.#layout, index), chunkAt(this.#layout, index + 1)];
        const part = bytes.subarray(from - start, to - start);
        const plaintext = this.#open(part, index, index === this.#layout.count - 1);
        chunk.plaintext = plaintext;
        this.#kept += plaintext.length;
        // Everybody has gone meanwhile.
        if (chunk.users === 0) this.#wipe(chunk);
        return plaintext;
      });
      opened.catch(() => {
        // The next call for it tries again.
        if (this.#chunks.get(index) === chunk) this.#chunks.delete(index);
      });
      const chunk: Chunk = { index, opened, run, users: 1, plaintext: undefined, taken: false };
      this.#chunks.set(index, chunk);
      chunks.push(chunk);
    }
    return chunks;
  }
}
