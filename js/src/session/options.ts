/** What openSession() may be told, checked before anything is sent. */
import { passphraseBytes, typeName } from "../bytes.js";
import type { DecryptKey, EncryptKey } from "../index.js";
import { inRange, type Kind, MAX_READ_WORK_FACTOR, readOptions } from "../options.js";
import { utf8 } from "./messages.js";

/** Options of {@link openSession}. */
export interface SessionOptions {
  /**
   * The passphrase that both ends have; or what encrypts for the peer, and what decrypts what the
   * peer encrypts.
   */
  key:
    | string
    | {
        /** What encrypts for the peer. */
        encrypt: EncryptKey;
        /** What decrypts what the peer encrypts. */
        decrypt: DecryptKey;
      };
  /** What this end is, 1 to 255 bytes of UTF-8, such as "client". */
  role: string;
  /** What the other end must be: another name, such as "server". */
  peerRole: string;
  /**
   * Time until the session is open, our own derivations included, in milliseconds; 30,000 unless
   * set. Over it: `peer-silent`.
   */
  timeoutMs?: number | undefined;
  /**
   * "padme" hides the length of messages, but for at most 12 % of it; "none" unless set. The peer
   * need not set the same.
   */
  pad?: "none" | "padme" | undefined;
  /**
   * Asks for a sign of life this often, in milliseconds, and ends with `peer-silent` where none
   * comes in as long a time. Not at all unless set. Give it the time that the peer may need to
   * derive a key, where it has no worker.
   */
  pingMs?: number | undefined;
  /**
   * Uses another key for what is sent after so many messages, or minutes. The peer need not set the
   * same.
   */
  renew?:
    | {
        /** After so many messages. */
        messages?: number | undefined;
        /** After so many minutes. */
        minutes?: number | undefined;
      }
    | undefined;
  /** The largest work factor that is accepted from the peer, 1..=22; 18 unless set. */
  maxWorkFactor?: number | undefined;
  /** Ends the opening, and the session, with its reason. */
  signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 30_000;
const WORK_FACTOR = 18;
/** More is no time limit: a timer of more milliseconds fires at once. */
const MAX_MS = 2 ** 31 - 1;
const MS_PER_MINUTE = 60_000;

const NAMES = [
  ...(["key", "role", "peerRole", "timeoutMs", "pad", "pingMs", "renew"] as const),
  ...(["maxWorkFactor", "signal"] as const),
];
const KINDS = {
  role: "string",
  peerRole: "string",
  timeoutMs: MAX_MS,
  pingMs: MAX_MS,
  renew: "object",
  maxWorkFactor: MAX_READ_WORK_FACTOR,
  signal: "signal",
} satisfies Partial<Record<(typeof NAMES)[number], Kind>>;

/** What was read. */
export interface Settings {
  readonly encrypt: EncryptKey;
  readonly decrypt: DecryptKey;
  readonly role: Uint8Array<ArrayBuffer>;
  readonly peerRole: Uint8Array<ArrayBuffer>;
  readonly peerName: string;
  readonly timeoutMs: number;
  readonly padded: boolean;
  readonly pingMs: number | undefined;
  readonly renewMessages: number;
  readonly renewMs: number | undefined;
  readonly maxWorkFactor: number;
  readonly signal: AbortSignal | undefined;
}

/** @throws TypeError, RangeError. */
export function settingsOf(options: SessionOptions): Settings {
  if (options === undefined)
    throw new TypeError("Expected the options as an object: { key, role, peerRole }");
  const read = readOptions(options, NAMES, KINDS);
  const { key, timeoutMs = TIMEOUT_MS, pad = "none", pingMs, renew, signal } = read;
  const { maxWorkFactor = WORK_FACTOR } = read;
  if (pad !== "none" && pad !== "padme") throw new TypeError('pad must be "none" or "padme"');
  const role = roleOf("role", read.role);
  const peerRole = roleOf("peerRole", read.peerRole);
  if (read.role === read.peerRole)
    throw new RangeError("role and peerRole must differ: a session tells its ends apart by them");
  const { messages = Infinity, minutes } = readOptions(renew, ["messages", "minutes"], {
    messages: Number.MAX_SAFE_INTEGER,
    minutes: "number",
  });
  if (minutes !== undefined && !(minutes > 0 && minutes * MS_PER_MINUTE <= MAX_MS))
    throw new RangeError(`minutes must be more than 0 and at most 35,791, got ${minutes}`);
  return {
    ...keysOf(key),
    role,
    peerRole,
    peerName: read.peerRole as string,
    timeoutMs,
    padded: pad === "padme",
    pingMs,
    renewMessages: messages,
    renewMs: minutes === undefined ? undefined : minutes * MS_PER_MINUTE,
    maxWorkFactor,
    signal,
  };
}

function roleOf(name: string, role: unknown): Uint8Array<ArrayBuffer> {
  if (typeof role !== "string")
    throw new TypeError(`${name} must be a string, got ${typeName(role)}`);
  if (/\p{Surrogate}/u.test(role))
    throw new TypeError(`${name} holds a lone surrogate, which has no UTF-8 form`);
  const bytes = utf8(role);
  inRange(`The length of ${name}`, bytes.length, 255);
  return bytes;
}

function keysOf(key: unknown): { encrypt: EncryptKey; decrypt: DecryptKey } {
  if (typeof key === "string") {
    // Here already: a form's empty passphrase shall not cost the socket.
    passphraseBytes(key).fill(0);
    return { encrypt: key, decrypt: key };
  }
  const { encrypt, decrypt } = Object(key) as { encrypt?: EncryptKey; decrypt?: DecryptKey };
  if (encrypt === undefined || decrypt === undefined)
    throw new TypeError(
      "key must be a passphrase, or an object { encrypt, decrypt }: the peer's recipient and an identity of our own",
    );
  return { encrypt, decrypt };
}
