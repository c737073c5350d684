/** From the core's error numbers to error objects, with messages that say what to do. */
import {
  ERROR_INDEX,
  ERROR_LIMIT,
  ERROR_REASON,
  ERROR_WORK_FACTOR,
  FIRST_ERROR,
  type WasmDecoder,
} from "./bindings.js";
import {
  type AgeRtError,
  ChunkAuthenticationError,
  DecodeError,
  ERROR_CODES,
  type ErrorCode,
  HeaderParseError,
  NoIdentityMatchError,
  NotSupportedError,
  StateError,
  StreamTruncatedError,
  WrongPassphraseError,
} from "../errors.js";
import { noRandom } from "../random.js";
import { MAX_READ_WORK_FACTOR } from "../options.js";
import { outOfMemory, trappedError } from "./engine.js";
import { scryptMemory } from "./scrypt-memory.js";

export function codeOf(result: number): ErrorCode {
  return ERROR_CODES[FIRST_ERROR - result] ?? "internal";
}

/** ERROR_REASON of the core, where one code has several stories. */
const REASON_ARMOR = 1;
const REASON_REWRITTEN = 16;

/** What a shell's redirection does to a binary file, as PowerShell's `>` does. */
const REWRITTEN =
  "A shell's redirection (PowerShell's >) saved this age file as text and lost bytes of it: encrypt again, with age -o FILE";

/** An error that needs no details from the core. */
export function plainError(code: ErrorCode, options?: ErrorOptions): AgeRtError {
  switch (code) {
    case "out-of-memory":
      return outOfMemory();
    case "already-finalized":
      return new StateError(code, "The final chunk was encoded already: a stream ends with it");
    case "already-done":
      return new StateError(code, "The final chunk was decoded already: a stream ends with it");
    case "freed":
      return new StateError(code, "This was freed, or given to a stream");
    case "in-use":
      return new StateError(code, "An iterator uses this encoder or decoder: make another");
    case "key-pending":
      return new StateError(code, "The key is not there yet");
    case "worker-failed":
      return new NotSupportedError(
        code,
        "A worker ended before its chunks were done: the host has ended it, perhaps for want of memory. Start again, with fewer workers",
        options,
      );
    case "trailing-data":
      return new DecodeError(
        code,
        "There is data after the final chunk: the file was added to, or two were joined",
      );
    case "truncated":
      return new StreamTruncatedError(
        code,
        "The input ended before the final chunk: it was cut short; fetch it again",
      );
    case "wrong-passphrase":
      return new WrongPassphraseError(code, "The passphrase does not open this file");
    default:
      return trappedError();
  }
}

/** The error that an encoder has come to: the only one that asks the host for random numbers. */
export function encoderError(result: number): AgeRtError {
  const code = codeOf(result);
  return code === "no-random" ? noRandom() : plainError(code);
}

/** A chunk that does not verify. */
export function forgedChunk(index: number): ChunkAuthenticationError {
  return new ChunkAuthenticationError(
    "chunk-authentication",
    `Cannot decrypt chunk ${index}: it was changed, or the file was cut short there`,
    index,
  );
}

/**
 * The error that a decoder has come to; `named` says that identities were given, and `text` reads
 * the types of the stanzas.
 */
export function decoderError(
  result: number,
  wasm: WasmDecoder,
  named: boolean,
  text: () => string,
): AgeRtError {
  const code = codeOf(result);
  switch (code) {
    case "not-age": {
      const reason = wasm.detail(ERROR_REASON);
      if (reason === REASON_REWRITTEN) return new HeaderParseError(code, REWRITTEN);
      return new HeaderParseError(
        code,
        reason === REASON_ARMOR
          ? "This is an armored age file (text): decode the armor first"
          : "This is not an age or age-rt file",
      );
    }
    case "invalid-header":
      return new HeaderParseError(
        code,
        wasm.detail(ERROR_REASON) === REASON_REWRITTEN
          ? REWRITTEN
          : "The header breaks the format's grammar: the file is damaged",
      );
    case "unknown-format":
      return new HeaderParseError(
        code,
        "The header names a version of the format that this package does not know",
      );
    case "wrong-format":
      return new HeaderParseError(
        code,
        "This is the other of the two formats, age and age-rt: use its decoder, or the one that detects the format",
      );
    case "no-identity-match":
    case "no-passphrase-stanza": {
      const stanzaTypes = text().split("\n").filter(Boolean);
      // Of identities that are all passphrases the core knows no more than that there is no stanza
      // for them.
      if (named)
        return new NoIdentityMatchError(
          "no-identity-match",
          `None of the identities opens this file (it is for: ${stanzaTypes.join(", ")})`,
          { stanzaTypes },
        );
      return new HeaderParseError(
        code,
        `The file was not encrypted with a passphrase, but for a key (${stanzaTypes.join(", ")})`,
        { stanzaTypes },
      );
    }
    case "excessive-work-factor": {
      const workFactor = wasm.detail(ERROR_WORK_FACTOR);
      const limit = wasm.detail(ERROR_LIMIT);
      return new HeaderParseError(
        code,
        `The file asks for work factor ${workFactor}, more than ${
          workFactor > MAX_READ_WORK_FACTOR
            ? `this package can derive (${MAX_READ_WORK_FACTOR})`
            : `the limit of ${limit}: ${seconds(workFactor)} and ${Math.ceil(scryptMemory(workFactor).memory / 2 ** 20)} MiB; set maxWorkFactor to ${workFactor} if you trust it`
        }`,
        { workFactor, limit },
      );
    }
    case "chunk-size-mismatch": {
      const limit = wasm.detail(ERROR_LIMIT);
      return new HeaderParseError(
        code,
        `The file's chunk size is not what this decoder takes (${limit} bytes)`,
        { limit },
      );
    }
    case "header-mac":
      return new HeaderParseError(
        code,
        "The header was changed after it was made: its MAC does not match",
      );
    case "chunk-authentication":
      return forgedChunk(wasm.detail(ERROR_INDEX));
    case "chunk-length":
      return new ChunkAuthenticationError(
        code,
        `Chunk ${wasm.detail(ERROR_INDEX)} has a length that the format forbids (in an age file, an empty last chunk: an encoder's fault, known of age-rt's Python iterators)`,
        wasm.detail(ERROR_INDEX),
      );
    default:
      return plainError(code);
  }
}

/**
 * What a derivation takes on a computer of today: half a second at the standard work factor, and
 * twice that for each step.
 */
function seconds(workFactor: number): string {
  const count = 2 ** (workFactor - 19);
  return count > 1 ? `about ${count} seconds` : "a second or less";
}
