/**
 * Keys: everything that age, rage and typage encrypt to, and what decrypts it.
 *
 * With recipients anybody who knows a public key can write the file or the stream: it proves
 * nothing about its sender.
 *
 * @packageDocumentation
 */
import { joined, toBytes, typeName } from "./bytes.js";
import {
  type Bytes,
  blobBytes,
  decrypt,
  type Identity,
  InvalidKeyError,
  isBlob,
  readOptions,
  type Recipient,
} from "./index.js";
import { randomBytes } from "./random.js";
import { decode, encode } from "./recipients/bech32.js";
import { CryptoKeyIdentity } from "./recipients/crypto-key.js";
import {
  HYBRID,
  HYBRID_TAG,
  isLatticeKey,
  type Kind,
  NativeIdentity,
  NativeRecipient,
  type OwnKind,
  publicText,
  TAG,
  X25519,
} from "./recipients/native.js";
import { sshPrivateKey, sshRecipient } from "./recipients/ssh-keys.js";

export { passphraseIdentity, passphraseRecipient } from "./index.js";
/**
 * Passkeys and security keys through WebAuthn's PRF, as typage and age-plugin-fido2prf have them.
 */
export * as passkeys from "./recipients/passkeys.js";
export type { Identity, Recipient, Stanza } from "./index.js";

/**
 * By prefix: how many bytes, and of which kind. Not in plain objects: a stranger's prefix may be
 * "constructor".
 */
const RECIPIENTS = /* @__PURE__ */ new Map<string, readonly [number, Kind]>([
  ["age", [32, X25519]],
  ["age1pq", [1216, HYBRID]],
  ["age1tag", [33, TAG]],
  ["age1tagpq", [1249, HYBRID_TAG]],
]);
const IDENTITIES = /* @__PURE__ */ new Map<string, OwnKind>([
  ["age-secret-key-", X25519],
  ["age-secret-key-pq-", HYBRID],
]);
const SECRET_LENGTH = 32;
/** Bytes of a file of keys, as in age. */
const LONGEST_FILE = 16 * 1024 * 1024;

/**
 * Somebody to encrypt to: age1… (X25519), age1pq1… (ML-KEM-768 with X25519), age1tag1… and
 * age1tagpq1… (hardware keys), "ssh-ed25519 …", "ssh-rsa …". A comment after an SSH key is left
 * out.
 *
 * With recipients anybody who knows a public key can write the file or the stream: it proves
 * nothing about its sender.
 *
 * @throws InvalidKeyError `invalid-recipient`, with the text in no message; TypeError for what is
 * no string. A point of low order, or off its curve, is refused when the header is made.
 *
 * @example
 * ```js
 * import { generateIdentity, recipient, recipientOf } from "age-rt-wasm/recipients";
 *
 * const text = await recipientOf(await generateIdentity());
 * const stanzas = await recipient(text).wrapFileKey(new Uint8Array(16));
 * console.log(stanzas[0].args[0]); // X25519
 * ```
 */
export function recipient(text: string): Recipient {
  const trimmed = checkedText(text);
  if (/^ssh-(?:ed25519|rsa)\s/.test(trimmed)) return sshRecipient(trimmed);
  if (/^age-secret-key-|^-----BEGIN/i.test(trimmed))
    throw invalidRecipient(
      "This is a private key where a public one belongs: keep it secret, and share what recipientOf() gives",
    );
  const decoded = decode(trimmed);
  const known = decoded && RECIPIENTS.get(decoded.prefix);
  if (!decoded)
    throw invalidRecipient(
      "The text is not a public key, or is mistyped or cut short: keys begin with age1, ssh-ed25519 or ssh-rsa",
    );
  if (!known)
    throw invalidRecipient(
      "The recipient is of an unknown type, such as a plugin's: ask for an age1 or SSH key",
    );
  if (trimmed !== trimmed.toLowerCase())
    throw invalidRecipient("The recipient is in upper case: age writes recipients in lower case");
  const [length, kind] = known;
  const { bytes } = decoded;
  const hasLattice = length > 1184;
  if (bytes.length !== length || (hasLattice && !isLatticeKey(bytes)))
    throw invalidRecipient("The recipient is not a valid key of its type");
  return new NativeRecipient(kind, bytes);
}

/**
 * Somebody who can decrypt: AGE-SECRET-KEY-1…, AGE-SECRET-KEY-PQ-1…. Inspection, JSON and messages
 * show nothing of it.
 *
 * @throws InvalidKeyError `invalid-identity`, without the text; TypeError for what is no string.
 *
 * @example
 * ```js
 * import { generateIdentity, identity } from "age-rt-wasm/recipients";
 *
 * const mine = identity(await generateIdentity("hybrid"));
 * console.log(JSON.stringify(mine)); // {}
 * ```
 */
export function identity(text: string): Identity {
  const { prefix, bytes } = secret(text);
  return new NativeIdentity(IDENTITIES.get(prefix) as OwnKind, bytes);
}

/**
 * An X25519 key of the host's, extractable or not.
 *
 * Keys that a browser keeps: Safari 27 loses X25519 keys that were put into IndexedDB, and private
 * windows refuse them.
 *
 * @param key - a private CryptoKey of algorithm X25519 with the usage deriveBits.
 * @throws (rejects) InvalidKeyError `invalid-identity` for another key; NotSupportedError
 * `no-webcrypto`.
 *
 * @example
 * ```js
 * import { cryptoKeyIdentity } from "age-rt-wasm/recipients";
 *
 * const pair = await crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
 * // TypeScript's libraries do not know yet that X25519 keys come in pairs.
 * if (!("privateKey" in pair)) throw new Error("not a pair");
 * const mine = await cryptoKeyIdentity(pair.privateKey);
 * console.log(await mine.unwrapFileKey([])); // null
 * ```
 */
export async function cryptoKeyIdentity(key: object): Promise<Identity> {
  return CryptoKeyIdentity.from(key);
}

/**
 * A file of identities as age-keygen writes it: one a line, with empty lines and comments. One that
 * is itself encrypted with a passphrase, armored or not, asks for it.
 *
 * @param options - `passphrase`, or what asks for it, for an encrypted file; a signal.
 * @throws (rejects) InvalidKeyError `invalid-identity` with the line; TypeError where an encrypted
 * file has no passphrase; RangeError above 16 MiB; what {@link decrypt} rejects with.
 *
 * @example
 * ```js
 * import { generateIdentity, identityFile, readIdentities } from "age-rt-wasm/recipients";
 *
 * const file = await identityFile(await generateIdentity());
 * console.log((await readIdentities(file)).length); // 1
 * ```
 */
export async function readIdentities(
  file: Bytes | Blob | string,
  options?: {
    passphrase?: string | (() => string | Promise<string>) | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<Identity[]> {
  const read = readOptions(options, ["passphrase", "signal"], { signal: "signal" });
  const { signal } = read;
  const passphrase = read.passphrase as string | (() => string | Promise<string>) | undefined;
  signal?.throwIfAborted();
  const content = await contentOf(file);
  const start = new TextDecoder().decode(content.subarray(0, 1100)).trimStart();
  let plain = content;
  if (/^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE)/.test(start)) {
    if (passphrase === undefined)
      throw new TypeError(
        "The file of identities is encrypted: pass its passphrase in the options",
      );
    const given = typeof passphrase === "function" ? await passphrase() : passphrase;
    signal?.throwIfAborted();
    const data = start.startsWith("-----") ? new TextDecoder().decode(content) : content;
    plain = await decrypt(data as Uint8Array<ArrayBuffer>, given, signal ? { signal } : {});
    if (plain.length > LONGEST_FILE) throw tooLong();
  }
  try {
    const text = utf8(plain, "invalid-identity");
    if (/^\s*-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) return [await sshPrivateKey(text)];
    return lines(text, "invalid-identity", identity);
  } finally {
    if (plain !== content) plain.fill(0);
  }
}

/**
 * A file of recipients, one a line, with empty lines and comments.
 *
 * @throws (rejects) InvalidKeyError `invalid-recipient` with the line; RangeError above 16 MiB.
 *
 * @example
 * ```js
 * import { generateIdentity, readRecipients, recipientOf } from "age-rt-wasm/recipients";
 *
 * const file = `# the team\n${await recipientOf(await generateIdentity())}\n`;
 * console.log((await readRecipients(file)).length); // 1
 * ```
 */
export async function readRecipients(file: Bytes | Blob | string): Promise<Recipient[]> {
  return lines(utf8(await contentOf(file), "invalid-recipient"), "invalid-recipient", recipient);
}

/**
 * An unencrypted private key of SSH's: Ed25519 or RSA, in OpenSSH's format or in PEM.
 *
 * @throws (rejects) InvalidKeyError `invalid-identity`, which says so where the key is encrypted;
 * NotSupportedError `no-webcrypto` for RSA on a page without Web Cryptography.
 *
 * @example
 * ```js
 * import { sshIdentity } from "age-rt-wasm/recipients";
 *
 * await sshIdentity("no key").catch((error) => console.log(error.code)); // invalid-identity
 * ```
 */
export async function sshIdentity(privateKey: string | Bytes): Promise<Identity> {
  return sshPrivateKey(
    typeof privateKey === "string" ? privateKey : utf8(toBytes(privateKey), "invalid-identity"),
  );
}

/**
 * A new private key. Keep it secret; share what {@link recipientOf} gives.
 *
 * @param type - "x25519" opens with every age tool; "hybrid" is safe against a later quantum
 * computer and opens with age 1.3 and typage.
 * @throws (rejects) NotSupportedError `no-random`; RangeError for another type.
 *
 * @example
 * ```js
 * import { generateIdentity } from "age-rt-wasm/recipients";
 *
 * console.log((await generateIdentity()).slice(0, 16)); // AGE-SECRET-KEY-1
 * ```
 */
export async function generateIdentity(type: "x25519" | "hybrid" = "x25519"): Promise<string> {
  if (type !== "x25519" && type !== "hybrid")
    throw new RangeError('The type of an identity is "x25519" or "hybrid"');
  const bytes = randomBytes(SECRET_LENGTH);
  const prefix = type === "hybrid" ? "age-secret-key-pq-" : "age-secret-key-";
  const text = encode(prefix, bytes).toUpperCase();
  bytes.fill(0);
  return text;
}

/**
 * The public key of a private one.
 *
 * @throws (rejects) InvalidKeyError `invalid-identity`, without the text.
 *
 * @example
 * ```js
 * import { generateIdentity, recipientOf } from "age-rt-wasm/recipients";
 *
 * console.log((await recipientOf(await generateIdentity("hybrid"))).slice(0, 7)); // age1pq1
 * ```
 */
export async function recipientOf(identity: string): Promise<string> {
  const { prefix, bytes } = secret(identity);
  try {
    return await publicText(prefix, bytes);
  } finally {
    bytes.fill(0);
  }
}

/**
 * The file that age-keygen writes: when the key was made, the public key, the private one.
 *
 * @param created - now unless given.
 * @throws (rejects) InvalidKeyError `invalid-identity`, without the text; RangeError for a date
 * that is none.
 *
 * @example
 * ```js
 * import { generateIdentity, identityFile } from "age-rt-wasm/recipients";
 *
 * const file = await identityFile(await generateIdentity(), new Date(0));
 * console.log(file.split("\n")[0]); // # created: 1970-01-01T00:00:00Z
 * ```
 */
export async function identityFile(identity: string, created = new Date()): Promise<string> {
  const when = created.toISOString().replace(/\.\d+Z$/, "Z");
  const key = await recipientOf(identity);
  return `# created: ${when}\n# public key: ${key}\n${identity.trim()}\n`;
}

function secret(text: string): { prefix: string; bytes: Uint8Array } {
  const trimmed = checkedText(text);
  const refuse = (message: string): never => {
    throw new InvalidKeyError("invalid-identity", message);
  };
  if (/^(?:age1|ssh-)/.test(trimmed))
    refuse("This is a public key where a private one belongs: nothing decrypts with it");
  if (/^age-plugin-fido2prf-/i.test(trimmed))
    refuse("This is the identity of a passkey: read it with passkeys.key()");
  if (/^age-plugin-/i.test(trimmed))
    refuse("This is the identity of a plugin, which only the age command can run");
  if (/^-----BEGIN/.test(trimmed)) refuse("This is a key in PEM: read it with sshIdentity()");
  const decoded = decode(trimmed);
  if (!decoded || !IDENTITIES.has(decoded.prefix) || decoded.bytes.length !== SECRET_LENGTH) {
    decoded?.bytes.fill(0);
    return refuse(
      "The text is not a private key, or is mistyped or cut short: keys begin with AGE-SECRET-KEY-",
    );
  }
  if (trimmed !== trimmed.toUpperCase())
    refuse("The identity is in lower case: age writes identities in upper case");
  return decoded;
}

function checkedText(text: string): string {
  if (typeof text !== "string")
    throw new TypeError(`Expected the key as a string, got ${typeName(text)}`);
  return text.trim();
}

function invalidRecipient(message: string): InvalidKeyError {
  return new InvalidKeyError("invalid-recipient", message);
}

/** Each line but comments and empty ones. */
function lines<T>(
  text: string,
  code: "invalid-recipient" | "invalid-identity",
  read: (line: string) => T,
): T[] {
  const found: T[] = [];
  text.split("\n").forEach((raw, i) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return;
    try {
      found.push(read(line));
    } catch (error) {
      if (!(error instanceof InvalidKeyError)) throw error;
      throw new InvalidKeyError(error.code as typeof code, `Line ${i + 1}: ${error.message}`, {
        line: i + 1,
      });
    }
  });
  if (found.length === 0) throw new InvalidKeyError(code, "The file holds no key");
  return found;
}

async function contentOf(file: Bytes | Blob | string): Promise<Uint8Array> {
  if (typeof file === "string") {
    if (file.length > LONGEST_FILE) throw tooLong();
    return new TextEncoder().encode(file);
  }
  if (isBlob(file)) {
    if (file.size > LONGEST_FILE) throw tooLong();
    const parts: Uint8Array[] = [];
    for await (const part of blobBytes(file)) parts.push(toBytes(part));
    return joined(parts);
  }
  const bytes = toBytes(file as Bytes, "bytes, a Blob or text");
  if (bytes.length > LONGEST_FILE) throw tooLong();
  return bytes;
}

function tooLong(): RangeError {
  return new RangeError("A file of keys has at most 16 MiB");
}

function utf8(bytes: Uint8Array, code: "invalid-recipient" | "invalid-identity"): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidKeyError(code, "The file holds no key: it is not text");
  }
}
