/** What to tell a person of an error, chosen by its code: messages are for developers. */
import { AgeRtError, type ErrorCode, HeaderParseError } from "age-rt-wasm";
import { ArmorTooLargeError, DownloadStoppedError, TooLargeError } from "./errors.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

export interface Failure {
  readonly title: string;
  readonly advice: string;
}

const { failure } = strings;

/** @param good - how many bytes of plaintext had verified before; 0 for what is taken whole or not at all. */
export function failureOf(error: unknown, good = 0): Failure {
  if (error instanceof AgeRtError) return ofCode(error.code, error, units.bytes(good));
  if (error instanceof ArmorTooLargeError)
    return {
      title: failure.armorTooLarge.title,
      advice: failure.armorTooLarge.advice(units.bytes(error.limit)),
    };
  if (error instanceof TooLargeError)
    return {
      title: failure.tooLarge.title,
      advice: failure.tooLarge.advice(units.bytes(error.limit)),
    };
  if (error instanceof DownloadStoppedError) return failure.stopped;
  if (error instanceof DOMException) {
    if (error.name === "QuotaExceededError") return failure.noSpace;
    if (error.name === "NotReadableError" || error.name === "NotFoundError")
      return failure.unreadable;
  }
  return unknown(error);
}

function ofCode(code: ErrorCode, error: AgeRtError, good: string): Failure {
  switch (code) {
    case "wrong-passphrase":
      return failure.wrongPassphrase;
    case "truncated":
      return { title: failure.truncated.title, advice: failure.truncated.advice(good) };
    case "chunk-authentication":
    case "chunk-length":
      return { title: failure.damaged.title, advice: failure.damaged.advice(good) };
    case "trailing-data":
      return { title: failure.trailing.title, advice: failure.trailing.advice(good) };
    case "header-mac":
    case "invalid-header":
      return failure.damagedHeader;
    case "not-age":
      return failure.notAge;
    case "invalid-armor":
      return failure.armor;
    case "unknown-format":
      return failure.unknownFormat;
    case "chunk-size-mismatch":
      return failure.chunkSize;
    case "no-passphrase-stanza":
    case "excessive-work-factor":
      return error instanceof HeaderParseError ? ofHeader(error) : unknown(error);
    case "out-of-memory":
      return failure.outOfMemory;
    case "no-webassembly":
    case "wasm-blocked":
      return failure.noWebAssembly;
    default:
      return unknown(error);
  }
}

function ofHeader({
  code,
  stanzaTypes = [],
  workFactor = 0,
  limit = 0,
}: HeaderParseError): Failure {
  if (code === "no-passphrase-stanza")
    return {
      title: failure.recipient.title,
      advice: failure.recipient.advice(units.list([...new Set(stanzaTypes)])),
    };
  return {
    title: failure.workFactor.title,
    advice: failure.workFactor.advice(units.integer(workFactor), units.integer(limit)),
  };
}

function unknown(error: unknown): Failure {
  return {
    title: failure.unknown.title,
    advice: failure.unknown.advice(error instanceof Error ? error.message : String(error)),
  };
}
