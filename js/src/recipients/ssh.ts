/** SSH keys as recipients and identities, as age and rage take them. */
import { NotSupportedError } from "../index.js";
import { encodeBase64 } from "./base64.js";
import { fromMontgomery } from "./edwards.js";
import { malformed, p256 } from "./instance.js";
import { fileKeyOf, only, opened, started } from "./native.js";
import { BODY_LENGTH, FILE_KEY_LENGTH, firstThatOpens, hasAny, parse } from "./stanzas.js";
import type { Identity, Recipient, Stanza } from "../keys/recipient.js";
import { Tagged } from "../keys/tagged.js";

type Options = { signal?: AbortSignal };

const ED25519 = "ssh-ed25519";
const RSA = "ssh-rsa";
const OAEP = { name: "RSA-OAEP", hash: "SHA-256" };
const OAEP_LABEL = new TextEncoder().encode("age-encryption.org/v1/ssh-rsa");
const KEY_LENGTH = 32;
const TAG_LENGTH = 4;

/** "ssh-ed25519 AAAA…" */
export class SshEd25519Recipient extends Tagged implements Recipient {
  readonly labels: readonly string[] = [];
  readonly #key: Uint8Array;
  readonly #point: Uint8Array;

  constructor(key: Uint8Array, point: Uint8Array) {
    super();
    this.#key = key;
    this.#point = point;
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    const call = await started(options);
    const tag = only(call("sshFingerprint", [this.#key], [TAG_LENGTH]));
    const [share, body] = call(
      "sshWrap",
      [fileKeyOf(fileKey), this.#key, this.#point],
      [KEY_LENGTH, BODY_LENGTH],
    ) as [Uint8Array, Uint8Array];
    return [{ args: [ED25519, encodeBase64(tag), encodeBase64(share)], body }];
  }
}

/**
 * An Ed25519 private key. Where its file has no public key, that is known but for a sign, and
 * stanzas for either are tried.
 */
export class SshEd25519Identity extends Tagged implements Identity {
  readonly #seed: Uint8Array;
  /** Made of the seed once, by the module that has SHA-512. */
  #scalar: Uint8Array | undefined;
  #keys: readonly Uint8Array[];

  constructor(seed: Uint8Array, key?: Uint8Array) {
    super();
    this.#seed = seed;
    this.#keys = key ? [key] : [];
  }

  async unwrapFileKey(stanzas: Stanza[], options?: Options): Promise<Uint8Array | null> {
    if (!hasAny(stanzas, ED25519)) return null;
    const call = await started(options);
    const scalar = (this.#scalar ??= only(
      (await p256.ready())("sshScalar", [this.#seed], [KEY_LENGTH]),
    ));
    if (this.#keys.length === 0)
      this.#keys = fromMontgomery(only(call("x25519Public", [scalar], [KEY_LENGTH])));
    const tags = this.#keys.map((key) =>
      encodeBase64(only(call("sshFingerprint", [key], [TAG_LENGTH]))),
    );
    return firstThatOpens(stanzas, ED25519, options?.signal, (stanza) => {
      const { values, body } = parse(stanza, [TAG_LENGTH, KEY_LENGTH], BODY_LENGTH);
      const key = this.#keys[tags.indexOf(stanza.args[1] as string)];
      if (!key) return null;
      const share = values[1] as Uint8Array;
      const fileKey = opened(call("sshUnwrap", [scalar, key, share, body], [FILE_KEY_LENGTH]));
      // It names this very key: what does not open was changed.
      if (!fileKey) throw malformed(`the body of ${ED25519} does not open with the key it names`);
      return fileKey;
    });
  }
}

/** "ssh-rsa AAAA…", through the host's own RSA. */
export class SshRsaRecipient extends Tagged implements Recipient {
  readonly labels: readonly string[] = [];
  readonly #wire: Uint8Array<ArrayBuffer>;
  readonly #key: JsonWebKey;

  constructor(wire: Uint8Array<ArrayBuffer>, key: JsonWebKey) {
    super();
    this.#wire = wire;
    this.#key = key;
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    options?.signal?.throwIfAborted();
    const subtle = webCrypto();
    const copy = fileKeyOf(fileKey).slice();
    try {
      const tag = await rsaFingerprint(subtle, this.#wire);
      const key = await subtle.importKey("jwk", this.#key, OAEP, false, ["encrypt"]);
      const body = await subtle.encrypt({ ...OAEP, label: OAEP_LABEL }, key, copy);
      options?.signal?.throwIfAborted();
      return [{ args: [RSA, tag], body: new Uint8Array(body) }];
    } finally {
      copy.fill(0);
    }
  }
}

/** An RSA private key, which the host keeps. */
export class SshRsaIdentity extends Tagged implements Identity {
  readonly #tag: string;
  readonly #key: CryptoKey;
  readonly #length: number;

  constructor(tag: string, key: CryptoKey, length: number) {
    super();
    this.#tag = tag;
    this.#key = key;
    this.#length = length;
  }

  async unwrapFileKey(stanzas: Stanza[], options?: Options): Promise<Uint8Array | null> {
    options?.signal?.throwIfAborted();
    const subtle = webCrypto();
    return firstThatOpens(stanzas, RSA, options?.signal, async (stanza) => {
      parse(stanza, [TAG_LENGTH]);
      if (stanza.args[1] !== this.#tag) return null;
      const fileKey = await subtle
        .decrypt({ ...OAEP, label: OAEP_LABEL }, this.#key, stanza.body as BufferSource)
        .then(
          (bytes) => new Uint8Array(bytes),
          () => undefined,
        );
      if (stanza.body.length !== this.#length || fileKey?.length !== FILE_KEY_LENGTH) {
        fileKey?.fill(0);
        throw malformed(`the body of ${RSA} does not open with the key it names`);
      }
      return fileKey;
    });
  }
}

/** @param privateKey - with all of RSA's numbers, as RFC 7518 has them. */
export async function rsaIdentity(
  privateKey: JsonWebKey,
  wire: Uint8Array<ArrayBuffer>,
  length: number,
): Promise<Identity> {
  const subtle = webCrypto();
  const key = await subtle.importKey("jwk", privateKey, OAEP, false, ["decrypt"]);
  return new SshRsaIdentity(await rsaFingerprint(subtle, wire), key, length);
}

async function rsaFingerprint(
  subtle: SubtleCrypto,
  wire: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const hash = new Uint8Array(await subtle.digest("SHA-256", wire));
  return encodeBase64(hash.subarray(0, TAG_LENGTH));
}

/** @throws NotSupportedError `no-webcrypto` */
export function webCrypto(): SubtleCrypto {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (!subtle)
    throw new NotSupportedError(
      "no-webcrypto",
      "This page has no Web Cryptography, which browsers give to https pages and localhost only",
    );
  return subtle;
}
