/**
 * The other side of each exchange, from the noble packages: the protocol around them is written
 * down here once more, from the specification.
 */
import assert from "node:assert/strict";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { expand, extract, hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { MLKEM768P256, XWing } from "@noble/post-quantum/hybrid.js";
import { bech32 } from "@scure/base";

const base64 = (bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");
const fromBase64 = (text) => new Uint8Array(Buffer.from(text, "base64"));
const utf8 = (text) => new TextEncoder().encode(text);
const joined = (...parts) => new Uint8Array(Buffer.concat(parts));
const key = (prefix, bytes) => bech32.encode(prefix, bech32.toWords(bytes), false);
const ONCE = new Uint8Array(12);

/** HPKE in base mode for one message: RFC 9180. */
function schedule(kem, shared, info) {
  const suite = joined(utf8("HPKE"), Uint8Array.of(kem >> 8, kem & 255, 0, 1, 0, 3));
  const labeledExtract = (salt, label, ikm) =>
    extract(sha256, joined(utf8("HPKE-v1"), suite, utf8(label), ikm), salt);
  const none = new Uint8Array();
  const context = joined(
    Uint8Array.of(0),
    labeledExtract(none, "psk_id_hash", none),
    labeledExtract(none, "info_hash", utf8(info)),
  );
  const secret = labeledExtract(shared, "secret", none);
  const labeledExpand = (label, length) =>
    expand(
      sha256,
      secret,
      joined(Uint8Array.of(0, length), utf8("HPKE-v1"), suite, utf8(label), context),
      length,
    );
  return chacha20poly1305(labeledExpand("key", 32), labeledExpand("base_nonce", 12));
}

function x25519Cipher(shared, share, point) {
  const info = "age-encryption.org/v1/X25519";
  return chacha20poly1305(hkdf(sha256, shared, joined(share, point), utf8(info), 32), ONCE);
}

/**
 * Each: a pair of keys as text, and the other side's half of a stanza, both ways. `random` is
 * `seeded()`'s.
 */
export const KINDS = {
  X25519: (random) => {
    const secret = random.bytes(32);
    const point = x25519.getPublicKey(secret);
    return {
      identity: key("age-secret-key-", secret).toUpperCase(),
      recipient: key("age", point),
      unwrap: ([, share], body) => {
        const bytes = fromBase64(share);
        return x25519Cipher(x25519.getSharedSecret(secret, bytes), bytes, point).decrypt(body);
      },
      wrap: (fileKey) => {
        const ephemeral = random.bytes(32);
        const share = x25519.getPublicKey(ephemeral);
        const shared = x25519.getSharedSecret(ephemeral, point);
        return {
          args: ["X25519", base64(share)],
          body: x25519Cipher(shared, share, point).encrypt(fileKey),
        };
      },
    };
  },
  mlkem768x25519: (random) => {
    const seed = random.bytes(32);
    const { publicKey, secretKey } = XWing.keygen(seed);
    const cipher = (shared) => schedule(0x647a, shared, "age-encryption.org/mlkem768x25519");
    return {
      identity: key("age-secret-key-pq-", seed).toUpperCase(),
      recipient: key("age1pq", publicKey),
      unwrap: ([, enc], body) =>
        cipher(XWing.decapsulate(fromBase64(enc), secretKey)).decrypt(body),
      wrap: (fileKey) => {
        const { cipherText, sharedSecret } = XWing.encapsulate(publicKey);
        return {
          args: ["mlkem768x25519", base64(cipherText)],
          body: cipher(sharedSecret).encrypt(fileKey),
        };
      },
    };
  },
  p256tag: () => {
    const secret = p256.utils.randomSecretKey();
    const compressed = p256.getPublicKey(secret, true);
    return {
      recipient: key("age1tag", compressed),
      unwrap: ([, tag, share], body) => {
        const enc = fromBase64(share);
        const info = "age-encryption.org/p256tag";
        assert.equal(tag, tagOf(info, enc, compressed));
        const suite = joined(utf8("KEM"), Uint8Array.of(0, 16));
        const x = p256.getSharedSecret(secret, enc).subarray(1);
        const prk = extract(sha256, joined(utf8("HPKE-v1"), suite, utf8("eae_prk"), x));
        const context = joined(enc, p256.getPublicKey(secret, false));
        const shared = expand(
          sha256,
          prk,
          joined(Uint8Array.of(0, 32), utf8("HPKE-v1"), suite, utf8("shared_secret"), context),
          32,
        );
        return schedule(16, shared, info).decrypt(body);
      },
    };
  },
  mlkem768p256tag: (random) => {
    const { publicKey, secretKey } = MLKEM768P256.keygen(random.bytes(32));
    return {
      recipient: key("age1tagpq", publicKey),
      unwrap: ([, tag, text], body) => {
        const enc = fromBase64(text);
        const info = "age-encryption.org/mlkem768p256tag";
        assert.equal(tag, tagOf(info, enc, publicKey.subarray(1184)));
        return schedule(0x50, MLKEM768P256.decapsulate(enc, secretKey), info).decrypt(body);
      },
    };
  },
};

/** What names a hardware key in its stanza. */
function tagOf(label, enc, point) {
  const named = extract(sha256, joined(enc, sha256(point).subarray(0, 4)), utf8(label));
  return base64(named.subarray(0, 4));
}
