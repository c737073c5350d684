/**
 * What callers hand in, checked and made uniform. Nothing here is silent about a value that it
 * cannot use.
 */
import type { ErrorCode } from "./errors.js";

/** Any ArrayBuffer or view on one, offsets respected. */
export type Bytes = ArrayBuffer | ArrayBufferView;
/** Bytes that the package gives out: a fresh array that owns its whole buffer. */
export type Out = Uint8Array<ArrayBuffer>;

/** A readable and a writable side, as `pipeThrough()` takes them. */
export interface ByteTransform {
  /** The bytes that come out. Every chunk is a fresh array that owns its whole buffer. */
  readonly readable: ReadableStream<Out>;
  /** Takes an ArrayBuffer or any view on one. Anything else errors the stream with a TypeError. */
  readonly writable: WritableStream<Bytes>;
}

/** What `value` is, for messages. */
export function typeName(value: unknown): string {
  // With the name of its class: of a promise that was not awaited, for instance.
  return typeof value === "object" ? Object.prototype.toString.call(value) : typeof value;
}

/**
 * The bytes of `value` without a copy.
 *
 * @param expected - what the caller may hand in, for the message.
 * @throws TypeError for anything but an ArrayBuffer or a view on one. For shared memory too:
 * another thread could change a chunk while it is sealed. And for a detached buffer or a view
 * beyond its end: its length reads as 0, and silence would be data loss.
 */
export function toBytes(value: Bytes, expected = "an ArrayBuffer or a view on one"): Uint8Array {
  // What most callers pass; a detached array has no length and takes the slow way to its error. So
  // does a subclass whose length is not its own: what goes by the one would be written by the
  // other.
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
        : `Expected ${expected}, got ${typeName(value)}${typeof value === "string" ? "; encode text with TextEncoder or TextEncoderStream" : ""}`,
    );
  }
  // A view that reaches beyond what is left of a resized buffer reads as empty; this throws for it.
  if (view && "length" in value && value.length === 0) Uint8Array.prototype.at.call(value, 0);
  return view ? new Uint8Array(buffer, value.byteOffset, value.byteLength) : new Uint8Array(buffer);
}

/** The length that an array of bytes has, whatever a subclass says of it. */
export const lengthOf = /* @__PURE__ */ (() =>
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "length")?.get as (
    this: Uint8Array,
  ) => number)();

/** One array of them all. */
export function joined(parts: readonly Uint8Array[]): Out {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
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
 * @throws TypeError for anything but a string, and for lone surrogates: UTF-8 cannot hold them, and
 * two different passphrases would become one. RangeError for an empty one, with the code
 * `empty-passphrase`, so that a form can catch it.
 */
export function passphraseBytes(passphrase: string): Uint8Array<ArrayBuffer> {
  if (typeof passphrase !== "string")
    throw new TypeError(`Expected the passphrase as a string, got ${typeName(passphrase)}`);
  if (passphrase === "")
    throw Object.assign(new RangeError("The passphrase is empty"), {
      code: "empty-passphrase" satisfies ErrorCode,
    });
  if (/\p{Surrogate}/u.test(passphrase))
    throw new TypeError("The passphrase holds a lone surrogate, which has no UTF-8 form");
  return new TextEncoder().encode(passphrase);
}
