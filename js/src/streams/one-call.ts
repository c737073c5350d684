import { dearmor } from "../armor.js";
import { type Bytes, checkOptions, type Out, toBytes } from "../bytes.js";
import { AgeAutoDecryptStream } from "./decrypt.js";
import { AgeEncryptStream, AgeRtEncryptStream } from "./encrypt.js";
import type { Format } from "../codec/encoder-core.js";
import { joined } from "../codec/iterators.js";
import type { AgeEncryptOptions, AgeRtDecryptOptions } from "../options.js";
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
  options?: AgeEncryptOptions & { format?: Format },
): Promise<Out> {
  checkOptions(options);
  const { format = "age", chunkSize, ...rest } = options ?? {};
  if (format !== "age" && format !== "age-rt")
    throw new TypeError('format must be "age" or "age-rt"');
  const stream =
    format === "age"
      ? new AgeEncryptStream(passphrase, {
          ...rest,
          ...(chunkSize === undefined ? {} : { chunkSize }),
        })
      : new AgeRtEncryptStream(passphrase, {
          ...rest,
          ...(chunkSize === undefined ? {} : { maxChunkSize: chunkSize }),
        });
  return through(typeof data === "string" ? new TextEncoder().encode(data) : data, stream);
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
  return through(
    typeof data === "string" ? dearmor(data) : data,
    new AgeAutoDecryptStream(passphrase, options),
  );
}

async function through(data: Bytes | Blob, stream: ByteTransform): Promise<Out> {
  const source =
    typeof Blob !== "undefined" && data instanceof Blob
      ? data.stream()
      : once(toBytes(data as Bytes));
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
