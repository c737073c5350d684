/** What becomes of a stream pair: on either side, and at the source that feeds it. */
import { assert } from "../../harness.js";

/** Marks what did not fail. */
export const FINE = Symbol("fine");

/** What a promise rejects with, or FINE. */
export function failure(promise) {
  return Promise.resolve(promise).then(
    () => FINE,
    (error) => error,
  );
}

/** Chunks up to the end or the error of a readable. */
export async function drain(reader) {
  const chunks = [];
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      chunks.push(next.value);
    return { chunks, error: FINE };
  } catch (error) {
    return { chunks, error };
  }
}

/**
 * Pipes the pieces through the pair and reads all that comes out.
 *
 * @param open - whether the source stays open after the last piece, as a socket does
 * @returns chunks: what came out; the rest: what each promise rejected with, or FINE. `cancelled`
 * is what the source was cancelled with.
 */
export async function fate(pair, pieces, { open = false } = {}) {
  let cancelled = FINE;
  let next = 0;
  const source = new ReadableStream(
    {
      pull(controller) {
        if (next < pieces.length) controller.enqueue(pieces[next++]);
        else if (open) return new Promise(() => undefined);
        else controller.close();
      },
      cancel(reason) {
        cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  const piped = failure(source.pipeTo(pair.writable));
  const reader = pair.readable.getReader();
  const { chunks, error: read } = await drain(reader);
  const readerClosed = await failure(reader.closed);
  const pipe = await piped;
  const writer = pair.writable.getWriter();
  const writerClosed = await failure(writer.closed);
  // Node 20 asserts its own state, and loses, when a closed writable is written to.
  const written = writerClosed === FINE ? FINE : await failure(writer.write(new Uint8Array(1)));
  return { chunks, read, readerClosed, pipe, writerClosed, written, cancelled };
}

/** Asserts that everything about the pair that can fail did so with one error, and returns it. */
export function oneError({ read, readerClosed, pipe, writerClosed, written }, message) {
  for (const [name, error] of Object.entries({ readerClosed, pipe, writerClosed, written })) {
    assert.ok(
      error === read,
      `${message ?? ""} ${name}: ${String(error)}, but the read: ${String(read)}`,
    );
  }
  return read;
}
