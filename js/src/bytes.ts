/** What callers hand in, checked and made uniform. Nothing here is silent about a value that it cannot use. */

/** Any ArrayBuffer or view on one, offsets respected. */
export type Bytes = ArrayBuffer | ArrayBufferView;
/** Bytes that the package gives out: a fresh array that owns its whole buffer. */
export type Out = Uint8Array<ArrayBuffer>;

/** Plaintext bytes of a standard chunk, and the largest message of a standard age-rt stream. */
export const CHUNK_SIZE = 65_536;
/** Limit of both chunk size parameters, in bytes (16 MiB). */
export const MAX_CHUNK_SIZE = 16_777_216;
/** The work factor (log2 N) that age's tools write; 2^18 takes 256 MiB and half a second or more. */
export const WORK_FACTOR = 18;
/** The largest work factor whose memory (1 GiB) fits in a 32-bit WebAssembly memory. */
export const MAX_WORK_FACTOR = 20;

function typeName(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "an object that is neither" : typeof value;
}

/**
 * The bytes of `value` without a copy.
 *
 * @throws TypeError for anything but an ArrayBuffer or a view on one, for shared memory (another thread could change a chunk
 * while it is sealed) and for a detached buffer or a view beyond the end of one (whose length reads as 0: silence would be data loss).
 */
export function toBytes(value: Bytes): Uint8Array {
  // What most callers pass; a detached array has no length and takes the slow way to its error. So does a subclass whose
  // length is not its own: what goes by the one would be written by the other.
  if (
    value instanceof Uint8Array &&
    value.length > 0 &&
    value.length === value.byteLength &&
    value.buffer instanceof ArrayBuffer
  )
    return value;
  const view = ArrayBuffer.isView(value);
  const buffer = view ? value.buffer : value;
  const isBuffer =
    buffer instanceof ArrayBuffer ||
    Object.prototype.toString.call(buffer) === "[object ArrayBuffer]"; // another realm's
  if (!isBuffer) {
    const shared = Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
    throw new TypeError(
      shared
        ? "Cannot use shared memory as bytes: copy it first, another thread could change it meanwhile"
        : `Expected an ArrayBuffer or a view on one, got ${typeName(value)}${typeof value === "string" ? "; encode text with TextEncoder or TextEncoderStream" : ""}`,
    );
  }
  // A view that reaches beyond what is left of a resized buffer reads as empty; this throws for it.
  if (view && "length" in value && value.length === 0) Uint8Array.prototype.at.call(value, 0);
  return view ? new Uint8Array(buffer, value.byteOffset, value.byteLength) : new Uint8Array(buffer);
}

/**
 * A part of bytes that a caller has handed over, and should have left alone since.
 *
 * @throws TypeError if less is left of them: silence would be data loss.
 */
export function part(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const taken = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
  if (taken.length !== end - start)
    throw new TypeError("The buffer was detached or resized while it was being written");
  return taken;
}

/**
 * A passphrase as UTF-8, not normalised.
 *
 * @throws TypeError for anything but a string without lone surrogates (which UTF-8 cannot hold: two different passphrases would
 * become one); RangeError for an empty one.
 */
export function passphraseBytes(passphrase: string): Uint8Array<ArrayBuffer> {
  if (typeof passphrase !== "string")
    throw new TypeError(`Expected the passphrase as a string, got ${typeName(passphrase)}`);
  if (passphrase === "") throw new RangeError("The passphrase is empty");
  if (/\p{Surrogate}/u.test(passphrase))
    throw new TypeError("The passphrase holds a lone surrogate, which has no UTF-8 form");
  return new TextEncoder().encode(passphrase);
}

/** `value`, or `standard` where it is undefined; RangeError unless it is a whole number in `1..=limit`. */
export function inRange(
  name: string,
  value: number | undefined,
  standard: number,
  limit: number,
): number {
  if (value === undefined) return standard;
  if (typeof value !== "number") throw new TypeError(`${name} must be a number`);
  if (!Number.isInteger(value) || value < 1 || value > limit)
    throw new RangeError(`${name} must be a whole number in 1..=${limit}, got ${value}`);
  return value;
}

/** @throws TypeError unless `options` is undefined or an object. */
export function checkOptions(options: object | undefined): void {
  if (options !== undefined && (typeof options !== "object" || options === null))
    throw new TypeError("Expected the options as an object");
}

/** @throws TypeError unless `signal` is undefined or an AbortSignal. */
export function checkSignal(signal: AbortSignal | undefined): void {
  // By shape and not by class: a signal may come from another realm or a polyfill.
  if (
    signal !== undefined &&
    (typeof signal !== "object" ||
      signal === null ||
      typeof signal.addEventListener !== "function" ||
      typeof signal.aborted !== "boolean")
  )
    throw new TypeError("Expected the signal as an AbortSignal");
}

/** @throws TypeError for a limit beside an encoder or decoder, which has its own: one that is ignored would be taken to hold. */
export function checkNoLimits(options: object | undefined): void {
  for (const name of ["workFactor", "maxWorkFactor", "chunkSize", "maxChunkSize"]) {
    if ((options as Record<string, unknown> | undefined)?.[name] !== undefined)
      throw new TypeError(`${name} belongs to the encoder or decoder: set it where that is made`);
  }
}
