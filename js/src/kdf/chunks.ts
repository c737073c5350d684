/**
 * Seals or opens chunks of age files in a worker. Each file has a WebAssembly instance of its own,
 * which takes its key once and is overwritten when the file is done with. Whatever a message ends
 * with, memory that it does not move away is wiped: it may hold plaintext or a key.
 */
import type { ChunkExports } from "../engine/bindings.js";
import { chunksInstance } from "./run.js";

/** A file is begun. The key moves here, and is wiped. */
export interface ChunksBegin {
  readonly file: number;
  readonly module: WebAssembly.Module;
  readonly key: Uint8Array<ArrayBuffer>;
  readonly chunkSize: number;
}

/** Full middle chunks, each with its tag or with room for it, from number `index` on. */
export interface ChunksBatch {
  readonly file: number;
  readonly index: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly opening: boolean;
  /**
   * Whether what is sealed takes the place of what came, in the same memory. Never of a batch that
   * failed: it would be sealed in part.
   */
  readonly inPlace: boolean;
}

/** A file is done with, or given up. */
export interface ChunksEnd {
  readonly file: number;
  readonly end: true;
}

/** What is told of a batch, or of the end of a file. */
export interface ChunksReply {
  readonly file: number;
  /** Which batch it is. */
  readonly index?: number;
  /** What was sealed or opened. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** The memory in which the batch came, to be used again: it holds what came. */
  readonly spent?: Uint8Array<ArrayBuffer>;
  /** The first chunk that did not open, as it was. */
  readonly refused?: Uint8Array<ArrayBuffer>;
  /** Whether something came behind that chunk. */
  readonly more?: boolean;
  /** Nothing was done: the core's number of an error, or 0 where it trapped. */
  readonly failed?: number;
  /** The key is wiped. */
  readonly ended?: true;
}

const TAG_LEN = 16;
/** What the instance is given at a time, in bytes, or one chunk. */
const TURN_LEN = 2 ** 17;
/** The core's number for a refused allocation: see `run.ts`. */
const OUT_OF_MEMORY = -16 - 4;

interface File {
  readonly instance: ChunkExports;
  readonly chunkSize: number;
}

const files = new Map<number, File>();

type Reply = (reply: ChunksReply, transfer: ArrayBuffer[]) => void;

/** What one message asks for. */
export function runChunks(data: ChunksBegin | ChunksBatch | ChunksEnd, reply: Reply): void {
  const { file } = data;
  try {
    /** What is wiped, but for what has moved away: that has no length left, and refuses `fill`. */
    const held: Uint8Array[] = [];
    try {
      if ("key" in data) begin(data, held);
      else if ("bytes" in data) batch(data, held, reply);
      else {
        end(file);
        reply({ file, ended: true }, []);
      }
    } finally {
      for (const each of held) if (each.length) each.fill(0);
    }
  } catch (error) {
    end(file);
    const failed = typeof error === "number" ? error : 0;
    reply("index" in data ? { file, index: data.index, failed } : { file, failed }, []);
  }
}

function begin({ file, module, key, chunkSize }: ChunksBegin, held: Uint8Array[]): void {
  held.push(key);
  end(file);
  const instance = chunksInstance(module);
  files.set(file, { instance, chunkSize });
  place(instance, key);
  const failure = instance.chunksStart(chunkSize);
  if (failure) throw failure;
}

function batch(data: ChunksBatch, held: Uint8Array[], reply: Reply): void {
  const { file, index, bytes, opening, inPlace } = data;
  held.push(bytes);
  const found = files.get(file);
  // It has failed, which was said.
  if (!found) throw 0;
  const { instance, chunkSize } = found;
  const sealedSize = chunkSize + TAG_LEN;
  const count = bytes.length / sealedSize;
  // A few at a time: what is copied stays in the processor's cache, and the instance small.
  const most = Math.max(1, Math.floor(TURN_LEN / sealedSize));
  const out = inPlace ? bytes : new Uint8Array(opening ? count * chunkSize : bytes.length);
  held.push(out);
  for (let done = 0; done < count; done += most) {
    const turn = bytes.subarray(done * sealedSize, (done + most) * sealedSize);
    const at = place(instance, turn);
    // Read anew after each call: one that grows the memory detaches every view.
    const { memory } = instance;
    if (!opening) {
      const failure = instance.chunksSeal(turn.length, index + done);
      if (failure) throw failure;
      out.set(new Uint8Array(memory.buffer, at, turn.length), done * sealedSize);
      continue;
    }
    let opened = instance.chunksOpen(turn.length, index + done);
    if (opened < 0) throw opened;
    for (let i = 0; i < opened; i += 1)
      out.set(
        new Uint8Array(memory.buffer, at + i * sealedSize, chunkSize),
        (done + i) * chunkSize,
      );
    if (opened === turn.length / sealedSize) continue;
    opened += done;
    const start = opened * sealedSize;
    const kept = out.slice(0, opened * chunkSize);
    held.push(kept);
    const refused = bytes.slice(start, start + sealedSize);
    const more = bytes.length > start + sealedSize;
    return reply({ file, index, bytes: kept, refused, more }, [kept.buffer, refused.buffer]);
  }
  if (inPlace) return reply({ file, index, bytes }, [bytes.buffer]);
  // The memory that came is used again: where it was made, a collector would be late.
  reply({ file, index, bytes: out, spent: bytes }, [out.buffer, bytes.buffer]);
}

/** Copies bytes to where the core takes them. */
function place(instance: ChunkExports, bytes: Uint8Array): number {
  const at = instance.chunksReserve(bytes.length);
  if (at === 0) throw OUT_OF_MEMORY;
  new Uint8Array(instance.memory.buffer).set(bytes, at);
  return at;
}

/** Overwrites everything: the key, the last batch, and what the ciphers have left on the stack. */
function end(file: number): void {
  const found = files.get(file);
  if (!found) return;
  files.delete(file);
  new Uint8Array(found.instance.memory.buffer).fill(0);
}
