/** age-rt v0.2 as PROTOCOL.md tells it, and nothing of this package: whoever reads that text can write this. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

const PREFIX = "github.com/parsimonit/age-rt-encryption/";
const VERSION = `${PREFIX}v0.2`;
const AGE_PREFIX = "age-encryption.org/";
const LABEL = "age-encryption.org/v1/scrypt";
const STANDARD = 65_536;
const MOST = 16_777_216;
const TAG = 16;
const NONCE = 16;

/** Reads a whole stream. @returns the chunks that may be released, and the code of what ended it, if that was an error. */
export function read(stream, passphrase, { maxChunkSize = STANDARD, maxWorkFactor = 20 } = {}) {
  const chunks = [];
  try {
    const { header, rest } = parse(stream);
    if (header.maxchunk > maxChunkSize) throw new Refused("chunk-size-mismatch");
    if (header.logN > maxWorkFactor) throw new Refused("excessive-work-factor");
    const fileKey = open(wrapKey(passphrase, header.salt, header.logN), Buffer.alloc(12), header.body);
    if (!fileKey) throw new Refused("wrong-passphrase");
    if (!timingSafeEqual(mac(fileKey, header.authenticated), header.mac)) throw new Refused("header-mac");
    if (rest.length < NONCE) throw new Refused("truncated");
    const key = derive(fileKey, rest.subarray(0, NONCE), "payload");
    payload(rest.subarray(NONCE), key, header.maxchunk, chunks);
    return { chunks, code: undefined };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { chunks, code: error.message };
  }
}

/** Writes messages, and an empty final chunk after them. */
export function write(messages, passphrase, { maxChunkSize = STANDARD, workFactor = 18 } = {}) {
  const [salt, fileKey, nonce] = [randomBytes(16), randomBytes(16), randomBytes(NONCE)];
  const body = seal(wrapKey(passphrase, salt, workFactor), Buffer.alloc(12), fileKey);
  const first = maxChunkSize === STANDARD ? VERSION : `${VERSION}?maxchunk=${maxChunkSize}`;
  const header = `${first}\n-> scrypt ${base64(salt)} ${workFactor}\n${base64(body)}\n---`;
  const key = derive(fileKey, nonce, "payload");
  const chunks = [...messages, Buffer.alloc(0)].map((message, i) => {
    const sealed = seal(key, chunkNonce(i, i === messages.length), message);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length);
    return Buffer.concat([length, sealed]);
  });
  return Buffer.concat([Buffer.from(`${header} ${base64(mac(fileKey, Buffer.from(header)))}\n`), nonce, ...chunks]);
}

class Refused extends Error {}

function payload(rest, key, maxchunk, chunks) {
  for (let i = 0, final = false; !final; i++) {
    if (rest.length < 4) throw new Refused("truncated");
    const length = rest.readUInt32BE();
    if (length < TAG || length > maxchunk + TAG) throw new Refused("chunk-length");
    if (rest.length < 4 + length) throw new Refused("truncated");
    const sealed = rest.subarray(4, 4 + length);
    let plaintext = open(key, chunkNonce(i, false), sealed);
    if (!plaintext) {
      plaintext = open(key, chunkNonce(i, true), sealed);
      final = true;
    }
    if (!plaintext) throw new Refused("chunk-authentication");
    chunks.push(plaintext);
    rest = rest.subarray(4 + length);
  }
  if (rest.length > 0) throw new Refused("trailing-data");
}

function parse(stream) {
  const first = line(stream, 0);
  const maxchunk = firstLine(first);
  const stanza = line(stream, first.end);
  const [, salt, logN] = /^-> scrypt ([^ ]+) ([1-9][0-9]*)$/.exec(stanza.text) ?? refuse("invalid-header");
  const body = line(stream, stanza.end);
  const last = line(stream, body.end);
  const [, tag] = /^--- ([^ ]+)$/.exec(last.text) ?? refuse("invalid-header");
  const header = {
    maxchunk,
    logN: Number(logN),
    salt: bytes(salt, 16),
    body: bytes(body.text, 32),
    mac: bytes(tag, 32),
    authenticated: stream.subarray(0, body.end + 3),
  };
  return { header, rest: stream.subarray(last.end) };
}

/** The first line is judged by what there is of it: a page of HTML has none. */
function firstLine({ text, complete }) {
  const begins = (prefix) => text.startsWith(prefix) || (!complete && prefix.startsWith(text));
  if (!begins(PREFIX) && !begins(AGE_PREFIX)) throw new Refused("not-age");
  if (!complete) throw new Refused("truncated");
  const [name, parameters] = text.split("?", 2);
  if (name === `${AGE_PREFIX}v1`) throw new Refused("wrong-format");
  if (name !== VERSION) throw new Refused("unknown-format");
  if (parameters === undefined) return STANDARD;
  const [, value] = /^maxchunk=([1-9][0-9]*)$/.exec(parameters) ?? refuse("invalid-header");
  if (Number(value) > MOST) throw new Refused("invalid-header");
  return Number(value);
}

function line(stream, start) {
  const end = stream.indexOf(0x0a, start);
  if (end < 0 && start > 0) throw new Refused("truncated");
  const text = stream.subarray(start, end < 0 ? undefined : end).toString("latin1");
  return { text, end: end + 1, complete: end >= 0 };
}

function refuse(code) {
  throw new Refused(code);
}

function base64(data) {
  return data.toString("base64").replaceAll("=", "");
}

function bytes(text, length) {
  const data = Buffer.from(text, "base64");
  if (data.length !== length || base64(data) !== text) throw new Refused("invalid-header");
  return data;
}

/** Most of the bad vectors are changed copies of one good one. */
const derived = new Map();

function wrapKey(passphrase, salt, logN) {
  const id = JSON.stringify([passphrase, base64(salt), logN]);
  if (!derived.has(id)) derived.set(id, scrypt(passphrase, salt, logN));
  return derived.get(id);
}

function scrypt(passphrase, salt, logN) {
  return scryptSync(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, { N: 2 ** logN, r: 8, p: 1, maxmem: 2 ** (logN + 10) + 2 ** 20 });
}

function derive(fileKey, salt, info) {
  return Buffer.from(hkdfSync("sha256", fileKey, salt, info, 32));
}

function mac(fileKey, authenticated) {
  return createHmac("sha256", derive(fileKey, Buffer.alloc(0), "header")).update(authenticated).digest();
}

function chunkNonce(index, final) {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 3);
  nonce[11] = final ? 1 : 0;
  return nonce;
}

function seal(key, nonce, plaintext) {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @returns undefined where the tag does not fit. */
function open(key, nonce, sealed) {
  const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}
