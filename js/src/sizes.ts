import { StreamTruncatedError } from "./errors.js";
import { type AgeEncryptOptions, CHUNK_SIZE, readOptions, WORK_FACTOR } from "./options.js";

/**
 * The options of what encrypts; the work factor and the chunk size tell, the others are of no
 * account.
 */
export type SizeOptions = AgeEncryptOptions & {
  /** No other: what age-rt makes depends on how many messages there are. */
  format?: "age" | undefined;
};

/** Bytes that every chunk has beside its plaintext. */
export const TAG_LEN = 16;

/** Header and nonce, in bytes. */
function headerLen(chunkSize: number, workFactor: number): number {
  const identifier =
    "age-encryption.org/v1".length +
    (chunkSize === CHUNK_SIZE ? 0 : `?chunk=${chunkSize}`.length) +
    1;
  const stanza = "-> scrypt ".length + 22 + 1 + String(workFactor).length + 1 + 43 + 1;
  return identifier + stanza + "--- ".length + 43 + 1 + 16;
}

function parameters(options: SizeOptions | undefined): { chunkSize: number; header: number } {
  const {
    workFactor = WORK_FACTOR,
    chunkSize = CHUNK_SIZE,
    format = "age",
  } = readOptions(options, [
    "workFactor",
    "chunkSize",
    "signal",
    "onProgress",
    "onDerivation",
    "workers",
    "format",
  ]);
  if (format !== "age") throw noSize();
  return { chunkSize, header: headerLen(chunkSize, workFactor) };
}

/** What is asked for cannot be known. */
export function noSize(): TypeError {
  return new TypeError("The size of an age-rt stream depends on how many messages it has");
}

/** @throws TypeError, RangeError. */
export function checkSize(size: number): void {
  if (typeof size !== "number") throw new TypeError("A size must be a number");
  if (!Number.isSafeInteger(size) || size < 0)
    throw new RangeError(`A size must be a whole number of bytes, got ${size}`);
}

/**
 * The exact size in bytes of an age file encrypted with a passphrase, header included. Give it the
 * options of the stream.
 *
 * @param plaintextSize - Bytes of plaintext.
 * @param options - Those of the stream that encrypts it: another chunk size or work factor makes
 * another header.
 * @throws RangeError for a size that no file can have; TypeError.
 *
 * @example
 * ```js
 * const options = { workFactor: 18 };
 * const size = ciphertextSize(file.size, options); // before anything is encrypted
 * const encrypted = await toBlob(file.stream().pipeThrough(new AgeEncryptStream(passphrase, options)));
 * console.log(encrypted.size === size); // true
 * ```
 */
export function ciphertextSize(plaintextSize: number, options?: SizeOptions): number {
  const { chunkSize, header } = parameters(options);
  return fileSize(plaintextSize, header, chunkSize);
}

/**
 * What an age file has with so many bytes of header and nonce.
 *
 * @throws RangeError for a size that no file has.
 */
export function fileSize(plaintextSize: number, header: number, chunkSize: number): number {
  checkSize(plaintextSize);
  const size = header + plaintextSize + Math.max(1, Math.ceil(plaintextSize / chunkSize)) * TAG_LEN;
  checkSize(size);
  return size;
}

/**
 * The exact size in bytes of what an age file encrypted with a passphrase holds.
 *
 * @param ciphertextSize - Bytes of the file, header included.
 * @param options - Those that it was encrypted with, as `ciphertextSize()` takes them. Where nobody
 *   knows the work factor, `opened` of a decrypt stream reads it from the header.
 * @throws RangeError for a size that no such file has; TypeError, also for age-rt.
 *
 * @example
 * ```js
 * console.log(plaintextSize(ciphertextSize(1_000_000))); // 1000000
 * ```
 */
export function plaintextSize(ciphertextSize: number, options?: SizeOptions): number {
  const { chunkSize, header } = parameters(options);
  return payloadSize(ciphertextSize, header, chunkSize);
}

/**
 * What a file of so many bytes holds after its header and nonce.
 *
 * @throws RangeError for a size that no file has.
 */
export function payloadSize(ciphertextSize: number, header: number, chunkSize: number): number {
  checkSize(ciphertextSize);
  const payload = ciphertextSize - header;
  const chunks = chunksIn(payload, chunkSize);
  if (chunks === undefined) throw new RangeError(`No such age file has ${ciphertextSize} bytes`);
  return payload - chunks * TAG_LEN;
}

/** How many chunks so many bytes behind header and nonce are; undefined where no file has them. */
function chunksIn(sealed: number, chunkSize: number): number | undefined {
  const chunks = Math.ceil(sealed / (chunkSize + TAG_LEN));
  const last = sealed - (chunks - 1) * (chunkSize + TAG_LEN);
  // An empty chunk is the only one of its file.
  return chunks < 1 || last < TAG_LEN || (last === TAG_LEN && chunks > 1) ? undefined : chunks;
}

/**
 * The same of a file that is there.
 *
 * @throws StreamTruncatedError.
 */
export function chunksOf(sealed: number, chunkSize: number): number {
  const chunks = chunksIn(sealed, chunkSize);
  if (chunks === undefined)
    throw new StreamTruncatedError(
      "truncated",
      "No age file has this size: it was cut short; fetch it again",
    );
  return chunks;
}
