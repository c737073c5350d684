/** The native types: X25519, ML-KEM-768 with X25519, and the tagged recipients of hardware keys. */
import { encodeBase64 } from "./base64.js";
import { encode } from "./bech32.js";
import { type Calls, p256, recipients } from "./instance.js";
import { BODY_LENGTH, FILE_KEY_LENGTH, firstThatOpens, parse } from "./stanzas.js";
import type { Identity, Recipient, Stanza } from "../keys/recipient.js";

type Options = { signal?: AbortSignal };

const POINT_LENGTH = 32;
const HYBRID_KEY_LENGTH = 1216;
const EXPANDED_LENGTH = 2464;
const P256_POINT_LENGTH = 65;
const TAG_LENGTH = 4;

/**
 * What a recipient that is safe against a quantum computer says of itself: others beside it would
 * undo that.
 */
export const POSTQUANTUM: readonly string[] = ["postquantum"];

/** A type of recipients. */
export interface Kind {
  /** What its stanzas are called. */
  readonly type: string;
  /** What the module's functions for it begin with. */
  readonly name: string;
  readonly labels: readonly string[];
  /**
   * Bytes of a stanza's arguments: the sender's half of the exchange, after a tag if there is one.
   */
  readonly lengths: readonly number[];
  /** Of hardware keys, which are points of P-256: bytes of an ML-KEM-768 key before the point. */
  readonly lattice?: number;
}

/** A type whose identities are texts too. */
export interface OwnKind extends Kind {
  /** What the module takes as the identity, made of its secret once. */
  readonly expand: (call: Calls, secret: Uint8Array) => Uint8Array[];
}

/** age1…, AGE-SECRET-KEY-1… */
export const X25519: OwnKind = {
  type: "X25519",
  name: "x25519",
  labels: [],
  lengths: [POINT_LENGTH],
  expand: (call, scalar) => [scalar, only(call("x25519Public", [scalar], [POINT_LENGTH]))],
};

/** age1pq1…, AGE-SECRET-KEY-PQ-1… */
export const HYBRID: OwnKind = {
  type: "mlkem768x25519",
  name: "hybrid",
  labels: POSTQUANTUM,
  lengths: [1120],
  expand: (call, seed) => [only(call("hybridExpand", [seed], [EXPANDED_LENGTH]))],
};

/** age1tag1… */
export const TAG: Kind = {
  type: "p256tag",
  name: "tag",
  labels: [],
  lengths: [TAG_LENGTH, P256_POINT_LENGTH],
  lattice: 0,
};

/** age1tagpq1… */
export const HYBRID_TAG: Kind = {
  type: "mlkem768p256tag",
  name: "hybridTag",
  labels: POSTQUANTUM,
  lengths: [TAG_LENGTH, 1153],
  lattice: 1184,
};

export class NativeRecipient implements Recipient {
  readonly labels: readonly string[];
  readonly #kind: Kind;
  readonly #key: Uint8Array;

  constructor(kind: Kind, key: Uint8Array) {
    this.labels = kind.labels;
    this.#kind = kind;
    this.#key = key;
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    const call = await started(options);
    const { type, name, lengths, lattice } = this.#kind;
    const exchange = lattice === undefined ? [] : await exchanged(this.#key.subarray(lattice));
    try {
      const found = call(
        `${name}Wrap`,
        [fileKeyOf(fileKey), this.#key.subarray(0, lattice), ...exchange],
        [...lengths, BODY_LENGTH],
      ) as Uint8Array[];
      const body = found.pop() as Uint8Array;
      return [{ args: [type, ...found.map((part) => encodeBase64(part))], body }];
    } finally {
      // The one secret of an exchange.
      exchange[2]?.fill(0);
    }
  }
}

/** An exchange on P-256: the recipient's point, the sender's, and the shared secret. */
async function exchanged(point: Uint8Array): Promise<Uint8Array[]> {
  const call = await p256.ready();
  const lengths = [P256_POINT_LENGTH, P256_POINT_LENGTH, POINT_LENGTH];
  return call("p256Exchange", [point], lengths) as Uint8Array[];
}

export class NativeIdentity implements Identity {
  readonly #kind: OwnKind;
  readonly #secret: Uint8Array;
  /** Kept: for the hybrid it takes as long to make as an exchange. */
  #expanded: Uint8Array[] | undefined;

  constructor(kind: OwnKind, secret: Uint8Array) {
    this.#kind = kind;
    this.#secret = secret;
  }

  async unwrapFileKey(stanzas: Stanza[], options?: Options): Promise<Uint8Array | null> {
    const call = await started(options);
    const { type, name, lengths, expand } = this.#kind;
    return firstThatOpens(stanzas, type, options?.signal, (stanza) => {
      const { values, body } = parse(stanza, lengths, BODY_LENGTH);
      const own = (this.#expanded ??= expand(call, this.#secret));
      return opened(call(`${name}Unwrap`, [...own, ...values, body], [FILE_KEY_LENGTH]));
    });
  }
}

/** The recipient of a private key, as text. */
export async function publicText(prefix: string, secret: Uint8Array): Promise<string> {
  const call = await recipients.ready();
  return prefix === "age-secret-key-pq-"
    ? encode("age1pq", only(call("hybridPublic", [secret], [HYBRID_KEY_LENGTH])))
    : encode("age", only(call("x25519Public", [secret], [POINT_LENGTH])));
}

/**
 * Whether these 1,184 bytes are an ML-KEM-768 key: 768 coefficients of 12 bits each, below 3,329.
 * FIPS 203, 7.2.
 */
export function isLatticeKey(key: Uint8Array): boolean {
  for (let i = 0; i < 1152; i += 3) {
    const middle = key[i + 1] as number;
    const low = (key[i] as number) | ((middle & 15) << 8);
    const high = (middle >> 4) | ((key[i + 2] as number) << 4);
    if (low >= 3329 || high >= 3329) return false;
  }
  return true;
}

export async function started(options: Options | undefined): ReturnType<typeof recipients.ready> {
  options?.signal?.throwIfAborted();
  const call = await recipients.ready();
  options?.signal?.throwIfAborted();
  return call;
}

/** @throws TypeError for what is no file key: the module takes what it is given. */
export function fileKeyOf(fileKey: Uint8Array): Uint8Array {
  if (!(fileKey instanceof Uint8Array) || fileKey.length !== FILE_KEY_LENGTH)
    throw new TypeError("Expected the file key as a Uint8Array of 16 bytes");
  return fileKey;
}

/** The one result of a call that always gives one. */
export function only(results: Uint8Array[] | null): Uint8Array {
  return (results as Uint8Array[])[0] as Uint8Array;
}

/** The file key, or null where the stanza is for somebody else. */
export function opened(results: Uint8Array[] | null): Uint8Array | null {
  return results && only(results);
}
