/** What to tell a person of an error, chosen by its code: messages are for developers. */
import { AgeRtError, type ErrorCode, HeaderParseError, InvalidKeyError } from "age-rt-wasm";
import {
  ArmorTooLargeError,
  ChangedSourceError,
  CutHeaderError,
  DamagedMemberError,
  DamagedMessageError,
  DownloadStoppedError,
  EmptyFileError,
  NewerFormatError,
  NotAgeError,
  RewrittenError,
  SavingError,
  SeveralMessagesError,
  TooLargeError,
} from "./errors.js";
import { isAgeName } from "./names.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

export interface Failure {
  readonly title: string;
  readonly advice: string;
}

/** What is known besides the error. */
export interface Circumstances {
  /** How many bytes of plaintext had verified before; 0 for what is taken whole or not at all. */
  readonly good?: number;
  /** The file's name and its size in bytes, where it is a file. */
  readonly name?: string;
  readonly size?: number;
  /** Whether the person can agree to more work than usual there. */
  readonly asks?: boolean;
}

/** The most work that the library does, as log2 N, and about how many seconds that takes. */
export const MOST_WORK = 22;
const SECONDS = 20;

const { failure } = strings;

const PASSKEY = "age-encryption.org/fido2prf";
const OF_KEY_FILE = new Set(["X25519", "ssh-ed25519", "ssh-rsa", "mlkem768x25519"]);
/** Stanzas that a passphrase, a key file or a passkey opens. */
const OPENED_HERE = new Set(["scrypt", ...OF_KEY_FILE, PASSKEY]);

/** A chunk of an age file, sealed, and more than a header takes. In bytes. */
const LAST_CHUNK = 65_536 + 16 + 500;

export function failureOf(error: unknown, known: Circumstances = {}): Failure {
  if (error instanceof AgeRtError) return ofCode(error.code, error, known);
  if (error instanceof NotAgeError) return ofCode("not-age", error, known);
  if (error instanceof NewerFormatError) return ofCode("unknown-format", error, known);
  if (error instanceof EmptyFileError || error instanceof CutHeaderError)
    return ofCode("truncated", error, known);
  if (error instanceof SavingError) return ofSaving(error.cause);
  if (error instanceof ArmorTooLargeError) return withLimit(failure.armorTooLarge, error.limit);
  if (error instanceof TooLargeError) return withLimit(failure.tooLarge, error.limit);
  if (error instanceof DamagedMessageError) return failure.armor;
  if (error instanceof SeveralMessagesError)
    return {
      title: failure.severalMessages.title,
      advice: failure.severalMessages.advice(units.integer(error.count)),
    };
  if (error instanceof DamagedMemberError) return failure.damagedMember;
  if (error instanceof RewrittenError) return failure.rewritten;
  if (error instanceof ChangedSourceError) return failure.changed;
  if (error instanceof DownloadStoppedError) return failure.stopped;
  if (error instanceof DOMException && ["NotReadableError", "NotFoundError"].includes(error.name))
    return failure.unreadable;
  if (isRefusal(error)) return failure.passkeyRefused;
  return unknown(error);
}

/** What browsers say where a person has closed their dialog, or let it wait for too long. */
function isRefusal(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotAllowedError";
}

/** What the browser says of it is all that tells a virus scanner from a policy. */
function ofSaving(cause: unknown): Failure {
  if (cause instanceof DOMException && cause.name === "QuotaExceededError") return failure.noSpace;
  return {
    title: failure.refused.title,
    advice: failure.refused.advice(cause instanceof Error ? cause.message : String(cause)),
  };
}

function ofCode(code: ErrorCode, error: Error, known: Circumstances): Failure {
  const good = known.good ? units.bytes(known.good) : "";
  const size =
    known.size === undefined
      ? ""
      : failure.size(units.bytes(known.size), units.exactly(known.size));
  const told = (
    { title, advice }: { title: string; advice: (good: string) => string },
    how = good,
  ): Failure => ({ title, advice: [advice(how), size].filter(Boolean).join(" ") });
  switch (code) {
    case "wrong-passphrase":
      return failure.wrongPassphrase;
    case "truncated":
      return told(known.size === 0 ? failure.empty : failure.truncated);
    case "chunk-authentication":
    case "chunk-length":
      return told(atEnd(known) ? failure.damagedEnd : failure.damaged);
    case "trailing-data":
      return told(failure.trailing);
    case "header-mac":
    case "invalid-header":
      return failure.damagedHeader;
    case "not-age":
      return isAgeName(known.name ?? "") ? told(failure.notAgeInside) : failure.notAge;
    case "invalid-armor":
      return failure.armor;
    case "unknown-format":
      return failure.unknownFormat;
    case "chunk-size-mismatch":
      return failure.chunkSize;
    case "invalid-recipient":
    case "invalid-identity":
    case "incompatible-recipients":
      return error instanceof InvalidKeyError ? ofKey(error) : unknown(error);
    case "no-passphrase-stanza":
    case "no-identity-match":
    case "excessive-work-factor":
      return error instanceof HeaderParseError
        ? ofHeader(error, known.asks ?? false)
        : unknown(error);
    case "no-passkeys":
      return isRefusal(error.cause) ? failure.passkeyRefused : failure.noPasskeys;
    case "no-webcrypto":
      return failure.noPasskeys;
    case "out-of-memory":
      return failure.outOfMemory;
    case "no-webassembly":
    case "wasm-blocked":
      return failure.noWebAssembly;
    default:
      return unknown(error);
  }
}

/**
 * Whether the fault is in the last chunk of an age file, where cut short, changed and added to look
 * alike.
 */
function atEnd({ good = 0, size }: Circumstances): boolean {
  if (size === undefined) return false;
  const chunks = good / 65_536;
  return Number.isInteger(chunks) && size - good - 16 * chunks <= LAST_CHUNK;
}

/**
 * The work that the file asks for, as log2 N, if it is more than usual and fits into a browser all
 * the same.
 */
export function heavyWork(error: unknown): number | undefined {
  if (!(error instanceof HeaderParseError) || error.code !== "excessive-work-factor")
    return undefined;
  const { workFactor = Infinity, limit = Infinity } = error;
  return workFactor <= MOST_WORK && limit < MOST_WORK ? workFactor : undefined;
}

function ofHeader(
  { code, stanzaTypes = [], workFactor = 0 }: HeaderParseError,
  asks: boolean,
): Failure {
  if (code === "no-passphrase-stanza" || code === "no-identity-match") {
    const openers = openersOf(stanzaTypes);
    if (stanzaTypes.includes("scrypt")) return failure.forPassphrase;
    const isFirst = code === "no-passphrase-stanza";
    const { title, advice } = isFirst ? failure.recipient : failure.otherKey;
    return { title, advice: advice(openers, wayOf(stanzaTypes, isFirst)) };
  }
  return ofWork(workFactor, asks);
}

/** @param asks - whether the person can agree to it there. */
export function ofWork(workFactor: number, asks: boolean): Failure {
  if (asks && workFactor <= MOST_WORK)
    return {
      title: failure.heavy.title,
      advice: failure.heavy.advice(
        units.integer(workFactor),
        units.duration(SECONDS * 2 ** (workFactor - MOST_WORK)),
        units.bytes(2 ** (workFactor + 8)),
      ),
    };
  return {
    title: failure.workFactor.title,
    advice: failure.workFactor.advice(units.integer(workFactor), units.integer(MOST_WORK)),
  };
}

/** What a person has to have for stanzas of these types. */
export function openersOf(types: readonly string[]): string {
  return units.anyOf([...new Set(meant(types))].map(openerOf));
}

/** Some programs put one that nothing opens into each file, so that readers get used to it. */
function meant(types: readonly string[]): readonly string[] {
  return types.filter((type) => !type.endsWith("-grease"));
}

/** Whether nothing but a passkey opens stanzas of these types, and no file that holds a key. */
export function isForPasskeys(types: readonly string[]): boolean {
  return meant(types).length > 0 && meant(types).every((type) => type === PASSKEY);
}

/** Whether a passkey is worth a try: it is for a file whose header is not known, too. */
export function mayOpenWithPasskey(types: readonly string[]): boolean {
  return types.length === 0 || types.includes(PASSKEY);
}

/** @param isFirst - whether no key was tried yet. */
function wayOf(types: readonly string[], isFirst: boolean): string {
  const { first, next, elsewhere, some } = failure.ways;
  if (!isOpenedHere(types)) return elsewhere;
  const ways = isFirst ? first : next;
  const byFile = types.some((type) => OF_KEY_FILE.has(type));
  const byPasskey = types.includes(PASSKEY);
  const way = ways[byFile && byPasskey ? "either" : byPasskey ? "passkey" : "keyFile"];
  return meant(types).every((type) => OPENED_HERE.has(type)) ? way : `${way} ${some}`;
}

/** Whether this page has what opens a stanza of one of these types. */
export function isOpenedHere(types: readonly string[]): boolean {
  return types.some((type) => OPENED_HERE.has(type));
}

function openerOf(type: string): string {
  return (strings.openers as Readonly<Record<string, string>>)[type] ?? failure.unknownKey(type);
}

/** The library's messages about keys hold nothing of the key. */
function ofKey({ code, message }: InvalidKeyError): Failure {
  if (code === "incompatible-recipients") return failure.mixedKeys;
  const { title, advice } = code === "invalid-recipient" ? failure.publicKey : failure.privateKey;
  return { title, advice: advice(message) };
}

/** Whether more can be had of the file than it gives by itself. */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof AgeRtError &&
    ["chunk-authentication", "chunk-length", "truncated", "trailing-data"].includes(error.code)
  );
}

/** What would open the file, if it is known to be the other kind. */
export function isOtherKey(error: unknown): "passphrase" | "key" | undefined {
  if (!(error instanceof HeaderParseError)) return undefined;
  if (error.code === "no-passphrase-stanza") return "key";
  const isForPassphrase =
    error.code === "no-identity-match" && error.stanzaTypes?.includes("scrypt");
  return isForPassphrase ? "passphrase" : undefined;
}

function withLimit(
  { title, advice }: { title: string; advice: (limit: string) => string },
  limit: number,
): Failure {
  return { title, advice: advice(units.bytes(limit)) };
}

function unknown(error: unknown): Failure {
  return {
    title: failure.unknown.title,
    advice: failure.unknown.advice(error instanceof Error ? error.message : String(error)),
  };
}
