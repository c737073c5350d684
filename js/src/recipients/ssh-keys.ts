/**
 * The texts of SSH keys: public ones as in authorized_keys, and unencrypted private ones in
 * OpenSSH's, PKCS #8's and PKCS #1's form.
 */
import { InvalidKeyError } from "../index.js";
import { base64ToBytes } from "../engine/host.js";
import { toMontgomery } from "./edwards.js";
import { SshEd25519Identity, SshEd25519Recipient, SshRsaRecipient, rsaIdentity } from "./ssh.js";
import type { Identity, Recipient } from "../keys/recipient.js";

/** Bits: shorter ones can be factored, and age refuses them. */
const SHORTEST_RSA = 2048;
/** Bits: where hosts' own RSA ends. */
const LONGEST_RSA = 16_384;
const KEY_LENGTH = 32;

/** @throws InvalidKeyError `invalid-recipient` */
export function sshRecipient(text: string): Recipient {
  const [type, base64] = text.trim().split(/\s+/);
  const refused = (): InvalidKeyError =>
    new InvalidKeyError("invalid-recipient", `This is no valid ${type} public key`);
  const wire = base64 === undefined ? undefined : strictBase64(base64);
  const reader = wire && new Reader(wire);
  if (!wire || !reader || ascii(reader.string()) !== type) throw refused();
  if (type === "ssh-ed25519") {
    const key = reader.string();
    const point = key?.length === KEY_LENGTH && reader.isAtEnd() ? toMontgomery(key) : undefined;
    if (!key || !point) throw refused();
    return new SshEd25519Recipient(key, point);
  }
  const [e, n] = [reader.integer(), reader.integer()];
  if (!e || !n || !reader.isAtEnd()) throw refused();
  checkRsa("invalid-recipient", n);
  return new SshRsaRecipient(wire, { kty: "RSA", e: base64Url(e), n: base64Url(n) });
}

/** @throws InvalidKeyError `invalid-identity`, with no text of the key. */
export async function sshPrivateKey(text: string): Promise<Identity> {
  const match =
    /^\s*-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\s]*?)\r?\n?-----END \1-----\s*$/.exec(
      text,
    );
  const der = match && strictBase64((match[2] as string).replace(/\s+/g, ""));
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type:.*ENCRYPTED/m.test(text)) throw encrypted();
  if (!match || !der) throw refused();
  try {
    switch (match[1]) {
      case "OPENSSH PRIVATE KEY":
        return await openSsh(der);
      case "PRIVATE KEY":
        return await pkcs8(der);
      case "RSA PRIVATE KEY":
        return await pkcs1(new Reader(der, "der"));
      default:
        throw new InvalidKeyError(
          "invalid-identity",
          "Of private keys in PEM, Ed25519 and RSA can be used here, and this is neither",
        );
    }
  } finally {
    der.fill(0);
  }
}

/** PROTOCOL.key of OpenSSH. */
async function openSsh(bytes: Uint8Array<ArrayBuffer>): Promise<Identity> {
  const MAGIC = "openssh-key-v1\0";
  if (ascii(bytes.subarray(0, MAGIC.length)) !== MAGIC) throw refused();
  const outer = new Reader(bytes.subarray(MAGIC.length));
  const cipher = ascii(outer.string());
  const kdf = ascii(outer.string());
  outer.string();
  if (cipher === undefined || kdf === undefined) throw refused();
  if (cipher !== "none" || kdf !== "none") throw encrypted();
  if (outer.uint32() !== 1) throw refused();
  const wire = outer.string()?.slice();
  const inside = outer.string();
  if (!wire || !inside || !outer.isAtEnd()) throw refused();
  const inner = new Reader(inside);
  // Two equal random numbers: they tell whether a passphrase was right.
  if (inner.uint32() !== inner.uint32()) throw refused();
  const type = ascii(inner.string());
  if (type === "ssh-ed25519") {
    const [key, pair] = [inner.string(), inner.string()];
    if (key?.length !== KEY_LENGTH || pair?.length !== 2 * KEY_LENGTH) throw refused();
    if (!toMontgomery(key)) throw refused();
    return new SshEd25519Identity(pair.slice(0, KEY_LENGTH), key.slice());
  }
  if (type !== "ssh-rsa")
    throw new InvalidKeyError(
      "invalid-identity",
      "Of SSH keys, Ed25519 and RSA can be used here, and this is neither",
    );
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => inner.integer());
  if (!n || !e || !d || !qi || !p || !q) throw refused();
  return rsa([n, e, d, p, q, remainder(d, p), remainder(d, q), qi]);
}

/** RFC 8410 for Ed25519, RFC 8017 for RSA. */
async function pkcs8(bytes: Uint8Array<ArrayBuffer>): Promise<Identity> {
  const outer = new Reader(bytes, "der").sequence();
  const version = outer?.integer();
  const algorithm = outer?.sequence()?.tagged(0x06);
  const key = outer?.tagged(0x04);
  if (!version || !algorithm || !key) throw refused();
  if (hex(algorithm) === "2b6570") {
    const seed = new Reader(key, "der").tagged(0x04);
    if (seed?.length !== KEY_LENGTH) throw refused();
    return new SshEd25519Identity(seed.slice());
  }
  if (hex(algorithm) === "2a864886f70d010101") return pkcs1(new Reader(key, "der"));
  throw new InvalidKeyError(
    "invalid-identity",
    "Of private keys in PEM, Ed25519 and RSA can be used here, and this is neither",
  );
}

/** RFC 8017, A.1.2 */
async function pkcs1(reader: Reader): Promise<Identity> {
  const sequence = reader.sequence();
  const [version, n, e, d, p, q, dp, dq, qi] = Array.from({ length: 9 }, () => sequence?.integer());
  if (!version || !n || !e || !d || !p || !q || !dp || !dq || !qi) throw refused();
  return rsa([n, e, d, p, q, dp, dq, qi]);
}

async function rsa(numbers: Uint8Array[]): Promise<Identity> {
  const [n, e] = numbers as [Uint8Array, Uint8Array];
  checkRsa("invalid-identity", n);
  const names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
  const jwk: JsonWebKey = { kty: "RSA" };
  names.forEach((name, i) => {
    (jwk as Record<string, unknown>)[name] = base64Url(numbers[i] as Uint8Array);
  });
  try {
    return await rsaIdentity(jwk, wireOf("ssh-rsa", [signed(e), signed(n)]), n.length);
  } catch (error) {
    // What the host says of a key might tell what is in it.
    throw error instanceof DOMException || error instanceof TypeError ? refused() : error;
  }
}

function checkRsa(code: "invalid-recipient" | "invalid-identity", n: Uint8Array): void {
  const bits = 8 * n.length - Math.clz32(n[0] ?? 0) + 24;
  if (bits < SHORTEST_RSA || bits > LONGEST_RSA)
    throw new InvalidKeyError(
      code,
      `The RSA key has ${bits} bits: ${SHORTEST_RSA} are needed, and ${LONGEST_RSA} are the most`,
    );
}

/** d mod (p - 1). The time that it takes depends on the key, once for each key that is read. */
function remainder(d: Uint8Array, p: Uint8Array): Uint8Array {
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes)}`);
  const digits = (number(d) % (number(p) - 1n)).toString(16);
  const even = digits.padStart(digits.length + (digits.length % 2), "0");
  return Uint8Array.from(even.match(/../g) as string[], (pair) => parseInt(pair, 16));
}

function refused(): InvalidKeyError {
  return new InvalidKeyError(
    "invalid-identity",
    "This is no unencrypted private key that can be used: OpenSSH's format, or PEM, of Ed25519 or RSA",
  );
}

function encrypted(): InvalidKeyError {
  return new InvalidKeyError(
    "invalid-identity",
    "The private key is encrypted with a passphrase: take that off first, on a copy, with ssh-keygen -p",
  );
}

/** Reads SSH's strings (RFC 4251, 5) or DER. What is not there is undefined. */
class Reader {
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly format: "ssh" | "der" = "ssh",
  ) {}

  isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  uint32(): number | undefined {
    const taken = this.take(4);
    return taken?.reduce((value, byte) => value * 256 + byte, 0);
  }

  string(): Uint8Array | undefined {
    const length = this.uint32();
    return length === undefined ? undefined : this.take(length);
  }

  /** Positive, without the zeros before it. */
  integer(): Uint8Array | undefined {
    const bytes = this.format === "ssh" ? this.string() : this.tagged(0x02);
    if (!bytes?.length || (bytes[0] as number) > 127) return undefined;
    const start = bytes.findIndex((byte) => byte !== 0);
    return bytes.subarray(start < 0 ? bytes.length - 1 : start);
  }

  sequence(): Reader | undefined {
    const inside = this.tagged(0x30);
    return inside && new Reader(inside, "der");
  }

  tagged(tag: number): Uint8Array | undefined {
    if (this.take(1)?.[0] !== tag) return undefined;
    const short = this.take(1)?.[0];
    if (short === undefined) return undefined;
    if (short < 128) return this.take(short);
    if (short > 132 || short === 128) return undefined;
    const length = this.take(short - 128)?.reduce((value, byte) => value * 256 + byte, 0);
    return length === undefined ? undefined : this.take(length);
  }

  private take(length: number): Uint8Array | undefined {
    if (length > this.bytes.length - this.at) return undefined;
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function wireOf(type: string, parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = [new TextEncoder().encode(type), ...parts];
  const wire = new Uint8Array(all.reduce((length, part) => length + 4 + part.length, 0));
  let at = 0;
  for (const part of all) {
    new DataView(wire.buffer).setUint32(at, part.length);
    wire.set(part, at + 4);
    at += 4 + part.length;
  }
  return wire;
}

/** A zero before what would be read as negative. */
function signed(number: Uint8Array): Uint8Array {
  return (number[0] as number) > 127 ? Uint8Array.of(0, ...number) : number;
}

function strictBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
    ? base64ToBytes(text)
    : undefined;
}

function base64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function ascii(bytes: Uint8Array | undefined): string | undefined {
  return bytes && String.fromCharCode(...bytes.subarray(0, 64));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
