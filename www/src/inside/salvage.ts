/** What can be had of a damaged file: every part of it that verifies, and nothing else. */
import { AgeRtError, AgeAutoDecryptStream, type DecryptKey } from "age-rt-wasm";
import { AgeReader } from "age-rt-wasm/reader";
import { isDamage } from "../failures.js";
import type { Progress } from "../transfer.js";

interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Salvage {
  /** Bytes that are right. */
  readonly whole: number;
  /** Bytes of the whole, where the end of the file proves it. */
  readonly size: number | undefined;
  /** Whether that is all that was encrypted, and only what was added to it is left out. */
  readonly complete: boolean;
  /** What is missing in between; in the stream there are zeros in its place. */
  readonly holes: readonly Range[];
  /** As often as somebody wants it: who has stopped saving it may try again. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** What stops it, how much work it may take, as log2 N, and who hears how far it is. */
export interface Reading {
  readonly signal: AbortSignal;
  readonly maxWorkFactor: number;
  readonly onDerivation: (fraction: number) => void;
}

/** Zeros that are given at a time, in bytes. */
const ZEROS = 65_536;

/**
 * @param progress - of reading it through once.
 * @throws AgeRtError where nothing can be had; the signal's reason.
 */
export async function salvageOf(
  file: Blob,
  key: DecryptKey,
  options: Reading,
  progress: Progress,
): Promise<Salvage> {
  let reader: AgeReader;
  const onProgress = (bytes: number): void => void (progress.read = progress.written = bytes);
  try {
    reader = await AgeReader.open(file, key, { ...options, onProgress });
  } catch (error) {
    // Without a right end there is no telling what belongs where; an age-rt file has no places at
    // all.
    if (isDamage(error) || (error instanceof AgeRtError && error.code === "wrong-format"))
      return beginningOf(file, key, options, progress);
    throw error;
  }
  progress.total = reader.size;
  const holes: Range[] = [];
  let whole = 0;
  for await (const { start, end, ok } of reader.check({ signal: options.signal }))
    if (ok) whole += end - start;
    else holes.push({ start, end });
  return {
    whole,
    size: reader.size,
    complete: false,
    holes,
    stream: () => withZeros(reader, holes),
  };
}

/**
 * Up to the first fault. The first pass says how much it is, so that nobody is asked where to save
 * nothing.
 */
async function beginningOf(
  file: Blob,
  key: DecryptKey,
  options: Reading,
  progress: Progress,
): Promise<Salvage> {
  let whole = 0;
  let fault: unknown;
  const verified = (): ReadableStream<Uint8Array<ArrayBuffer>> => {
    const reader = file.stream().pipeThrough(new AgeAutoDecryptStream(key, options)).getReader();
    return new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          fault = error;
          if (isDamage(error)) controller.close();
          else controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
  };
  const counter = new WritableStream<Uint8Array<ArrayBuffer>>({
    write(chunk) {
      whole += chunk.length;
      progress.read = progress.written = whole;
    },
  });
  progress.total = file.size;
  await verified().pipeTo(counter, { signal: options.signal });
  if (whole === 0 && fault !== undefined) throw fault;
  const complete = fault instanceof AgeRtError && fault.code === "trailing-data";
  return { whole, size: undefined, complete, holes: [], stream: () => lazily(verified) };
}

function withZeros(
  reader: AgeReader,
  holes: readonly Range[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  async function* parts(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let at = 0;
    for (const hole of [...holes, { start: reader.size, end: reader.size }]) {
      if (hole.start > at) yield* chunksOf(reader.stream(at, hole.start));
      for (at = hole.start; at < hole.end; at += Math.min(ZEROS, hole.end - at))
        yield new Uint8Array(Math.min(ZEROS, hole.end - at));
    }
  }
  return fromIterator(parts());
}

async function* chunksOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** The key is derived once more for it, and only if somebody wants it. */
function lazily(
  make: () => ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  async function* parts(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield* chunksOf(make());
  }
  return fromIterator(parts());
}

function fromIterator(
  parts: AsyncGenerator<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await parts.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}
