/** The native types: X25519, ML-KEM-768 with X25519, and the tagged recipients of hardware keys. */
import { lengthOf } from "../bytes.js";
import { encodeBase64 } from "./base64.js";
import { encode } from "./bech32.js";
import { type Calls, hybrid, type KeyModule, p256, recipients } from "./instance.js";
import { BODY_LENGTH, FILE_KEY_LENGTH, firstThatOpens, hasAny, parse } from "./stanzas.js";
import type { Identity, Recipient, Stanza } from "../keys/recipient.js";
import { Tagged } from "../keys/tagged.js";

type Options = { signal?: AbortSignal };

const POINT_LENGTH = 32;
const SHARED_LENGTH = 32;
const LATTICE_KEY_LENGTH = 1184;
const HYBRID_KEY_LENGTH = 1216;
const HYBRID_ENCAPSULATED_LENGTH = 1120;
const EXPANDED_LENGTH = 2464;
const P256_POINT_LENGTH = 65;
const HYBRID_TAG_ENCAPSULATED_LENGTH = 1153;
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
  readonly labels: readonly string[];
  /**
   * Of a wrapped file key: the stanza's arguments behind the type, one after the other, and its
   * body.
   */
  readonly wrap: Wrap;
}

/** @param call - of the module that has the ciphers. Others are loaded for the types they serve. */
type Wrap = (
  call: Calls,
  fileKey: Uint8Array,
  key: Uint8Array,
  options: Options | undefined,
) => Uint8Array[] | Promise<Uint8Array[]>;

/** A type whose identities are texts too. */
export interface OwnKind extends Kind {
  /** Bytes of a stanza's arguments. */
  readonly lengths: readonly number[];
  /** Which module has what the identity does. */
  readonly module: KeyModule;
  /** What that module takes as the identity, made of its secret once. */
  readonly expand: (own: Calls, secret: Uint8Array) => Uint8Array[];
  /** The file key of a stanza, or null where it does not open. */
  readonly unwrap: (
    call: Calls,
    own: Calls,
    identity: Uint8Array[],
    values: Uint8Array[],
    body: Uint8Array,
  ) => Uint8Array | null;
}

/** age1…, AGE-SECRET-KEY-1… */
export const X25519: OwnKind = {
  type: "X25519",
  labels: [],
  lengths: [POINT_LENGTH],
  module: recipients,
  wrap: (call, fileKey, key) =>
    all(call("x25519Wrap", [fileKey, key], [POINT_LENGTH, BODY_LENGTH])),
  expand: (own, scalar) => [scalar, only(own("x25519Public", [scalar], [POINT_LENGTH]))],
  unwrap: (call, _own, identity, values, body) =>
    opened(call("x25519Unwrap", [...identity, ...values, body], [FILE_KEY_LENGTH])),
};

/** age1pq1…, AGE-SECRET-KEY-PQ-1… */
export const HYBRID: OwnKind = {
  type: "mlkem768x25519",
  labels: POSTQUANTUM,
  lengths: [HYBRID_ENCAPSULATED_LENGTH],
  module: hybrid,
  async wrap(call, fileKey, key, options) {
    const kem = await started(options, hybrid);
    const lengths = [HYBRID_ENCAPSULATED_LENGTH, SHARED_LENGTH];
    const [enc, shared] = all(kem("hybridEncapsulate", [key], lengths)) as Pair;
    return wiping(shared, () => [
      enc,
      ...all(call("hybridSeal", [fileKey, shared], [BODY_LENGTH])),
    ]);
  },
  expand: (own, seed) => [only(own("hybridExpand", [seed], [EXPANDED_LENGTH]))],
  unwrap(call, own, identity, values, body) {
    const shared = only(own("hybridDecapsulate", [...identity, ...values], [SHARED_LENGTH]));
    return wiping(shared, () => opened(call("hybridOpen", [shared, body], [FILE_KEY_LENGTH])));
  },
};

/** age1tag1… */
export const TAG: Kind = {
  type: "p256tag",
  labels: [],
  async wrap(call, fileKey, key, options) {
    const exchange = await exchanged(key, options);
    return wiping(exchange[2], () =>
      all(call("tagWrap", [fileKey, ...exchange], [TAG_LENGTH, P256_POINT_LENGTH, BODY_LENGTH])),
    );
  },
};

/** age1tagpq1… */
export const HYBRID_TAG: Kind = {
  type: "mlkem768p256tag",
  labels: POSTQUANTUM,
  async wrap(call, fileKey, key, options) {
    const kem = await started(options, hybrid);
    const lattice = key.subarray(0, LATTICE_KEY_LENGTH);
    const exchange = await exchanged(key.subarray(LATTICE_KEY_LENGTH), options);
    const lengths = [HYBRID_TAG_ENCAPSULATED_LENGTH, SHARED_LENGTH];
    const [enc, shared] = wiping(
      exchange[2],
      () => all(kem("hybridTagEncapsulate", [lattice, ...exchange], lengths)) as Pair,
    );
    return wiping(shared, () => {
      const parts = [fileKey, enc, exchange[0], shared];
      const [tag, body] = all(call("hybridTagSeal", parts, [TAG_LENGTH, BODY_LENGTH])) as Pair;
      return [tag, enc, body];
    });
  },
};

type Pair = [Uint8Array, Uint8Array];

/** An exchange on P-256: the recipient's point, the sender's, and the shared secret. */
async function exchanged(
  point: Uint8Array,
  options: Options | undefined,
): Promise<[Uint8Array, Uint8Array, Uint8Array]> {
  const call = await started(options, p256);
  const lengths = [P256_POINT_LENGTH, P256_POINT_LENGTH, SHARED_LENGTH];
  return all(call("p256Exchange", [point], lengths)) as [Uint8Array, Uint8Array, Uint8Array];
}

/** Uses a secret on its way from one module to another. */
function wiping<T>(secret: Uint8Array, use: () => T): T {
  try {
    return use();
  } finally {
    secret.fill(0);
  }
}

export class NativeRecipient extends Tagged implements Recipient {
  readonly labels: readonly string[];
  readonly #kind: Kind;
  readonly #key: Uint8Array;

  constructor(kind: Kind, key: Uint8Array) {
    super();
    this.labels = kind.labels;
    this.#kind = kind;
    this.#key = key;
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    const call = await started(options);
    const found = await this.#kind.wrap(call, fileKeyOf(fileKey), this.#key, options);
    const body = found.pop() as Uint8Array;
    return [{ args: [this.#kind.type, ...found.map((part) => encodeBase64(part))], body }];
  }
}

export class NativeIdentity extends Tagged implements Identity {
  readonly #kind: OwnKind;
  readonly #secret: Uint8Array;
  /** Kept: for the hybrid it takes as long to make as an exchange. */
  #expanded: Uint8Array[] | undefined;

  constructor(kind: OwnKind, secret: Uint8Array) {
    super();
    this.#kind = kind;
    this.#secret = secret;
  }

  async unwrapFileKey(stanzas: Stanza[], options?: Options): Promise<Uint8Array | null> {
    options?.signal?.throwIfAborted();
    const { type, module, lengths, expand, unwrap } = this.#kind;
    if (!hasAny(stanzas, type)) return null;
    const call = await started(options);
    const own = await started(options, module);
    return firstThatOpens(stanzas, type, options?.signal, (stanza) => {
      const { values, body } = parse(stanza, lengths, BODY_LENGTH);
      const identity = (this.#expanded ??= expand(own, this.#secret));
      return unwrap(call, own, identity, values, body);
    });
  }
}

/** The recipient of a private key, as text. */
export async function publicText(prefix: string, secret: Uint8Array): Promise<string> {
  const isHybrid = prefix === "age-secret-key-pq-";
  const call = await (isHybrid ? hybrid : recipients).ready();
  return isHybrid
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

export async function started(
  options: Options | undefined,
  module: KeyModule = recipients,
): Promise<Calls> {
  options?.signal?.throwIfAborted();
  const call = await module.ready();
  options?.signal?.throwIfAborted();
  return call;
}

/** @throws TypeError for what is no file key: the module takes what it is given. */
export function fileKeyOf(fileKey: Uint8Array): Uint8Array {
  if (!(fileKey instanceof Uint8Array) || lengthOf.call(fileKey) !== FILE_KEY_LENGTH)
    throw new TypeError("Expected the file key as a Uint8Array of 16 bytes");
  return fileKey;
}

/** The results of a call that always gives some. */
function all(results: Uint8Array[] | null): Uint8Array[] {
  return results as Uint8Array[];
}

/** The one result of a call that always gives one. */
export function only(results: Uint8Array[] | null): Uint8Array {
  return all(results)[0] as Uint8Array;
}

/** The file key, or null where the stanza is for somebody else. */
export function opened(results: Uint8Array[] | null): Uint8Array | null {
  return results && only(results);
}
