/** Everything that goes through one of the library's streams, from input to output. */
import { ArmorStream, type ByteTransform } from "../index.js";
import { inspect, type Inspection } from "../header.js";
import type { Output } from "./output.js";
import type { Progress } from "./progress.js";

export type Pieces = AsyncGenerator<Uint8Array>;

/** Rejects with whatever fails first, and does not wait for an input that may never come. */
export async function pump(
  pieces: Pieces,
  stream: ByteTransform,
  output: Output,
  options: { armor: boolean; progress: Progress },
): Promise<void> {
  const { armor, progress } = options;
  const readable = armor ? stream.readable.pipeThrough(new ArmorStream()) : stream.readable;
  const [writer, reader] = [stream.writable.getWriter(), readable.getReader()];

  async function feed(): Promise<void> {
    let count = 0;
    try {
      for await (const piece of pieces) {
        await writer.write(piece as Uint8Array<ArrayBuffer>);
        count += piece.length;
        progress.bytes(count);
      }
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => undefined);
      throw error;
    }
  }

  async function drain(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        await output.write(value);
      }
    } catch (error) {
      reader.cancel(error).catch(() => undefined);
      throw error;
    }
  }

  try {
    await Promise.all([feed(), drain()]);
  } finally {
    progress.end();
  }
  await output.finish();
}

/** Looks at a header, and gives back what was read for it. */
export async function peek(pieces: Pieces): Promise<{ inspection: Inspection; all: Pieces }> {
  const seen: Uint8Array[] = [];
  const start = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { value, done } = await pieces.next();
        if (done) return controller.close();
        // The input may use its buffer again.
        const copy = new Uint8Array(value);
        seen.push(copy);
        controller.enqueue(copy.slice());
      },
    },
    { highWaterMark: 0 },
  );
  const inspection = await inspect(start);
  return { inspection, all: followed(seen, pieces) };
}

async function* followed(seen: Uint8Array[], pieces: Pieces): Pieces {
  for (let piece = seen.shift(); piece; piece = seen.shift()) yield piece;
  yield* pieces;
}

export async function* one(piece: Uint8Array): Pieces {
  yield piece;
}
