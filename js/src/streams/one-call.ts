import { dearmor } from "../armor.js";
import { type Bytes, type Out, toBytes, typeName } from "../bytes.js";
import { AgeAutoDecryptStream } from "./decrypt.js";
import { AgeEncryptStream, AgeRtEncryptStream } from "./encrypt.js";
import { joined } from "../codec/iterators.js";
import {
  type AgeEncryptOptions,
  type AgeRtDecryptOptions,
  type Format,
  readOptions,
} from "../options.js";
import type { ByteTransform } from "./stream.js";

/**
 * Encrypts the whole of `data` in one call.
 *
 * @param data - Bytes, a Blob or File, or text (encoded as UTF-8).
 * @param options - `format` is `"age"` (every age tool opens it) unless set.
 * @returns the whole file.
 * @throws (rejects) TypeError, RangeError; NotSupportedError; the signal's reason.
 *
 * @example
 * ```js
 * const file = await encrypt("attack at dawn", passphrase);
 * console.log(file.length === ciphertextSize("attack at dawn".length)); // true
 * ```
 */
export async function encrypt(
  data: Bytes | string | Blob,
  passphrase: string,
  options?: AgeEncryptOptions & { format?: Format | undefined },
): Promise<Out> {
  const {
    format = "age",
    chunkSize,
    maxChunkSize,
    ...rest
  } = readOptions(options, [
    "format",
    "workFactor",
    "chunkSize",
    "maxChunkSize",
    "signal",
    "onProgress",
  ]);
  if (maxChunkSize !== undefined && (format === "age" || chunkSize !== undefined))
    throw new TypeError("maxChunkSize is age-rt\'s name for chunkSize: set one of them");
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : whole(data);
  checkPassphrase(passphrase);
  const stream =
    format === "age"
      ? new AgeEncryptStream(passphrase, { ...rest, chunkSize })
      : new AgeRtEncryptStream(passphrase, { ...rest, maxChunkSize: maxChunkSize ?? chunkSize });
  return through(bytes, stream);
}

/**
 * Decrypts the whole of `data`, of either format, in one call. Nothing is returned unless all of it verified.
 *
 * @param data - Bytes, a Blob or File, or an armored message as text.
 * @throws (rejects) {@link DecodeError}; TypeError, RangeError; NotSupportedError; the signal's reason.
 *
 * @example
 * ```js
 * const response = await fetch("/report.pdf.age");
 * show(await decrypt(await response.blob(), passphrase));
 * ```
 */
export async function decrypt(
  data: Bytes | Blob | string,
  passphrase: string,
  options?: AgeRtDecryptOptions,
): Promise<Out> {
  const read = readOptions(options, [
    "maxWorkFactor",
    "maxChunkSize",
    "closeAtFinal",
    "signal",
    "onProgress",
  ]);
  const bytes = typeof data === "string" ? dearmor(data) : whole(data);
  checkPassphrase(passphrase);
  return through(bytes, new AgeAutoDecryptStream(passphrase, read));
}

function checkPassphrase(passphrase: unknown): void {
  if (typeof passphrase !== "string")
    throw new TypeError(`Expected the passphrase as a string, got ${typeName(passphrase)}`);
}

function whole(data: Bytes | Blob): Uint8Array | Blob {
  return typeof Blob !== "undefined" && data instanceof Blob
    ? data
    : toBytes(data as Bytes, "bytes, text or a Blob");
}

async function through(data: Uint8Array | Blob, stream: ByteTransform): Promise<Out> {
  const source = data instanceof Uint8Array ? once(data) : data.stream();
  const parts: Out[] = [];
  const written = source.pipeTo(stream.writable);
  // What fails both sides is thrown by the read.
  written.catch(() => undefined);
  const reader = stream.readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read())
    parts.push(next.value);
  // With closeAtFinal, bytes that somebody has added are an error of this side only.
  await written;
  return joined(parts);
}

function once(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}
