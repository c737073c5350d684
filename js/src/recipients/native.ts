/** The native types: X25519, ML-KEM-768 with X25519, and the tagged recipients of hardware keys. */
import { encodeBase64 } from "./base64.js";
import { encode } from "./bech32.js";
import { p256, recipients } from "./instance.js";
import { BODY_LENGTH, FILE_KEY_LENGTH, firstThatOpens, parse } from "./stanzas.js";
import type { Identity, Recipient, Stanza } from "../keys/recipient.js";

type Options = { signal?: AbortSignal };

const X25519 = "X25519";
const HYBRID = "mlkem768x25519";
const POINT_LENGTH = 32;
const HYBRID_KEY_LENGTH = 1216;
const ENCAPSULATED_LENGTH = 1120;
const LATTICE_KEY_LENGTH = 1184;
const P256_POINT_LENGTH = 65;
const HYBRID_TAG_ENCAPSULATED_LENGTH = 1153;
const TAG_LENGTH = 4;

/** What a recipient that is safe against a quantum computer says of itself: others beside it would undo that. */
export const POSTQUANTUM: readonly string[] = ["postquantum"];

/** age1… */
export class X25519Recipient implements Recipient {
  readonly labels: readonly string[] = [];
  readonly #point: Uint8Array;

  constructor(point: Uint8Array) {
    this.#point = point;
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    const call = await started(options);
    const [share, body] = call(
      "x25519Wrap",
      [fileKeyOf(fileKey), this.#point],
      [POINT_LENGTH, BODY_LENGTH],
    ) as [Uint8Array, Uint8Array];
    return [{ args: [X25519, encodeBase64(share)], body }];
  }
}

/** AGE-SECRET-KEY-1… */
export class X25519Identity implements Identity {
  readonly #scalar: Uint8Array;
  #point: Uint8Array | undefined;

  constructor(scalar: Uint8Array) {
    this.#scalar = scalar;
  }

  async unwrapFileKey(stanzas: Stanza[], options?: Options): Promise<Uint8Array | null> {
    const call = await started(options);
    const point = (this.#point ??= only(call("x25519Public", [this.#scalar], [POINT_LENGTH])));
    return firstThatOpens(stanzas, X25519, options?.signal, (stanza) => {
      const { values, body } = parse(stanza, [POINT_LENGTH], BODY_LENGTH);
      return opened(
        call("x25519Unwrap", [this.#scalar, point, ...values, body], [FILE_KEY_LENGTH]),
      );
    });
  }
}

/** age1pq1… */
export class HybridRecipient implements Recipient {
  readonly labels = POSTQUANTUM;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    const call = await started(options);
    const [enc, body] = call(
      "hybridWrap",
      [fileKeyOf(fileKey), this.#key],
      [ENCAPSULATED_LENGTH, BODY_LENGTH],
    ) as [Uint8Array, Uint8Array];
    return [{ args: [HYBRID, encodeBase64(enc)], body }];
  }
}

/** AGE-SECRET-KEY-PQ-1… */
export class HybridIdentity implements Identity {
  readonly #seed: Uint8Array;

  constructor(seed: Uint8Array) {
    this.#seed = seed;
  }

  async unwrapFileKey(stanzas: Stanza[], options?: Options): Promise<Uint8Array | null> {
    const call = await started(options);
    return firstThatOpens(stanzas, HYBRID, options?.signal, (stanza) => {
      const { values, body } = parse(stanza, [ENCAPSULATED_LENGTH], BODY_LENGTH);
      return opened(call("hybridUnwrap", [this.#seed, ...values, body], [FILE_KEY_LENGTH]));
    });
  }
}

/** age1tag1… */
export class TagRecipient implements Recipient {
  readonly labels: readonly string[] = [];
  readonly #point: Uint8Array;

  constructor(point: Uint8Array) {
    this.#point = point;
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    const call = await started(options);
    return exchanged(this.#point, ([recipient, share, shared]) => {
      const [tag, body] = call(
        "tagWrap",
        [fileKeyOf(fileKey), recipient, share, shared],
        [TAG_LENGTH, BODY_LENGTH],
      ) as [Uint8Array, Uint8Array];
      return [{ args: ["p256tag", encodeBase64(tag), encodeBase64(share)], body }];
    });
  }
}

/** age1tagpq1… */
export class HybridTagRecipient implements Recipient {
  readonly labels = POSTQUANTUM;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  async wrapFileKey(fileKey: Uint8Array, options?: Options): Promise<Stanza[]> {
    const call = await started(options);
    const lattice = this.#key.subarray(0, LATTICE_KEY_LENGTH);
    return exchanged(this.#key.subarray(LATTICE_KEY_LENGTH), ([recipient, share, shared]) => {
      const [tag, enc, body] = call(
        "hybridTagWrap",
        [fileKeyOf(fileKey), lattice, recipient, share, shared],
        [TAG_LENGTH, HYBRID_TAG_ENCAPSULATED_LENGTH, BODY_LENGTH],
      ) as [Uint8Array, Uint8Array, Uint8Array];
      return [{ args: ["mlkem768p256tag", encodeBase64(tag), encodeBase64(enc)], body }];
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

/** Whether these 1,184 bytes are an ML-KEM-768 key: 768 coefficients of 12 bits each, below 3,329. FIPS 203, 7.2. */
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

/** One exchange on P-256, whose secret is wiped. */
async function exchanged(
  point: Uint8Array,
  use: (exchange: [Uint8Array, Uint8Array, Uint8Array]) => Stanza[],
): Promise<Stanza[]> {
  const call = await p256.ready();
  const exchange = call(
    "p256Exchange",
    [point],
    [P256_POINT_LENGTH, P256_POINT_LENGTH, POINT_LENGTH],
  ) as [Uint8Array, Uint8Array, Uint8Array];
  try {
    return use(exchange);
  } finally {
    exchange[2].fill(0);
  }
}
