/** The passphrase: the one way to the file key that needs no code of others. */
import { passphraseBytes } from "../bytes.js";
import { MAX_WORK_FACTOR, readOptions, WORK_FACTOR } from "../options.js";
import type { Identity, Recipient } from "./recipient.js";
import { Tagged } from "./tagged.js";

const BECH32 = "[qpzry9x8gf2tvdw0s3jn54khce6mua7l]";
/**
 * Whole keys, in lower case. As a passphrase a key is a mistake: with a public key anybody could
 * open the file.
 */
const WHOLE_KEY = /* @__PURE__ */ new RegExp(
  `^(?:age1(?:[a-z0-9]*1)?${BECH32}{50,}|age-secret-key-(?:pq-)?1${BECH32}+|age-plugin-[a-z0-9+._-]+-1${BECH32}*|ssh-(?:ed25519|rsa) +aaaa.*)$`,
  "s",
);

/**
 * A passphrase that was given as a string, as UTF-8.
 *
 * @throws TypeError for what is no text, and for a string that is a whole key; RangeError for an
 * empty one.
 */
export function passphraseFrom(text: string): Uint8Array<ArrayBuffer> {
  const bytes = passphraseBytes(text);
  if (WHOLE_KEY.test(text.trim().toLowerCase())) {
    bytes.fill(0);
    throw new TypeError(
      'This string is a key, not a passphrase: use recipient() to encrypt and identity() to decrypt, of "age-rt-wasm/recipients"',
    );
  }
  return bytes;
}

const outside = (): never => {
  throw new TypeError(
    "A passphrase's file key does not leave this package: give it to its streams",
  );
};

/**
 * For the streams of this package alone: what is derived for it happens in a worker, and its file
 * key stays in WebAssembly.
 */
export class PassphraseRecipient extends Tagged implements Recipient {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly workFactor: number;

  constructor(passphrase: string, options?: { workFactor?: number | undefined }) {
    super();
    this.workFactor = readOptions(options, ["workFactor"]).workFactor ?? WORK_FACTOR;
    this.#bytes = passphraseBytes(passphrase);
  }

  /** A copy of the passphrase. */
  static bytesOf(recipient: PassphraseRecipient): Uint8Array<ArrayBuffer> {
    return recipient.#bytes.slice();
  }

  /** @throws TypeError: only the streams of this package can use it. */
  wrapFileKey(): never {
    return outside();
  }
}

/** For the streams of this package alone. */
export class PassphraseIdentity extends Tagged implements Identity {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly maxWorkFactor: number;

  constructor(passphrase: string, options?: { maxWorkFactor?: number | undefined }) {
    super();
    this.maxWorkFactor = readOptions(options, ["maxWorkFactor"]).maxWorkFactor ?? MAX_WORK_FACTOR;
    this.#bytes = passphraseBytes(passphrase);
  }

  /** A copy of the passphrase. */
  static bytesOf(identity: PassphraseIdentity): Uint8Array<ArrayBuffer> {
    return identity.#bytes.slice();
  }

  /** @throws TypeError: only the streams of this package can use it. */
  unwrapFileKey(): never {
    return outside();
  }
}

/**
 * A passphrase among identities, or with a limit of its own. Several are tried in order. It takes
 * any text, a key in full too, and works with this package only.
 *
 * @param options - `maxWorkFactor`: the largest work factor (log2 N) that it accepts from a header,
 * 1..=22, 20 unless set.
 * @throws TypeError, RangeError.
 *
 * @example
 * ```js
 * const keys = [passphraseIdentity("last year's passphrase"), passphraseIdentity(passphrase)];
 * show(await decrypt(encrypted, keys));
 * ```
 */
export function passphraseIdentity(
  passphrase: string,
  options?: { maxWorkFactor?: number | undefined },
): Identity {
  return new PassphraseIdentity(passphrase, options);
}

/**
 * A passphrase where recipients are expected; it must be the only one. It takes any text, a key in
 * full too, and works with this package only.
 *
 * @param options - `workFactor`: scrypt's log2(N), 1..=20, 18 unless set.
 * @throws TypeError, RangeError.
 *
 * @example
 * ```js
 * const file = await encrypt("attack at dawn", passphraseRecipient(passphrase, { workFactor: 16 }));
 * console.log(file.length === ciphertextSize("attack at dawn".length)); // true
 * ```
 */
export function passphraseRecipient(
  passphrase: string,
  options?: { workFactor?: number | undefined },
): Recipient {
  return new PassphraseRecipient(passphrase, options);
}
