import { armor as armored, dearmor } from "../armor.js";
import { type Bytes, type ByteTransform, joined, type Out, toBytes, typeName } from "../bytes.js";
import { AgeAutoDecryptStream } from "./decrypt.js";
import { AgeEncryptStream, AgeRtEncryptStream } from "./encrypt.js";
import { blobBytes, isBlob } from "../codec/blob.js";
import type { DecryptKey, EncryptKey } from "../keys/recipient.js";
import { isKey, isThenable } from "../keys/recipients.js";
import {
  type AgeEncryptOptions,
  type AgeRtDecryptOptions,
  CHUNK_SIZE,
  type Format,
  readOptions,
} from "../options.js";

/**
 * Encrypts the whole of `data` in one call.
 *
 * @param data - Bytes, a Blob or File, or text (encoded as UTF-8).
 * @param options - `format` is `"age"` (every age tool opens it) unless set.
 * @returns the whole file; its armor as text with `armor: true`.
 * @throws (rejects) SourceError for a Blob that changed while it was read; TypeError, RangeError;
 * NotSupportedError; the signal's reason.
 *
 * @example
 * ```js
 * const file = await encrypt("attack at dawn", passphrase);
 * console.log(file.length === ciphertextSize("attack at dawn".length)); // true
 * ```
 *
 * @example
 * ```js
 * const text = await encrypt("attack at dawn", passphrase, { armor: true });
 * console.log(text.split("\n")[0]); // -----BEGIN AGE ENCRYPTED FILE-----
 * ```
 */
export async function encrypt(
  data: Bytes | string | Blob,
  key: EncryptKey,
  options: AgeEncryptOptions & { format?: Format | undefined; armor: true },
): Promise<string>;
export async function encrypt(
  data: Bytes | string | Blob,
  key: EncryptKey,
  options?: AgeEncryptOptions & { format?: Format | undefined; armor?: false | undefined },
): Promise<Out>;
export async function encrypt(
  data: Bytes | string | Blob,
  key: EncryptKey,
  options?: AgeEncryptOptions & { format?: Format | undefined; armor?: boolean | undefined },
): Promise<Out | string> {
  const {
    format = "age",
    armor = false,
    chunkSize,
    maxChunkSize,
    workers,
    ...rest
  } = readOptions(options, [
    "format",
    "armor",
    "workFactor",
    "chunkSize",
    "maxChunkSize",
    "signal",
    "onProgress",
    "onDerivation",
    "workers",
  ]);
  if (workers !== undefined && format !== "age")
    throw new TypeError(
      "workers is for the age format: age-rt is for messages that come one at a time",
    );
  if (maxChunkSize !== undefined && (format === "age" || chunkSize !== undefined))
    throw new TypeError("maxChunkSize is age-rt\'s name for chunkSize: set one of them");
  const own = typeof data === "string" ? new TextEncoder().encode(data) : whole(data);
  checkKey(key);
  // Of age-rt, a piece is whole messages.
  const source = pieces(own, chunkSize ?? maxChunkSize ?? CHUNK_SIZE);
  const stream =
    format === "age"
      ? new AgeEncryptStream(key, { ...rest, chunkSize, workers })
      : new AgeRtEncryptStream(key, { ...rest, maxChunkSize: maxChunkSize ?? chunkSize });
  const file = await through(source, stream);
  return armor ? armored(file) : file;
}

/**
 * Decrypts the whole of `data`, of either format, armored or not, in one call. Nothing is returned
 * unless all of it verified.
 *
 * @param data - Bytes, a Blob or File, or an armored message as text.
 * @throws (rejects) {@link DecodeError}; SourceError for a Blob that changed while it was read;
 * TypeError, RangeError; NotSupportedError; the signal's reason.
 *
 * @example
 * ```js
 * const response = await fetch("/report.pdf.age");
 * show(await decrypt(await response.blob(), passphrase));
 * ```
 */
export async function decrypt(
  data: Bytes | Blob | string,
  key: DecryptKey,
  options?: AgeRtDecryptOptions,
): Promise<Out> {
  const read = readOptions(options, [
    "maxWorkFactor",
    "maxChunkSize",
    "closeAtFinal",
    "signal",
    "onProgress",
    "onDerivation",
    "workers",
  ]);
  const own = typeof data === "string" ? dearmor(data) : whole(data);
  checkKey(key);
  return through(pieces(own, CHUNK_SIZE), new AgeAutoDecryptStream(key, read));
}

/** The streams take encoders and decoders too, of which one call knows nothing. */
function checkKey(key: unknown): void {
  if (typeof key !== "string" && !isKey(key))
    throw new TypeError(
      isThenable(key)
        ? "Expected a key, got a promise: await it"
        : `Expected a passphrase as a string, or a key, got ${typeName(key)}`,
    );
}

type Source = Iterable<Bytes> | AsyncIterable<Bytes>;

/** Bytes that are written at a time. */
const STEP = 2 ** 22;

/**
 * Bytes that are ours, piece by piece; wiped afterwards. The first piece is short: a stream that
 * has no key yet copies what it is given.
 */
function pieces(own: Uint8Array | Source, unit: number): Source {
  // Not instanceof: a test runner's realm has a TextEncoder of another one.
  return ArrayBuffer.isView(own) ? cut(own, unit) : own;
}

function* cut(own: Uint8Array, unit: number): Generator<Bytes> {
  const step = unit * Math.ceil(STEP / unit);
  try {
    for (let at = 0, end = unit; at < own.length; at = end, end += step)
      yield own.subarray(at, end);
  } finally {
    own.fill(0);
  }
}

/**
 * Bytes as they are now, since their owner may overwrite or transfer them at once; or a Blob's, as
 * they come.
 *
 * @throws TypeError, which names what to use, for what gives bytes but is not all of them.
 */
function whole(data: Bytes | Blob): Uint8Array | Source {
  if (isBlob(data)) return blobBytes(data);
  const { getReader, body } = Object(data) as ReadableStream & Response;
  if (typeof getReader === "function")
    throw new TypeError(
      "Expected all of the data, got a stream: pipe it through an encrypt or decrypt stream, such as AgeEncryptStream",
    );
  if (body !== undefined)
    throw new TypeError(
      "Expected all of the data, got a Response or Request: pass await response.blob(), or pipe its body through a stream",
    );
  return new Uint8Array(toBytes(data, "bytes, text or a Blob"));
}

/** So many chunks of so few bytes each are joined on the way. */
const SOME = 256;
const SHORT = 1024;

async function through(source: Source, stream: ByteTransform): Promise<Out> {
  const parts: Out[] = [];
  const written = write(source, stream.writable);
  // What fails both sides is thrown by the read.
  written.catch(() => undefined);
  const reader = stream.readable.getReader();
  let some: Out[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    some.push(next.value);
    length += next.value.length;
    if (some.length < SOME) continue;
    // The file's author may have made messages of no bytes: an array for each would be what fills
    // the memory.
    parts.push(...(length < SHORT * SOME ? [joined(some)] : some));
    some = [];
    length = 0;
  }
  // With closeAtFinal, added bytes are an error of this side only.
  await written;
  return joined([...parts, ...some]);
}

/** As pipeTo() does, from whatever gives bytes. */
async function write(source: Source, writable: WritableStream<Bytes>): Promise<void> {
  const writer = writable.getWriter();
  try {
    // Whatever is no bytes is the stream's to refuse.
    for await (const bytes of source) if (bytes.byteLength !== 0) await writer.write(bytes);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  }
}
