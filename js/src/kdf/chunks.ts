/**
 * Seals or opens chunks of age files in a worker. Each file has a WebAssembly instance of its own,
 * which takes its key once and is overwritten when the file is done with.
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
  /**
   * The memory of a batch that was opened, to be used again: the worker's collector would be late.
   */
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
    if ("key" in data) begin(data);
    else if ("bytes" in data) batch(data, reply);
    else {
      end(file);
      reply({ file, ended: true }, []);
    }
  } catch (error) {
    end(file);
    const failed = typeof error === "number" ? error : 0;
    reply("index" in data ? { file, index: data.index, failed } : { file, failed }, []);
  }
}

function begin({ file, module, key, chunkSize }: ChunksBegin): void {
  try {
    const instance = chunksInstance(module);
    files.set(file, { instance, chunkSize });
    place(instance, key);
    const failure = instance.chunksStart(chunkSize);
    if (failure) throw failure;
  } finally {
    key.fill(0);
  }
}

function batch({ file, index, bytes, opening }: ChunksBatch, reply: Reply): void {
  const found = files.get(file);
  // It has failed, which was said.
  if (!found) throw 0;
  const { instance, chunkSize } = found;
  const at = place(instance, bytes);
  const len = bytes.length;
  if (!opening) {
    const failure = instance.chunksSeal(len, index);
    if (failure) throw failure;
    bytes.set(new Uint8Array(instance.memory.buffer, at, len));
    return reply({ file, index, bytes }, [bytes.buffer]);
  }
  const count = instance.chunksOpen(len, index);
  if (count < 0) throw count;
  const sealedSize = chunkSize + TAG_LEN;
  const opened = new Uint8Array(count * chunkSize);
  for (let i = 0; i < count; i += 1)
    opened.set(
      new Uint8Array(instance.memory.buffer, at + i * sealedSize, chunkSize),
      i * chunkSize,
    );
  const rest = len - count * sealedSize;
  if (rest === 0)
    return reply({ file, index, bytes: opened, spent: bytes }, [opened.buffer, bytes.buffer]);
  const refused = bytes.slice(count * sealedSize, (count + 1) * sealedSize);
  reply({ file, index, bytes: opened, refused, more: rest > sealedSize }, [
    opened.buffer,
    refused.buffer,
  ]);
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
