/**
 * Passkeys and security keys, through WebAuthn's PRF: stanzas and identities of typage and
 * age-plugin-fido2prf.
 */
import { joined, toBytes, typeName } from "../bytes.js";
import {
  type Identity,
  InvalidKeyError,
  NotSupportedError,
  readOptions,
  type Recipient,
} from "../index.js";
import { randomBytes } from "../random.js";
import { follow, unlessAborted } from "../signal.js";
import { encodeBase64 } from "./base64.js";
import { decode, encode } from "./bech32.js";
import { type Credential, decodeCredential, encodeCredential } from "./cbor.js";
import { fileKeyOf, only, opened, POSTQUANTUM, started } from "./native.js";
import { BODY_LENGTH, FILE_KEY_LENGTH, firstThatOpens, parse } from "./stanzas.js";
import type { Stanza } from "../keys/recipient.js";
import { Tagged } from "../keys/tagged.js";

type Options = { signal?: AbortSignal };
type Bytes = Uint8Array<ArrayBuffer>;

const LABEL = "age-encryption.org/fido2prf";
const PREFIX = "age-plugin-fido2prf-";
const NONCE_LENGTH = 16;
const RESULT_LENGTH = 32;
const USER_LENGTH = 8;
const CHALLENGE_LENGTH = 16;
/**
 * Ed25519, ES256, RS256: nothing is ever signed for us, so that every authenticator may take its
 * own.
 */
const ALGORITHMS = [-8, -7, -257];

/**
 * Whether this page can ask for passkeys. Whether an authenticator has PRF, only {@link create} can
 * tell: where a browser says nothing about PRF, this says true.
 *
 * @example
 * ```js
 * import { passkeys } from "age-rt-wasm/recipients";
 *
 * const offered = await passkeys.isSupported(); // false where there is no browser
 * console.log(typeof offered); // boolean
 * ```
 */
export async function isSupported(): Promise<boolean> {
  if (!hasWebAuthn()) return false;
  try {
    const capabilities = await PublicKeyCredential.getClientCapabilities?.();
    return capabilities?.["extension:prf"] !== false;
  } catch {
    return true;
  }
}

/**
 * Makes a passkey, or a credential on a security key, that encrypts and decrypts. The browser asks
 * its user for it: call this from a click.
 *
 * @param options - `name`: what the browser shows its user. `rpId`: the domain that it belongs to,
 * the page's own unless given. `type`: a "passkey" is kept by the authenticator, and found again
 * without its identity; a "security-key" is in its identity alone: who loses that has lost the
 * files. `signal` ends the prompt.
 * @returns its identity, AGE-PLUGIN-FIDO2PRF-1…, which opens nothing without the authenticator.
 * @throws (rejects) NotSupportedError `no-passkeys` where it was refused or timed out (its `cause`
 * is the browser's NotAllowedError), or where browser or authenticator have no PRF; `no-webcrypto`
 * on http pages; the signal's reason; TypeError, RangeError for bad options.
 *
 * @example
 * ```js
 * import { passkeys } from "age-rt-wasm/recipients";
 *
 * try {
 *   const mine = await passkeys.create({ name: "notes.example" });
 *   localStorage.setItem("passkey", mine);
 * } catch (error) {
 *   console.log(error.code); // no-passkeys
 * }
 * ```
 */
export async function create(options: {
  name: string;
  rpId?: string | undefined;
  type?: "passkey" | "security-key" | undefined;
  signal?: AbortSignal | undefined;
}): Promise<string> {
  if (options === undefined)
    throw new TypeError("Expected the options as an object: { name, rpId, type, signal }");
  const read = readOptions(options, ["name", "rpId", "type", "signal"], { signal: "signal" });
  const { type = "passkey", signal } = read;
  const { name, rpId } = read as { name: string; rpId: string | undefined };
  if (typeof name !== "string")
    throw new TypeError(`Expected a passkey's name as a string, got ${typeName(name)}`);
  if (name === "") throw new RangeError("A passkey's name is empty: its user could not tell it");
  checkDomain(rpId);
  if (type !== "passkey" && type !== "security-key")
    throw new RangeError('The type of a passkey is "passkey" or "security-key"');
  const isKey = type === "security-key";
  const made = await ask(signal, () =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: "", ...(rpId === undefined ? {} : { id: rpId }) },
        // A new one beside those that are there, never instead of one.
        user: { name, id: randomBytes(USER_LENGTH), displayName: "" },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: {
          requireResidentKey: !isKey,
          residentKey: isKey ? "discouraged" : "required",
          // PRF has another key for those who were not verified.
          userVerification: "required",
        },
        hints: isKey ? ["security-key"] : [],
        extensions: { prf: {} },
        // Nobody looks at the attestation.
        challenge: new Uint8Array(1),
      } as PublicKeyCredentialCreationOptions,
      ...(signal ? { signal } : {}),
    }),
  );
  if (!made.getClientExtensionResults().prf?.enabled) throw withoutPrf();
  const { getTransports } = made.response as AuthenticatorAttestationResponse;
  const credential = {
    id: new Uint8Array(toBytes(made.rawId)),
    // A credential does not say its domain: without one asked for, it is the page's.
    rpId: rpId ?? new URL(globalThis.origin).hostname,
    transports: (getTransports as (() => string[]) | undefined)?.call(made.response) ?? [],
  };
  return encode(PREFIX, encodeCredential(credential)).toUpperCase();
}

/**
 * A passkey, to encrypt and to decrypt with. Each file asks its user once, each way: call it from a
 * click. It is labelled `postquantum`, so that it can stand beside hybrid recipients.
 *
 * @param identity - AGE-PLUGIN-FIDO2PRF-1…, from {@link create}, typage or age-plugin-fido2prf.
 * Without it the browser asks which passkey.
 * @param options - `rpId`: the domain, where no identity says it. `signal` ends every prompt; a
 * stream's own signal ends its prompt.
 * @throws InvalidKeyError `invalid-identity`, without the text; TypeError. What it rejects with
 * while it is used: NotSupportedError `no-passkeys` (refused, timed out, no PRF; the `cause` is the
 * browser's error), `no-webcrypto` on http pages.
 *
 * @example
 * ```js
 * import { encrypt } from "age-rt-wasm";
 * import { passkeys } from "age-rt-wasm/recipients";
 *
 * try {
 *   await encrypt("attack at dawn", passkeys.key());
 * } catch (error) {
 *   console.log(error.code); // no-passkeys
 * }
 * ```
 */
export function key(
  identity?: string,
  options?: { rpId?: string | undefined; signal?: AbortSignal | undefined },
): Recipient & Identity {
  const read = readOptions(options, ["rpId", "signal"], { signal: "signal" });
  const { signal } = read;
  const rpId = read.rpId as string | undefined;
  checkDomain(rpId);
  if (identity === undefined) return new Passkey(undefined, rpId, signal);
  if (typeof identity !== "string")
    throw new TypeError(`Expected the identity as a string, got ${typeName(identity)}`);
  const text = identity.trim();
  const decoded = decode(text);
  const credential =
    decoded?.prefix === PREFIX && text === text.toUpperCase()
      ? decodeCredential(decoded.bytes)
      : undefined;
  if (!credential)
    throw new InvalidKeyError(
      "invalid-identity",
      "The identity is no passkey's: it is mistyped or cut short, or none of AGE-PLUGIN-FIDO2PRF-1…",
    );
  if (rpId !== undefined && rpId !== credential.rpId)
    throw new TypeError("The identity of a passkey names its domain: leave out rpId");
  return new Passkey(credential, credential.rpId, signal);
}

class Passkey extends Tagged implements Recipient, Identity {
  readonly labels = POSTQUANTUM;
  readonly #credential: Credential | undefined;
  readonly #rpId: string | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(
    credential: Credential | undefined,
    rpId: string | undefined,
    signal: AbortSignal | undefined,
  ) {
    super();
    this.#credential = credential;
    this.#rpId = rpId;
    this.#signal = signal;
  }

  // Not as other keys: this one asks a person.
  override get [Symbol.toStringTag](): string {
    return "Passkey";
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    const call = await started(options);
    const given = fileKeyOf(fileKey);
    const nonce = randomBytes(NONCE_LENGTH);
    return this.#answer(nonce, options?.signal, (results) => [
      {
        args: [LABEL, encodeBase64(nonce)],
        body: only(call("prfWrap", [results, given], [BODY_LENGTH])),
      },
    ]);
  }

  async unwrapFileKey(stanzas: Stanza[], options?: Options): Promise<Uint8Array | null> {
    const call = await started(options);
    return firstThatOpens(stanzas, LABEL, options?.signal, (stanza) => {
      const { values, body } = parse(stanza, [NONCE_LENGTH], BODY_LENGTH);
      return this.#answer(values[0] as Bytes, options?.signal, (results) =>
        opened(call("prfUnwrap", [results, body], [FILE_KEY_LENGTH])),
      );
    });
  }

  /** What the authenticator makes of a nonce: 64 bytes, which are wiped once they were used. */
  async #answer<T>(
    nonce: Bytes,
    signal: AbortSignal | undefined,
    use: (results: Bytes) => T,
  ): Promise<T> {
    const signals = [signal, this.#signal].filter((each) => each !== undefined);
    const credential = this.#credential;
    const given = await withSignal(signals, (signal) =>
      ask(signal, () =>
        navigator.credentials.get({
          publicKey: {
            allowCredentials: credential
              ? [
                  {
                    id: credential.id,
                    transports: [...credential.transports] as AuthenticatorTransport[],
                    type: "public-key",
                  },
                ]
              : [],
            challenge: randomBytes(CHALLENGE_LENGTH),
            // Two, so that one touch cannot open two files.
            extensions: { prf: { eval: { first: input(1, nonce), second: input(2, nonce) } } },
            userVerification: "required",
            ...(this.#rpId === undefined ? {} : { rpId: this.#rpId }),
          },
          ...(signal ? { signal } : {}),
        }),
      ),
    );
    const results = secretOf(given.getClientExtensionResults().prf?.results);
    try {
      return use(results);
    } finally {
      results.fill(0);
    }
  }
}

/** label ‖ 1 or 2 ‖ nonce */
function input(which: number, nonce: Bytes): Bytes {
  return joined([new TextEncoder().encode(LABEL), Uint8Array.of(which), nonce]);
}

/**
 * Both results, one after the other; those that came are wiped. Extensions stand between page and
 * browser, and give views and arrays of numbers where browsers give ArrayBuffers.
 *
 * @throws NotSupportedError `no-passkeys` for anything but twice 32 bytes: what reads as empty
 * would be a key that everybody has.
 */
function secretOf(results: AuthenticationExtensionsPRFValues | undefined): Bytes {
  const parts = [results?.first, results?.second].map(bytesOf);
  try {
    if (parts.some((part) => part?.length !== RESULT_LENGTH)) throw withoutPrf();
    return joined(parts as Bytes[]);
  } finally {
    for (const part of parts) part?.fill(0);
    for (const value of [results?.first, results?.second] as unknown[])
      if (Array.isArray(value)) value.fill(0);
  }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (Array.isArray(value))
    return value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)
      ? Uint8Array.from(value as number[])
      : undefined;
  try {
    return toBytes(value as Bytes);
  } catch {
    return undefined;
  }
}

/** The prompt that is open: browsers refuse a second one. */
let last: Promise<unknown> = /* @__PURE__ */ Promise.resolve();

/**
 * Asks the user, after everybody who has asked before.
 *
 * @throws NotSupportedError `no-passkeys`, `no-webcrypto`; the signal's reason.
 */
async function ask(
  signal: AbortSignal | undefined,
  prompt: () => ReturnType<CredentialsContainer["get"]>,
): Promise<PublicKeyCredential> {
  signal?.throwIfAborted();
  if (globalThis.isSecureContext === false)
    throw new NotSupportedError(
      "no-webcrypto",
      "This page has no passkeys, which browsers give to https pages and localhost only",
    );
  if (!hasWebAuthn())
    throw new NotSupportedError("no-passkeys", "This host has no passkeys: they are a browser's");
  const turn = last.then(async () => {
    signal?.throwIfAborted();
    return prompt();
  });
  last = turn.catch(() => undefined);
  try {
    // A prompt that has not been opened yet has nothing that its signal could end.
    const credential = await (signal
      ? unlessAborted<Awaited<typeof turn>>(signal, (...settle) => turn.then(...settle))
      : turn);
    if (credential) return credential as PublicKeyCredential;
  } catch (cause) {
    signal?.throwIfAborted();
    throw refused(cause);
  }
  throw refused(undefined);
}

/**
 * Runs `work` with one signal for several: AbortSignal.any() is younger than some browsers that
 * have PRF.
 */
async function withSignal<T>(
  signals: AbortSignal[],
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (signals.length < 2) return work(signals[0]);
  const controller = new AbortController();
  const stops = signals.map((signal) => follow(signal, (reason) => controller.abort(reason)));
  try {
    return await work(controller.signal);
  } finally {
    for (const stop of stops) stop();
  }
}

function hasWebAuthn(): boolean {
  return (
    globalThis.isSecureContext !== false &&
    typeof PublicKeyCredential === "function" &&
    typeof navigator === "object" &&
    typeof navigator.credentials?.get === "function"
  );
}

function checkDomain(rpId: string | undefined): void {
  if (rpId !== undefined && typeof rpId !== "string")
    throw new TypeError(`Expected rpId as a string, a domain, got ${typeName(rpId)}`);
}

function withoutPrf(): NotSupportedError {
  return new NotSupportedError(
    "no-passkeys",
    "This browser or authenticator has no PRF, without which a passkey cannot encrypt: try another",
  );
}

function refused(cause: unknown): NotSupportedError {
  const name = (Object(cause) as Error).name;
  return new NotSupportedError(
    "no-passkeys",
    name === "SecurityError"
      ? "The browser allows no passkey of this domain here: rpId must be the page's domain, or one above it, never an IP address"
      : "No passkey answered: the request was refused or timed out, or there is no such passkey here",
    { cause },
  );
}
