/**
 * What callers may set, and the one place where it is checked. An option that is ignored would be
 * taken to hold, so none is.
 */

/** The two formats: standard age v1, and its real-time variant. */
export type Format = "age" | "age-rt";

/**
 * Options of everything that encrypts. A stream that is given an encoder takes neither factor nor
 * size: they are the encoder's own.
 */
export interface EncryptOptions {
  /**
   * scrypt's log2(N), 1..=20, 18 unless set: 2^18 takes 128 MiB and half a second or more. Do not
   * lower it for a passphrase that a person chose: each step down halves what an attacker pays to
   * try one.
   */
  workFactor?: number | undefined;
  /** Ends the work, the derivation included, with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Called with the bytes of plaintext that were encrypted so far, at most once a chunk. They need
   * not be on their way yet: an upload may hold much of what was encrypted. What it throws becomes
   * the stream's error.
   */
  onProgress?: ((bytes: number) => void) | undefined;
  /**
   * Called with the fraction of the passphrase's derivation that is done: 0 when it starts, then
   * rising to 1, ten times a second or more. While it waits for another derivation, and without a
   * passphrase, there are no calls. What it throws becomes the stream's error.
   */
  onDerivation?: ((fraction: number) => void) | undefined;
}

/**
 * Options of everything that decrypts. A stream that is given a decoder takes neither limits nor
 * sizes: they are the decoder's own.
 */
export interface DecryptOptions {
  /**
   * The largest work factor that is accepted from a header, 1..=22. Unless set it is 20, which
   * takes 2 seconds and more, and 256 MiB. Servers and live receivers set 18. 22 takes four times
   * as much of both.
   */
  maxWorkFactor?: number | undefined;
  /** Ends the work, the derivation included, with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Called with the bytes of plaintext that were decrypted and released so far, at most once a
   * chunk. What it throws becomes the stream's error.
   */
  onProgress?: ((bytes: number) => void) | undefined;
  /**
   * Called with the fraction of the passphrase's derivation that is done: 0 when it starts, then
   * rising to 1, ten times a second or more. While it waits for another derivation, and without a
   * passphrase, there are no calls. What it throws becomes the stream's error.
   */
  onDerivation?: ((fraction: number) => void) | undefined;
}

/** Options of what encrypts age-rt. */
export interface AgeRtEncryptOptions extends EncryptOptions {
  /**
   * The largest message, in bytes of plaintext, 1..=16777216, 65536 unless set. Another size needs
   * a decoder with a raised limit.
   */
  maxChunkSize?: number | undefined;
}

/** Options of what decrypts age-rt, or either format. */
export interface AgeRtDecryptOptions extends DecryptOptions {
  /**
   * The largest chunk size that is accepted from a header, in bytes of plaintext, 1..=16777216,
   * 65536 unless set.
   */
  maxChunkSize?: number | undefined;
  /**
   * Closes the readable at the final chunk instead of at the end of the input: a live socket's
   * half-close. Bytes after it then error the writable only.
   */
  closeAtFinal?: boolean | undefined;
  /**
   * For age files, as in {@link AgeDecryptOptions}: age-rt is for messages that come one at a time.
   * Without effect beside `closeAtFinal`.
   */
  workers?: number | "auto" | undefined;
}

/** Options of what encrypts age. */
export interface AgeEncryptOptions extends EncryptOptions {
  /**
   * Bytes of plaintext in a chunk, 1..=16777216, 65536 unless set. Another size is read by age-rt
   * tools only, not by age.
   */
  chunkSize?: number | undefined;
  /**
   * Workers that seal chunks, 0 unless set, which is the calling thread; with `"auto"` as many as
   * pay, once some MiB have passed. A chunk that comes out may then hold up to 16 of the file's, 1
   * MiB. Where no worker can be had, the calling thread seals.
   */
  workers?: number | "auto" | undefined;
}

/** Options of what decrypts age. */
export interface AgeDecryptOptions extends DecryptOptions {
  /** Bytes of plaintext in a chunk: exactly what the header must say, 65536 unless set. */
  chunkSize?: number | undefined;
  /**
   * Workers that open chunks, 0 unless set, which is the calling thread; with `"auto"` as many as
   * pay, once some MiB have passed. A chunk that comes out may then hold up to 16 of the file's, 1
   * MiB. Where no worker can be had, the calling thread opens.
   */
  workers?: number | "auto" | undefined;
}

/** Plaintext bytes of a standard chunk, and the largest message of a standard age-rt stream. */
export const CHUNK_SIZE = 65_536;
/** Limit of both chunk size parameters, in bytes (16 MiB). */
export const MAX_CHUNK_SIZE = 16_777_216;
/**
 * The work factor (log2 N) that age's tools write; 2^18 takes 128 MiB and half a second or more.
 */
export const WORK_FACTOR = 18;
/**
 * The largest work factor that is written, and the largest that is read unless somebody asks for
 * more.
 */
export const MAX_WORK_FACTOR = 20;
/** The largest that can be read, as age reads it: a quarter of its memory is 1 GiB. */
export const MAX_READ_WORK_FACTOR = 22;

/**
 * Limit (ours) of the workers of a stream: each takes some MiB, and no computer's disk keeps so
 * many of them busy.
 */
const MAX_WORKERS = 64;

/**
 * What is used of a Worker; a type of its own because TypeScript's libraries for Node have no such
 * name.
 */
export interface WorkerLike {
  postMessage(message: any, transfer: any): void;
  terminate(): void;
  onmessage: any;
  onmessageerror: any;
  onerror: any;
}

/** Every option of the package by its name, with the type of its value. */
interface Values {
  workFactor: number;
  maxWorkFactor: number;
  chunkSize: number;
  maxChunkSize: number;
  closeAtFinal: boolean;
  armor: boolean;
  signal: AbortSignal;
  onProgress: (bytes: number) => void;
  onDerivation: (fraction: number) => void;
  format: Format;
  type: string;
  maxBufferedBytes: number;
  highWaterMark: number;
  worker: () => WorkerLike;
  concurrency: number;
  memory: number;
  workers: number | "auto";
  fetch: typeof fetch;
  headers: Headers | Record<string, string> | [string, string][];
  cacheBytes: number;
  size: number;
  key: unknown;
  role: string;
  peerRole: string;
  timeoutMs: number;
  pad: unknown;
  pingMs: number;
  renew: object;
  messages: number;
  minutes: number;
  passphrase: unknown;
  name: unknown;
  rpId: unknown;
}

type Name = keyof Values;

/** What was read: a property for each name, undefined where the caller set none. */
export type Read<N extends Name> = { readonly [K in N]: Values[K] | undefined };

/** What an option must be: a whole number from 1 up to this one, or something of this kind. */
export type Kind =
  | number
  | "boolean"
  | "string"
  | "number"
  | "function"
  | "signal"
  | "format"
  | "bytes"
  | "count"
  | "workers"
  | "object";

/**
 * Those of the main entry; an entry with others brings its own. What is in no list may be anything.
 */
const KINDS: { readonly [N in Name]?: Kind } = {
  workFactor: MAX_WORK_FACTOR,
  maxWorkFactor: MAX_READ_WORK_FACTOR,
  chunkSize: MAX_CHUNK_SIZE,
  maxChunkSize: MAX_CHUNK_SIZE,
  closeAtFinal: "boolean",
  armor: "boolean",
  signal: "signal",
  onProgress: "function",
  onDerivation: "function",
  format: "format",
  type: "string",
  maxBufferedBytes: "bytes",
  highWaterMark: "bytes",
  worker: "function",
  concurrency: Infinity,
  memory: "bytes",
  workers: "workers",
  fetch: "function",
  headers: "object",
  cacheBytes: "count",
  size: "count",
};

/**
 * Whether `value` is an AbortSignal: by shape and not by class, since it may come from another
 * realm or a polyfill.
 */
function isSignal(value: unknown): boolean {
  const { addEventListener, aborted } = Object(value) as AbortSignal;
  return typeof addEventListener === "function" && typeof aborted === "boolean";
}

function check(name: Name, value: unknown, kind: Kind): void {
  if (typeof kind === "number") inRange(name, value, kind);
  else if (kind === "bytes") {
    if (!(ofType(name, value, "number") >= 1))
      throw new RangeError(`${name} must be a positive number of bytes, got ${value}`);
  } else if (kind === "count") {
    if (!Number.isSafeInteger(ofType(name, value, "number")) || (value as number) < 0)
      throw new RangeError(`${name} must be a whole number of bytes, got ${value}`);
  } else if (kind === "workers") {
    if (value !== "auto" && ofType(name, value, "number") !== 0) inRange(name, value, MAX_WORKERS);
  } else if (kind === "format") {
    if (value !== "age" && value !== "age-rt")
      throw new TypeError(`${name} must be "age" or "age-rt"`);
  } else if (kind === "signal") {
    if (!isSignal(value)) throw new TypeError(`${name} must be an AbortSignal`);
  } else ofType(name, value, kind);
}

function ofType(name: string, value: unknown, type: string): number {
  if (typeof value !== type) throw new TypeError(`${name} must be a ${type}`);
  return value as number;
}

/** @throws RangeError unless `value` is a whole number in `1..=most`; TypeError for no number. */
export function inRange(name: string, value: unknown, most: number): void {
  const number = ofType(name, value, "number");
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new RangeError(`${name} must be a whole number in 1..=${most}, got ${number}`);
}

/**
 * Reads options by name, each of them once, inherited ones too, and refuses all others: a misspelt
 * limit is no limit.
 *
 * @throws TypeError, RangeError.
 */
export function readOptions<N extends Name>(
  options: object | undefined,
  names: readonly N[],
  kinds: { readonly [N in Name]?: Kind } = KINDS,
): Read<N> {
  // Without a prototype: what some script has given to every object would stand in for what nobody
  // set, such as a work factor of 1.
  const read = Object.create(null) as Partial<Record<Name, unknown>>;
  if (options === undefined) return read as Read<N>;
  if (typeof options !== "object" || options === null || isSignal(options))
    throw new TypeError(`Expected the options as an object: { ${names.join(", ")} }`);
  for (const name of names) {
    const value = isEverybodys(options, name) ? undefined : (options as Read<N>)[name];
    const kind = kinds[name];
    if (value !== undefined && kind) check(name, value, kind);
    read[name] = value;
  }
  for (const name in options) {
    // A property that some script has added to every object is no option.
    if (
      !(name in read || name in Object.prototype) &&
      (options as Record<string, unknown>)[name] !== undefined
    )
      throw new TypeError(
        `There is no option "${name}" here; the nearest is "${nearest(name, names)}" (of ${names.join(", ")})`,
      );
  }
  return read as Read<N>;
}

/** Whether an option is there because every object has it, and not because somebody set it. */
function isEverybodys(options: object, name: string): boolean {
  if (!(name in Object.prototype)) return false;
  let holder: object | null = options;
  while (holder && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder) as object;
  return holder === Object.prototype;
}

/**
 * The name that has the most letters at both ends in common with a misspelt one, and the fewest
 * others.
 */
function nearest(name: string, names: readonly string[]): string {
  const common = (other: string): number => {
    const [a, b] = [name.toLowerCase(), other.toLowerCase()];
    let [start, end] = [0, 0];
    while (start < b.length && a[start] === b[start]) start += 1;
    while (end < b.length && a.at(-1 - end) === b.at(-1 - end)) end += 1;
    return start + end - Math.max(a.length, b.length);
  };
  return names.reduce((best, other) => (common(other) > common(best) ? other : best));
}

/** @throws TypeError for a limit beside an encoder or decoder, which has its own. */
export function checkNoLimits(read: object): void {
  for (const name in read) {
    if (
      /factor|size|derivation/i.test(name) &&
      (read as Record<string, unknown>)[name] !== undefined
    )
      throw new TypeError(`${name} belongs to the encoder or decoder: set it where that is made`);
  }
}

/** The name that a format gives to the option for its chunks' size. */
export function sizeName(format: Format | "auto"): "chunkSize" | "maxChunkSize" {
  return format === "age" ? "chunkSize" : "maxChunkSize";
}
