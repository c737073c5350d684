/** An X25519 key that the host keeps: the exchange is the host's, the rest is ours. */
import { InvalidKeyError } from "../index.js";
import { malformed } from "./instance.js";
import { opened, started } from "./native.js";
import { webCrypto } from "./ssh.js";
import { BODY_LENGTH, FILE_KEY_LENGTH, firstThatOpens, parse } from "./stanzas.js";
import type { Identity, Stanza } from "../keys/recipient.js";
import { Tagged } from "../keys/tagged.js";

const POINT_LENGTH = 32;
const X25519 = "X25519";
/** The base point: u = 9. */
const BASE = Uint8Array.from({ length: POINT_LENGTH }, (_, i) => (i === 0 ? 9 : 0));

export class CryptoKeyIdentity extends Tagged implements Identity {
  readonly #key: CryptoKey;
  readonly #point: Uint8Array;

  private constructor(key: CryptoKey, point: Uint8Array) {
    super();
    this.#key = key;
    this.#point = point;
  }

  static async from(key: object): Promise<Identity> {
    const { type, algorithm, usages } = key as CryptoKey;
    if (type !== "private" || algorithm?.name !== X25519 || !usages?.includes("deriveBits"))
      throw new InvalidKeyError(
        "invalid-identity",
        "Expected a private CryptoKey of algorithm X25519 with the usage deriveBits",
      );
    // The host tells nobody the public key of a private one: it is what comes of the base point.
    return new CryptoKeyIdentity(key as CryptoKey, await exchange(key as CryptoKey, BASE));
  }

  async unwrapFileKey(
    stanzas: Stanza[],
    options?: { signal?: AbortSignal },
  ): Promise<Uint8Array | null> {
    const call = await started(options);
    return firstThatOpens(stanzas, X25519, options?.signal, async (stanza) => {
      const { values, body } = parse(stanza, [POINT_LENGTH], BODY_LENGTH);
      const share = values[0] as Uint8Array<ArrayBuffer>;
      // Hosts refuse points of low order by themselves, each with an error of its own.
      const shared = await exchange(this.#key, share).catch(() => {
        throw malformed("its share is a point of low order");
      });
      try {
        return opened(
          call("x25519UnwrapShared", [shared, this.#point, share, body], [FILE_KEY_LENGTH]),
        );
      } finally {
        shared.fill(0);
      }
    });
  }
}

async function exchange(key: CryptoKey, point: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const subtle = webCrypto();
  const other = await subtle.importKey("raw", point, X25519, false, []);
  return new Uint8Array(await subtle.deriveBits({ name: X25519, public: other }, key, 256));
}
