/** What the public surface promises of every error. */
import {
  AgeRtError,
  ChunkAuthenticationError,
  DecodeError,
  HeaderParseError,
  InsufficientDataError,
  InvalidKeyError,
  NoIdentityMatchError,
  NotSupportedError,
  SourceError,
  StateError,
  StreamTruncatedError,
  WrongPassphraseError,
} from "age-rt-wasm";
import { assert } from "../../harness.js";

const CODES = new Map([
  [AgeRtError, ["internal"]],
  [NotSupportedError, ["no-webassembly", "wasm-blocked", "no-random", "out-of-memory"]],
  [
    StateError,
    ["not-initialized", "already-finalized", "already-done", "freed", "in-use", "key-pending"],
  ],
  [DecodeError, ["trailing-data", "invalid-armor"]],
  [
    HeaderParseError,
    [
      "not-age",
      "invalid-header",
      "unknown-format",
      "wrong-format",
      "no-passphrase-stanza",
      "excessive-work-factor",
      "chunk-size-mismatch",
      "header-mac",
    ],
  ],
  [NoIdentityMatchError, ["no-identity-match"]],
  [InvalidKeyError, ["incompatible-recipients", "invalid-identity", "invalid-recipient"]],
  [SourceError, ["range-not-supported", "source-changed", "source-failed"]],
  [ChunkAuthenticationError, ["chunk-authentication", "chunk-length"]],
  [WrongPassphraseError, ["wrong-passphrase"]],
  [StreamTruncatedError, ["truncated"]],
  [InsufficientDataError, ["wrong-feed-length"]],
]);

const NAMES = new Map(
  Object.entries({
    AgeRtError,
    NotSupportedError,
    StateError,
    DecodeError,
    HeaderParseError,
    ChunkAuthenticationError,
    WrongPassphraseError,
    StreamTruncatedError,
    InsufficientDataError,
    InvalidKeyError,
    NoIdentityMatchError,
  }).map(([name, kind]) => [kind, name]),
);
const CLASSES = new Map([...CODES].flatMap(([kind, codes]) => codes.map((code) => [code, kind])));

/** Asserts the code, and the very class that it belongs to, by its name too. */
export function assertError(error, code, message) {
  assert.equal(error?.code, code, message ?? `${error?.name}: ${error?.message}`);
  assert.ok(error.constructor === CLASSES.get(code), `${error.name} has the code ${code}`);
  assert.equal(error.name, NAMES.get(error.constructor));
  return error;
}

/** For `assert.throws` and `assert.rejects`. */
export function coded(code) {
  return (error) => error?.code === code && error.constructor === CLASSES.get(code);
}
