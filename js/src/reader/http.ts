/**
 * A file at a URL, by ranges. A server that answers a range with anything else is never listened to
 * for long.
 */
import type { Bytes } from "../bytes.js";
import { SourceError } from "../errors.js";
import type { RandomAccessSource } from "./source.js";

/** What is asked for first, in bytes: the header, and all of a small file. */
export const FIRST_LEN = 65_536;
/** How long a server may send nothing, in milliseconds. */
const PATIENCE_MS = 30_000;

export interface HttpOptions {
  readonly fetch?: typeof fetch | undefined;
  readonly headers?: Headers | Record<string, string> | [string, string][] | undefined;
  readonly size?: number | undefined;
  readonly signal: AbortSignal;
}

export class HttpSource implements RandomAccessSource {
  /** Known from the first answer on. */
  size: number;
  readonly #url: string;
  readonly #options: HttpOptions;
  #etag: string | undefined;
  /** The first bytes, until somebody takes them. */
  #first: Uint8Array | undefined;

  private constructor(url: string, options: HttpOptions) {
    this.#url = url;
    this.#options = options;
    this.size = options.size ?? -1;
  }

  /**
   * Asks for the first bytes, and so learns the size: a HEAD request is what signed URLs forbid.
   */
  static async open(url: string, options: HttpOptions): Promise<HttpSource> {
    const source = new HttpSource(url, options);
    const { size = FIRST_LEN } = options;
    source.#first = await source.#get(0, Math.min(FIRST_LEN, size || FIRST_LEN), options.signal);
    return source;
  }

  async read(start: number, end: number, { signal }: { signal?: AbortSignal }): Promise<Bytes> {
    const first = this.#first;
    if (first && start === 0 && end <= first.length) return first.subarray(0, end);
    this.#first = undefined;
    return this.#get(start, end, signal ?? this.#options.signal);
  }

  /** One range. Of the first one the end is not known: it gives what there is. */
  async #get(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    const abort = new AbortController();
    const onAbort = (): void => abort.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await this.#request(start, end, abort);
    } catch (error) {
      // The request ends with whatever is wrong with it: its body may be the whole file.
      abort.abort(error);
      signal.throwIfAborted();
      if (error instanceof SourceError) throw error;
      throw new SourceError(
        "source-failed",
        "The request for the file failed",
        {},
        { cause: error },
      );
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** @param whole - asks for no range: see below. */
  async #request(
    start: number,
    end: number,
    abort: AbortController,
    whole = false,
  ): Promise<Uint8Array> {
    const headers = new Headers(this.#options.headers);
    // A form that needs no preflight; nor is there an If-Range, which does.
    if (!whole) headers.set("Range", `bytes=${start}-${end - 1}`);
    // fetch() says this of itself where it has a Range; Bun's asks for a compressed part. Browsers
    // ignore what a page says here.
    headers.set("Accept-Encoding", "identity");
    const send = this.#options.fetch ?? fetch;
    const response = await patiently(send(this.#url, { headers, signal: abort.signal }));
    const { status, body } = response;
    // Some say so of a range that ends beyond a small file, as workbox does. Nobody who knows the
    // size is asked for such a range.
    if (status === 416 && this.size < 0 && !whole && !isEmptyFile(response)) {
      dropped(body);
      return this.#request(start, end, abort, true);
    }
    try {
      return await this.#answer(response, start, end);
    } catch (error) {
      // A caller's fetch() may not hear the signal.
      dropped(body);
      throw error;
    }
  }

  async #answer(response: Response, start: number, end: number): Promise<Uint8Array> {
    const { status } = response;
    const expected = this.#checkRange(response, start, end);
    const etag = response.headers.get("ETag") ?? undefined;
    if (etag?.startsWith('"')) {
      if (this.#etag !== undefined && this.#etag !== etag) throw changed(status);
      this.#etag = etag;
    }
    if (status !== 416) return readBody(response, expected);
    // An empty file's answer is no file.
    dropped(response.body);
    return new Uint8Array(0);
  }

  /** How many bytes the answer must have. */
  #checkRange(response: Response, start: number, end: number): number {
    const { status, headers } = response;
    const range = headers.get("Content-Range");
    if (status === 416) {
      if (this.size < 0 && isEmptyFile(response)) return (this.size = 0);
      throw changed(status);
    }
    const encoding = headers.get("Content-Encoding");
    const encoded = encoding !== null && encoding.toLowerCase() !== "identity";
    if (status === 200) {
      // Tornado answers so where the range covers the whole file.
      const length = headers.get("Content-Length") ?? "";
      // What the caller's own fetch() gives is nobody's check.
      if (start === 0 && !encoded && /^\d+$/.test(length) && Number(length) <= end)
        return this.#whole(Number(length), status);
      throw new SourceError(
        "range-not-supported",
        "The server ignores ranges and answers with the whole file: fetch it, and pipe it through AgeDecryptStream",
        { status },
      );
    }
    if (status !== 206)
      throw new SourceError("source-failed", `The server answered with status ${status}`, {
        status,
      });
    if (encoded)
      throw new SourceError(
        "range-not-supported",
        `The server encodes what it sends (${encoding}): ranges of that are not ranges of the file`,
        { status },
      );
    if (range === null) return this.#unseen(status, start, end);
    const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
    if (from === undefined)
      throw new SourceError("range-not-supported", "The answer has another kind of range", {
        status,
      });
    if (total !== "*" && !Number.isSafeInteger(Number(total)))
      throw new SourceError("source-failed", "The server named a size that no file has", {
        status,
      });
    if (total !== "*" && this.size >= 0 && Number(total) !== this.size) throw changed(status);
    if (total !== "*") this.size = Number(total);
    if (this.size < 0) return this.#unseen(status, start, end);
    const expected = Math.min(end, this.size) - start;
    // A last byte beyond the file is workbox' way to say the last one there is.
    if (Number(from) !== start || Math.min(Number(to), this.size - 1) !== start + expected - 1)
      throw new SourceError("source-failed", "The server answered with another range", { status });
    return expected;
  }

  #whole(len: number, status: number): number {
    if (this.size >= 0 && this.size !== len) throw changed(status);
    return (this.size = len);
  }

  /** Another origin's server lets a page see Content-Range only if it says so. */
  #unseen(status: number, start: number, end: number): number {
    if (this.size < 0)
      throw new SourceError(
        "range-not-supported",
        "The size is not in the answer: the server must expose it (Access-Control-Expose-Headers: Content-Range, ETag), or set the option size",
        { status },
      );
    return Math.min(end, this.size) - start;
  }
}

/** Of an answer 416: an empty file has no first byte. */
function isEmptyFile({ headers }: Response): boolean {
  return headers.get("Content-Range")?.replace(/\s/g, "") === "bytes*/0";
}

/** Nobody reads the rest of an answer, which may have no end. */
function dropped(body: ReadableStream | null): void {
  body?.cancel().catch(() => undefined);
}

function changed(status: number): SourceError {
  return new SourceError(
    "source-changed",
    "The file was replaced while it was read: open it again",
    {
      status,
    },
  );
}

/**
 * @throws SourceError `source-failed` for more bytes, or fewer: what is beyond them is never read.
 */
async function readBody({ body, status }: Response, expected: number): Promise<Uint8Array> {
  // At once, and not as a list of pieces: a server may send single bytes.
  const bytes = new Uint8Array(expected);
  let len = 0;
  const reader = body?.getReader();
  try {
    while (reader && len <= expected) {
      const { value, done } = await patiently(reader.read());
      if (done) break;
      len += value.length;
      if (len <= expected) bytes.set(value, len - value.length);
    }
  } finally {
    // Nobody reads the rest, where there is any.
    reader?.cancel().catch(() => undefined);
  }
  if (len !== expected)
    throw new SourceError(
      "source-failed",
      `The server sent ${len > expected ? "more" : len} bytes where it had announced ${expected}`,
      { status },
    );
  return bytes;
}

/**
 * @throws SourceError `source-failed` where nothing comes for too long: nobody waits for ever for a
 * server that stalls.
 */
async function patiently<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SourceError("source-failed", "The server has sent nothing for 30 seconds")),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
