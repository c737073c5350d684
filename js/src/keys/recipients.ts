/**
 * Calls recipients and identities, which anybody may have written, one after the other. Checks what
 * they return, and wipes each file key.
 */
import { toBytes } from "../bytes.js";
import { base64ToBytes, nextTurn } from "../engine/host.js";
import { InvalidKeyError } from "../errors.js";
import { type KdfJob, type OnDerivation, wipe } from "../kdf/derive.js";
import { WORK_FACTOR } from "../options.js";
import { unlessAborted } from "../signal.js";
import type { Locked, OpenHeader, OpenKey, SealKey } from "./key.js";
import type { DecryptKey, EncryptKey, Identity, Recipient, Stanza } from "./recipient.js";
import { passphraseFrom, PassphraseIdentity, PassphraseRecipient } from "./scrypt.js";

const FILE_KEY_LEN = 16;
/** Limit of a header that is written, in bytes: what decoders take where identities are given. */
export const MAX_HEADER_LEN = 1_048_576;

type Method = "wrapFileKey" | "unwrapFileKey";

/**
 * Whether `value` has what recipients, or identities, have: by shape, since everybody may make
 * them.
 */
function has(value: unknown, method: Method): boolean {
  return typeof (Object(value) as Record<string, unknown>)[method] === "function";
}

export function isThenable(value: unknown): boolean {
  return typeof (Object(value) as PromiseLike<unknown>).then === "function";
}

/** Whether it is, or holds, a recipient or an identity rather than a passphrase. */
export function isKey(value: unknown): boolean {
  return Array.isArray(value) || has(value, "wrapFileKey") || has(value, "unwrapFileKey");
}

/** The recipients, or identities, that were given. @throws TypeError, RangeError. */
function those<T>(key: T | readonly T[], method: Method): T[] {
  const [one, other] =
    method === "wrapFileKey" ? ["a recipient", "an identity"] : ["an identity", "a recipient"];
  // Where there is one, `key` is never read again: what is in an array may change.
  const all = Array.isArray(key) ? [...(key as T[])] : [key as T];
  if (all.length === 0)
    throw new RangeError(`There is not ${one} in the array: nobody could open that`);
  for (const each of all as unknown[]) {
    if (has(each, method)) continue;
    throw new TypeError(
      typeof each === "string"
        ? "A passphrase among others must be made a key: passphraseIdentity() or passphraseRecipient()"
        : isThenable(each)
          ? `Expected ${one}, got a promise: await it`
          : has(each, "wrapFileKey") || has(each, "unwrapFileKey")
            ? `Expected ${one}, got ${other}`
            : `Expected a passphrase or ${one}`,
    );
  }
  return all;
}

/** What opens one stream, from what the caller gave. @throws TypeError, RangeError. */
export function openKey(key: DecryptKey, limit: number): OpenKey {
  return new Keyring(key, limit);
}

class Keyring implements OpenKey {
  onDerivation: OnDerivation | undefined;
  readonly maxWorkFactor: number;
  readonly outside: boolean;
  readonly named: boolean;
  /** Of a string: kept until it is tried. */
  #own: Uint8Array<ArrayBuffer> | undefined;
  readonly #limit: number;
  readonly #passphrases: PassphraseIdentity[] = [];
  readonly #identities: Identity[] = [];

  constructor(key: DecryptKey, limit: number) {
    this.#limit = limit;
    this.named = typeof key !== "string";
    if (typeof key === "string") this.#own = passphraseFrom(key);
    else
      for (const identity of those<Identity>(key, "unwrapFileKey")) {
        if (identity instanceof PassphraseIdentity) this.#passphrases.push(identity);
        else this.#identities.push(identity);
      }
    // A passkey asks a person, and a stranger's identity may ask a server: ours first.
    this.#identities.sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
    this.outside = this.#identities.length > 0;
    this.maxWorkFactor = this.#own
      ? limit
      : Math.max(0, ...this.#passphrases.map((each) => Math.min(each.maxWorkFactor, limit)));
  }

  *derivations(locked: Locked): Generator<KdfJob, boolean, Uint8Array> {
    const question = locked.scrypt();
    if (!question) return false;
    const tell = this.onDerivation;
    const count = Math.max(1, this.#passphrases.length);
    let tried = 0;
    for (const passphrase of this.#tried(question.logN)) {
      const before = tried;
      // Each is a part of the way: what is told never falls.
      this.onDerivation = tell && ((fraction) => tell((before + fraction) / count));
      tried += 1;
      const wrapKey = yield { passphrase, ...question };
      try {
        if (!locked.tryWrapKey(wrapKey)) continue;
        if (tried < count) tell?.(1);
        return true;
      } finally {
        wipe(wrapKey);
      }
    }
    return false;
  }

  /** Copies for the derivation, which wipes them. */
  *#tried(logN: number): Iterable<Uint8Array<ArrayBuffer>> {
    const own = this.#own;
    this.#own = undefined;
    if (own) yield own;
    for (const each of this.#passphrases)
      if (logN <= Math.min(each.maxWorkFactor, this.#limit)) yield PassphraseIdentity.bytesOf(each);
  }

  async ask(locked: Locked, signal: AbortSignal): Promise<void> {
    for (const identity of this.#identities) {
      // For each anew: whoever gets them may change them.
      const stanzas = await stanzasOf(locked.stanzas(), signal);
      const fileKey = await settled(() => identity.unwrapFileKey(stanzas, { signal }), signal);
      if (fileKey === null) continue;
      try {
        if (!ArrayBuffer.isView(fileKey) || fileKey.byteLength !== FILE_KEY_LEN)
          throw new TypeError("unwrapFileKey() must give the 16 bytes of the file key, or null");
        locked.tryFileKey(toBytes(fileKey));
        return;
      } finally {
        forget(fileKey);
      }
    }
    locked.giveUp();
  }

  drop(): void {
    if (this.#own) wipe(this.#own);
    this.#own = undefined;
  }
}

/** Whether it is of this package, by its tag: its class may be another entry's. */
function isOwn(identity: Identity): boolean {
  return Object.prototype.toString.call(identity) === "[object Key]";
}

/** Wipes bytes of others', whatever they turned out to be. */
function forget(bytes: unknown): void {
  if (ArrayBuffer.isView(bytes))
    new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).fill(0);
}

/**
 * The result of the caller's code, unless the stream ends first; a result that comes later is
 * wiped.
 */
async function settled<T>(work: () => T | Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return unlessAborted<T>(signal, (resolve, reject) => {
    const result = (async () => work())();
    // The caller's code may have ended the stream itself. Then this rejects, and nobody gets the
    // result.
    result.then((late) => (signal.aborted ? forget(late) : resolve(late)), reject);
  });
}

/** What seals one stream, from what the caller gave. @throws TypeError, RangeError. */
export function sealKey(key: EncryptKey, workFactor: number | undefined): SealKey {
  if (typeof key === "string") return passphraseKey(key, workFactor);
  const recipients = those<Recipient>(key, "wrapFileKey");
  if (workFactor !== undefined)
    throw new TypeError(
      "workFactor is a passphrase's: recipients have none, and passphraseRecipient() takes its own",
    );
  const [first] = recipients;
  return recipients.length === 1 && first instanceof PassphraseRecipient
    ? new OwnPassphrase(PassphraseRecipient.bytesOf(first), first.workFactor)
    : new Recipients(recipients);
}

/** What seals one stream for a passphrase alone. @throws TypeError, RangeError. */
export function passphraseKey(passphrase: string, workFactor = WORK_FACTOR): SealKey {
  return new OwnPassphrase(passphraseFrom(passphrase), workFactor);
}

class OwnPassphrase implements SealKey {
  onDerivation: OnDerivation | undefined;
  readonly workFactor: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>, workFactor: number) {
    this.#bytes = bytes;
    this.workFactor = workFactor;
  }

  takePassphrase(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  async wrap(): Promise<void> {
    // Nobody asks for it: there is a work factor.
  }

  drop(): void {
    wipe(this.#bytes);
  }
}

/** Types whose keys no quantum computer finds. */
const POSTQUANTUM = new Set(["mlkem768x25519", "mlkem768p256tag", "age-encryption.org/fido2prf"]);

class Recipients implements SealKey {
  /** Nobody hears anything: there is no derivation. */
  onDerivation: OnDerivation | undefined;
  readonly workFactor = 0;
  readonly #recipients: Recipient[];

  constructor(recipients: Recipient[]) {
    this.#recipients = recipients;
  }

  takePassphrase(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(0);
  }

  async wrap(header: OpenHeader, signal: AbortSignal): Promise<void> {
    if (this.#recipients.some((each) => each instanceof PassphraseRecipient)) throw notAlone();
    let labels: string | undefined;
    let count = 0;
    let scrypt = false;
    let len = 0;
    for (const recipient of this.#recipients) {
      const fileKey = header.fileKey();
      let stanzas;
      try {
        stanzas = checked(await settled(() => recipient.wrapFileKey(fileKey, { signal }), signal));
      } finally {
        wipe(fileKey);
      }
      const types = stanzas.map(({ args: [type] }) => type as string);
      const own = labelsOf(recipient, types);
      if (labels !== undefined && own !== labels)
        throw new InvalidKeyError(
          "incompatible-recipients",
          "These recipients cannot share a file: one is safe against a later quantum computer and another is not, or their labels differ otherwise",
        );
      labels = own;
      count += stanzas.length;
      scrypt ||= types.includes("scrypt");
      if (scrypt && count > 1) throw notAlone();
      for (const stanza of stanzas) {
        len += stanza.args.join(" ").length + stanza.body.length;
        if (len > MAX_HEADER_LEN) throw tooLong();
        header.add(stanza);
      }
    }
  }

  drop(): void {
    // It holds no secret.
  }
}

/** @throws RangeError where decoders would not take a header that long. */
export function checkHeaderLen(len: number): void {
  if (len > MAX_HEADER_LEN) throw tooLong();
}

function tooLong(): RangeError {
  return new RangeError(`The header would have more than ${MAX_HEADER_LEN} bytes, its limit`);
}

function notAlone(): InvalidKeyError {
  return new InvalidKeyError(
    "incompatible-recipients",
    "A passphrase must be the only recipient of a file: else somebody without it could have made the file",
  );
}

function checked(stanzas: unknown): Stanza[] {
  if (!Array.isArray(stanzas)) throw new TypeError("wrapFileKey() must give an array of stanzas");
  if (stanzas.length === 0)
    throw new RangeError("A recipient gave no stanza: it could open nothing");
  return stanzas.map((stanza) => {
    const { args, body } = Object(stanza) as Partial<Stanza>;
    if (!Array.isArray(args) || args.length === 0 || !args.every(isWord))
      throw new TypeError(
        "A stanza's args must be one or more words of ASCII characters without spaces",
      );
    if (!ArrayBuffer.isView(body)) throw new TypeError("A stanza's body must be a Uint8Array");
    return { args: [...args], body: new Uint8Array(toBytes(body)) };
  });
}

function isWord(word: unknown): boolean {
  return typeof word === "string" && /^[!-~]+$/.test(word);
}

/** The set of a recipient's labels, as text that can be compared. */
function labelsOf(recipient: Recipient, types: string[]): string {
  const labels: unknown =
    recipient.labels ?? (types.some((type) => POSTQUANTUM.has(type)) ? ["postquantum"] : []);
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string"))
    throw new TypeError("A recipient's labels must be an array of strings");
  return JSON.stringify([...new Set(labels as string[])].sort());
}

/** So many are read before other tasks have their turn: 1 MiB may hold 170,000 stanzas. */
const STANZAS_A_TURN = 1024;

/**
 * The stanzas of a header, whose grammar the core has checked.
 *
 * @throws (rejects) the signal's reason.
 */
async function stanzasOf(text: string, signal: AbortSignal): Promise<Stanza[]> {
  const stanzas: Stanza[] = [];
  let at = 0;
  const line = (): string => text.slice(at, (at = text.indexOf("\n", at) + 1) - 1);
  while (at < text.length) {
    const args = line().slice("-> ".length).split(" ");
    let body = "";
    let part;
    do {
      part = line();
      body += part;
    } while (part.length === 64);
    stanzas.push({ args, body: base64ToBytes(body) });
    if (stanzas.length % STANZAS_A_TURN > 0) continue;
    await nextTurn();
    signal.throwIfAborted();
  }
  return stanzas;
}
