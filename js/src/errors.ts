/**
 * Every error class and code of the package. The numbers of the codes are their places in this list
 * and are what the WebAssembly core returns (`src/error/code.rs` holds the same list; a test
 * compares the two). New codes are appended: a place that has been published keeps its meaning.
 */
export const ERROR_CODES = [
  "internal",
  "no-webassembly",
  "wasm-blocked",
  "no-random",
  "out-of-memory",
  "not-initialized",
  "already-finalized",
  "already-done",
  "freed",
  "socket-closed",
  "socket-overflow",
  "text-frame",
  "unreliable-channel",
  "trailing-data",
  "invalid-armor",
  "not-age",
  "invalid-header",
  "unknown-format",
  "wrong-format",
  "no-passphrase-stanza",
  "excessive-work-factor",
  "chunk-size-mismatch",
  "header-mac",
  "chunk-authentication",
  "chunk-length",
  "wrong-passphrase",
  "truncated",
  "wrong-feed-length",
  "invalid-recipient",
  "invalid-identity",
  "incompatible-recipients",
  "no-identity-match",
  "range-not-supported",
  "source-changed",
  "source-failed",
  "no-streams",
  "no-passkeys",
  "no-webcrypto",
  "in-use",
  "key-pending",
  "worker-failed",
  "replayed",
  "reflected",
  "peer-silent",
  "session-protocol",
  "empty-passphrase",
] as const;

/**
 * The stable name of a failure; match on this, never on a message. `empty-passphrase` is the code
 * of a RangeError, all others are those of an {@link AgeRtError}.
 */
export type ErrorCode =
  | "internal"
  | "no-webassembly"
  | "wasm-blocked"
  | "no-random"
  | "out-of-memory"
  | "not-initialized"
  | "already-finalized"
  | "already-done"
  | "freed"
  | "socket-closed"
  | "socket-overflow"
  | "text-frame"
  | "unreliable-channel"
  | "trailing-data"
  | "invalid-armor"
  | "not-age"
  | "invalid-header"
  | "unknown-format"
  | "wrong-format"
  | "no-passphrase-stanza"
  | "excessive-work-factor"
  | "chunk-size-mismatch"
  | "header-mac"
  | "chunk-authentication"
  | "chunk-length"
  | "wrong-passphrase"
  | "truncated"
  | "wrong-feed-length"
  | "invalid-recipient"
  | "invalid-identity"
  | "incompatible-recipients"
  | "no-identity-match"
  | "range-not-supported"
  | "source-changed"
  | "source-failed"
  | "no-streams"
  | "no-passkeys"
  | "no-webcrypto"
  | "in-use"
  | "key-pending"
  | "worker-failed"
  | "replayed"
  | "reflected"
  | "peer-silent"
  | "session-protocol"
  | "empty-passphrase";

/**
 * The base of every error that is caused by data, by the host or by an object's state. Wrong
 * arguments are a `TypeError` or a `RangeError` instead; the one of an empty passphrase has a code
 * too.
 *
 * Its own code is `internal`: a fault of this package, never of the input.
 *
 * @example
 * ```js
 * try {
 *   await decrypt(encrypted, "another passphrase");
 * } catch (error) {
 *   if (!(error instanceof AgeRtError)) throw error;
 *   console.log(error.code); // wrong-passphrase
 * }
 * ```
 */
export class AgeRtError extends Error {
  /**
   * What failed; stable between releases, and the same in two copies of the package on one page.
   */
  readonly code: ErrorCode;

  /** Errors are made by the package; a test of yours may make one. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  // A getter and not a field: a class without static parts that are computed can be tree-shaken.
  /** The name of the class, in a minified program too. */
  static override get name(): string {
    return "AgeRtError";
  }

  /** The name of the class, in a minified program too. */
  override get name(): string {
    return this.constructor.name;
  }
}

/**
 * The host lacks something: `no-webassembly`, `wasm-blocked`, `no-random`, `out-of-memory`,
 * `no-streams`, `no-webcrypto`, `no-passkeys`; `worker-failed` where one of a stream's workers
 * ended before its time.
 *
 * @example
 * ```js
 * try {
 *   await init();
 * } catch (error) {
 *   if (error instanceof NotSupportedError) console.log(error.code);
 * }
 * console.log(isSupported()); // true
 * ```
 */
export class NotSupportedError extends AgeRtError {
  static override get name(): string {
    return "NotSupportedError";
  }
}

/**
 * A call that the object's state does not allow: `not-initialized`, `already-finalized`,
 * `already-done`, `freed`; `in-use` while an iterator works with it; `key-pending` until its key is
 * there.
 *
 * @example
 * ```js
 * const encoder = await AgeRtEncoder.create(passphrase);
 * encoder.free();
 * try {
 *   encoder.encodeChunk(new Uint8Array(1));
 * } catch (error) {
 *   console.log(error instanceof StateError, error.code); // true freed
 * }
 * ```
 */
export class StateError extends AgeRtError {
  static override get name(): string {
    return "StateError";
  }
}

/**
 * A socket failed or misbehaved: `socket-closed`, `socket-overflow`, `text-frame`,
 * `unreliable-channel`.
 *
 * @example
 * ```js
 * const { opened, closed } = fromWebSocket(new WebSocket("ws://localhost:65535"));
 * await opened.catch((error) => console.log(error instanceof SocketError, error.code, error.closeCode)); // true socket-closed 1006
 * ```
 */
export class SocketError extends AgeRtError {
  /** The close code of the socket, where it told one. */
  declare readonly closeCode?: number;
  /** The close reason of the socket, where it told one. */
  declare readonly reason?: string;

  /** See {@link AgeRtError}. */
  constructor(
    code: ErrorCode,
    message: string,
    details: { closeCode?: number; reason?: string } = {},
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    if (details.closeCode !== undefined) this.closeCode = details.closeCode;
    if (details.reason !== undefined) this.reason = details.reason;
  }

  static override get name(): string {
    return "SocketError";
  }
}

/**
 * The two ends of a session do not belong together: `replayed`, `reflected`, `peer-silent`,
 * `session-protocol`.
 *
 * @example
 * ```js
 * const error = new SessionError("replayed", "The peer does not confirm what was said here");
 * console.log(error instanceof AgeRtError, error.code); // true replayed
 * ```
 */
export class SessionError extends AgeRtError {
  static override get name(): string {
    return "SessionError";
  }
}

/**
 * What the bytes come from failed: `source-changed` (a file or Blob gave more or fewer bytes than
 * it had said), `range-not-supported`, `source-failed`.
 *
 * @example
 * ```js
 * const growing = Object.defineProperty(new Blob(["attack at dawn"]), "size", { value: 5 });
 * try {
 *   await encrypt(growing, passphrase);
 * } catch (error) {
 *   console.log(error instanceof SourceError, error.code); // true source-changed
 * }
 * ```
 */
export class SourceError extends AgeRtError {
  /** The HTTP status of a server's answer, where there was one. */
  declare readonly status?: number;

  /** See {@link AgeRtError}. */
  constructor(
    code: ErrorCode,
    message: string,
    details: { status?: number } = {},
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    if (details.status !== undefined) this.status = details.status;
  }

  static override get name(): string {
    return "SourceError";
  }
}

/**
 * The input is not what it should be: `trailing-data`, `invalid-armor`, and every class that
 * extends this one.
 *
 * @example
 * ```js
 * try {
 *   await decrypt("no armor at all", passphrase);
 * } catch (error) {
 *   console.log(error instanceof DecodeError, error.code); // true invalid-armor
 * }
 * ```
 */
export class DecodeError extends AgeRtError {
  static override get name(): string {
    return "DecodeError";
  }
}

/**
 * The header cannot be used: `not-age`, `invalid-header`, `unknown-format`, `wrong-format`,
 * `no-passphrase-stanza`, `excessive-work-factor`, `chunk-size-mismatch`, `header-mac`.
 *
 * @example
 * ```js
 * const file = await encrypt("attack at dawn", passphrase);
 * try {
 *   await decrypt(file, passphrase, { maxWorkFactor: 15 });
 * } catch (error) {
 *   console.log(error instanceof HeaderParseError, error.code, error.workFactor, error.limit); // true excessive-work-factor 18 15
 * }
 * ```
 */
export class HeaderParseError extends DecodeError {
  /**
   * With `no-passphrase-stanza`: the types of the recipient stanzas that are there, e.g.
   * `["X25519"]`.
   */
  declare readonly stanzaTypes?: string[];
  /** With `excessive-work-factor`: the work factor (log2 N) that the header asks for. */
  declare readonly workFactor?: number;
  /** With `excessive-work-factor` and `chunk-size-mismatch`: the limit that it exceeds. */
  declare readonly limit?: number;

  /** See {@link AgeRtError}. */
  constructor(
    code: ErrorCode,
    message: string,
    details: { stanzaTypes?: string[]; workFactor?: number; limit?: number } = {},
  ) {
    super(code, message);
    if (details.stanzaTypes !== undefined) this.stanzaTypes = details.stanzaTypes;
    if (details.workFactor !== undefined) this.workFactor = details.workFactor;
    if (details.limit !== undefined) this.limit = details.limit;
  }

  static override get name(): string {
    return "HeaderParseError";
  }
}

/**
 * None of the identities opens the header: `no-identity-match`.
 *
 * @example
 * ```js
 * const nobody = { unwrapFileKey: () => null };
 * try {
 *   await decrypt(encrypted, nobody);
 * } catch (error) {
 *   console.log(error instanceof NoIdentityMatchError, error.code, error.stanzaTypes.join()); // true no-identity-match scrypt
 * }
 * ```
 */
export class NoIdentityMatchError extends HeaderParseError {
  static override get name(): string {
    return "NoIdentityMatchError";
  }
}

/**
 * A key cannot be used: `invalid-recipient`, `invalid-identity`; or not beside the others,
 * `incompatible-recipients`.
 *
 * @example
 * ```js
 * const one = { wrapFileKey: () => [{ args: ["example.com/one"], body: new Uint8Array(32) }] };
 * const other = { ...one, labels: ["postquantum"] };
 * try {
 *   await encrypt("attack at dawn", [one, other]);
 * } catch (error) {
 *   console.log(error instanceof InvalidKeyError, error.code); // true incompatible-recipients
 * }
 * ```
 */
export class InvalidKeyError extends AgeRtError {
  /** The line at fault, from 1, where the key came out of a file of keys. */
  declare readonly line?: number;

  /** See {@link AgeRtError}. */
  constructor(
    code: ErrorCode,
    message: string,
    details: { line?: number } = {},
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    if (details.line !== undefined) this.line = details.line;
  }

  static override get name(): string {
    return "InvalidKeyError";
  }
}

/**
 * A chunk did not verify: `chunk-authentication`, `chunk-length`; and {@link WrongPassphraseError}.
 *
 * @example
 * ```js
 * const file = await encrypt(new Uint8Array(100_000), passphrase);
 * file[file.length - 1] ^= 1;
 * try {
 *   await decrypt(file, passphrase);
 * } catch (error) {
 *   console.log(error instanceof ChunkAuthenticationError, error.code, error.chunkIndex); // true chunk-authentication 1
 * }
 * ```
 */
export class ChunkAuthenticationError extends DecodeError {
  /** The chunk's place in the stream, from 0. Every chunk before it verified. */
  declare readonly chunkIndex?: number;

  /** See {@link AgeRtError}. */
  constructor(code: ErrorCode, message: string, chunkIndex?: number) {
    super(code, message);
    if (chunkIndex !== undefined) this.chunkIndex = chunkIndex;
  }

  static override get name(): string {
    return "ChunkAuthenticationError";
  }
}

/**
 * The passphrase does not open the header: `wrong-passphrase`.
 *
 * @example
 * ```js
 * try {
 *   await decrypt(encrypted, "another passphrase");
 * } catch (error) {
 *   console.log(error instanceof WrongPassphraseError); // true
 * }
 * ```
 */
export class WrongPassphraseError extends ChunkAuthenticationError {
  static override get name(): string {
    return "WrongPassphraseError";
  }
}

/**
 * The input ended before the final chunk: `truncated`.
 *
 * @example
 * ```js
 * const file = await encrypt("attack at dawn", passphrase, { format: "age-rt" });
 * try {
 *   await decrypt(file.subarray(0, -1), passphrase);
 * } catch (error) {
 *   console.log(error instanceof StreamTruncatedError, error.code); // true truncated
 * }
 * ```
 */
export class StreamTruncatedError extends DecodeError {
  static override get name(): string {
    return "StreamTruncatedError";
  }
}

/**
 * `feed()` got another number of bytes than `bytesWanted`: `wrong-feed-length`. Nothing has
 * changed; feed again.
 *
 * @example
 * ```js
 * await init();
 * using decoder = new AgeRtDecoder(passphrase);
 * try {
 *   decoder.feed(new Uint8Array(2));
 * } catch (error) {
 *   console.log(error instanceof InsufficientDataError, error.code, decoder.bytesWanted); // true wrong-feed-length 1
 * }
 * ```
 */
export class InsufficientDataError extends DecodeError {
  static override get name(): string {
    return "InsufficientDataError";
  }
}
