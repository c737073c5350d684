/**
 * Every secret of a file, derived apart from the package: Node's scrypt, and HKDF and
 * ChaCha20-Poly1305 of the noble packages.
 */
import { scryptSync } from "node:crypto";
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { chacha20, chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

const LABEL = "age-encryption.org/v1/scrypt";

export function secretsOf(file, passphrase) {
  const text = Buffer.from(file).toString("latin1");
  const [head, salt64, logN, body64] = /^[^\n]+\n-> scrypt (\S+) (\d+)\n(\S+)\n--- \S+\n/.exec(
    text,
  );
  const salt = Buffer.from(salt64, "base64");
  const wrapKey = wrapKeyOf(passphrase, salt, Number(logN));
  const fileKey = Buffer.from(
    chacha20poly1305(wrapKey, new Uint8Array(12)).decrypt(Buffer.from(body64, "base64")),
  );
  const nonce = file.subarray(head.length, head.length + 16);
  const macKey = Buffer.from(hkdf(sha256, fileKey, undefined, Buffer.from("header"), 32));
  return {
    wrapKey,
    fileKey,
    macKey,
    payloadKey: Buffer.from(hkdf(sha256, fileKey, nonce, Buffer.from("payload"), 32)),
  };
}

export function wrapKeyOf(passphrase, salt, logN) {
  return scryptSync(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, {
    N: 2 ** logN,
    r: 8,
    p: 1,
    maxmem: 2 ** 31,
  });
}

/** The tag that a chunk has under its key. */
export function tagOf(tagKey, ciphertext) {
  const lengths = Buffer.alloc(16);
  lengths.writeBigUInt64LE(BigInt(ciphertext.length), 8);
  return Buffer.from(
    poly1305(Buffer.concat([ciphertext, Buffer.alloc(-ciphertext.length & 15), lengths]), tagKey),
  );
}

/** The Poly1305 key of a chunk: whoever has it can forge that chunk. */
export function oneTimeKey(payloadKey, index, final) {
  return keystream(payloadKey, index, final, 32);
}

/**
 * What sealing or opening a chunk works with, in every shape that it has in memory while it does.
 */
export function workings(payloadKey, index, final) {
  const stream = keystream(payloadKey, index, final, 192);
  const [r, pad] = [Buffer.from(stream.subarray(0, 16)), stream.subarray(16, 32)];
  for (const at of [3, 7, 11, 15]) r[at] &= 15;
  for (const at of [4, 8, 12]) r[at] &= 252;
  return {
    tagKey: stream.subarray(0, 32),
    "r in limbs": limbs(r),
    "pad in limbs": limbs(pad),
    "keystream at 64": stream.subarray(64, 96),
    "keystream at 160": stream.subarray(160),
  };
}

/** Words of 32 bits, each in 64. */
function limbs(bytes) {
  const wide = Buffer.alloc(2 * bytes.length);
  for (let at = 0; at < bytes.length; at += 4) wide.writeUInt32LE(bytes.readUInt32LE(at), 2 * at);
  return wide;
}

function keystream(payloadKey, index, final, length) {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce[11] = final ? 1 : 0;
  return Buffer.from(chacha20(payloadKey, nonce, new Uint8Array(length)));
}
