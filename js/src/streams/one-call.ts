import { armor as armored, dearmor } from "../armor.js";
import { type Bytes, joined, type Out, toBytes, typeName } from "../bytes.js";
import { AgeAutoDecryptStream } from "./decrypt.js";
import { AgeEncryptStream, AgeRtEncryptStream } from "./encrypt.js";
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
 * @returns the whole file; its armor as text with `armor: true`.
 * @throws (rejects) TypeError, RangeError; NotSupportedError; the signal's reason.
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
  passphrase: string,
  options: AgeEncryptOptions & { format?: Format | undefined; armor: true },
): Promise<string>;
export async function encrypt(
  data: Bytes | string | Blob,
  passphrase: string,
  options?: AgeEncryptOptions & { format?: Format | undefined; armor?: false | undefined },
): Promise<Out>;
export async function encrypt(
  data: Bytes | string | Blob,
  passphrase: string,
  options?: AgeEncryptOptions & { format?: Format | undefined; armor?: boolean | undefined },
): Promise<Out | string> {
  const {
    format = "age",
    armor = false,
    chunkSize,
    maxChunkSize,
    ...rest
  } = readOptions(options, [
    "format",
    "armor",
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
  const file = await through(bytes, stream);
  return armor ? armored(file) : file;
}

/**
 * Decrypts the whole of `data`, of either format, armored or not, in one call. Nothing is returned unless all of it verified.
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
