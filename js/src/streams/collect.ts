/** What comes out of a stream, for those who want all of it, or one message after the other. */
import { type Bytes, type Out, toBytes, typeName } from "../bytes.js";
import { eachOf } from "../codec/iterators.js";
import { readOptions } from "../options.js";
import { follow } from "../signal.js";

/**
 * Chunks wait until they are this long, in bytes: a Blob for each would cost more than its bytes.
 */
const PART_LEN = 1024 * 1024;
/** What an array takes beside its bytes: a stream of single bytes shall not fill the memory. */
const OVERHEAD = 128;

/**
 * Collects a stream. It rejects with the stream's own error, where `new Response(stream).blob()`
 * says "Failed to fetch" or AbortError of a wrong passphrase. The parts are Blobs, which a browser
 * may keep on its disk.
 *
 * @param options - `type` is the Blob's media type; an abort of `signal` cancels the stream.
 * @throws (rejects) what the stream fails with; the signal's reason; TypeError.
 *
 * @example
 * ```js
 * const { body } = await fetch("/report.pdf.age");
 * const report = await toBlob(body.pipeThrough(new AgeDecryptStream(passphrase)), { type: "application/pdf" });
 * console.log(report.size, report.type); // 180000 application/pdf
 * ```
 */
export async function toBlob(
  stream: ReadableStream<Bytes>,
  options?: { type?: string | undefined; signal?: AbortSignal | undefined },
): Promise<Blob> {
  const { type = "", signal } = readOptions(options, ["type", "signal"]);
  const reader = readerOf(stream);
  let cancelled: Promise<void> | undefined;
  const cancel = (reason: unknown): void => {
    cancelled ??= reader.cancel(reason).catch(() => undefined);
  };
  const ignoreSignal = follow(signal, cancel);
  const parts: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A cancelled stream ends as if it were whole.
      signal?.throwIfAborted();
      if (!done) {
        const bytes = toBytes(value) as Uint8Array<ArrayBuffer>;
        if (bytes.length > 0) waiting.push(bytes);
        length += bytes.length > 0 ? bytes.length + OVERHEAD : 0;
        if (length < PART_LEN) continue;
      }
      parts.push(new Blob(waiting));
      waiting = [];
      length = 0;
      if (done) return new Blob(parts, { type });
    }
  } catch (error) {
    cancel(error);
    throw error;
  } finally {
    ignoreSignal();
    reader.releaseLock();
  }
}

/**
 * The messages of a stream, for `for await`, in every engine: the streams of WebKit are not
 * iterable. Leaving the loop cancels the stream.
 *
 * @throws TypeError for what is no stream, or locked; (while iterating) what the stream fails with.
 *
 * @example
 * ```js
 * const { body } = await fetch("/live");
 * for await (const message of messages(body.pipeThrough(new AgeRtDecryptStream(passphrase)))) show(message);
 * ```
 */
export function messages(stream: ReadableStream<Out>): AsyncIterableIterator<Out> {
  readerOf(stream).releaseLock();
  return eachOf(stream) as AsyncGenerator<Out>;
}

function readerOf(stream: ReadableStream<Bytes>): ReadableStreamDefaultReader<Bytes> {
  if (typeof (stream as ReadableStream<Bytes> | undefined)?.getReader !== "function")
    throw new TypeError(`Expected a ReadableStream, got ${typeName(stream)}`);
  return stream.getReader();
}
