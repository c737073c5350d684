/**
 * age-rt v0.2 as PROTOCOL.md tells it, and nothing of this package: whoever reads that text can
 * write this.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from "node:crypto";

const PREFIX = "github.com/parsimonit/age-rt-encryption/";
const VERSION = `${PREFIX}v0.2`;
const AGE_PREFIX = "age-encryption.org/";
const LABEL = "age-encryption.org/v1/scrypt";
const STANDARD = 65_536;
const MOST = 16_777_216;
const TAG = 16;
const NONCE = 16;
const COLUMNS = 64;
const HEADER = 65_536;
/** "---", SP and a MAC. */
const LAST_LINE = 47;

/**
 * Reads a whole stream.
 *
 * @returns the chunks that may be released, and the code of what ended it, if that was an error.
 */
export function read(stream, passphrase, { maxChunkSize = STANDARD, maxWorkFactor = 20 } = {}) {
  const chunks = [];
  try {
    const { header, rest } = parse(stream);
    if (header.logN > maxWorkFactor) throw new Refused("excessive-work-factor");
    if (header.maxchunk > maxChunkSize) throw new Refused("chunk-size-mismatch");
    const fileKey = open(
      wrapKey(passphrase, header.salt, header.logN),
      Buffer.alloc(12),
      header.body,
    );
    if (!fileKey) throw new Refused("wrong-passphrase");
    if (!timingSafeEqual(mac(fileKey, header.authenticated), header.mac))
      throw new Refused("header-mac");
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
  return Buffer.concat([
    Buffer.from(`${header} ${base64(mac(fileKey, Buffer.from(header)))}\n`),
    nonce,
    ...chunks,
  ]);
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
  const stanzas = [];
  let at = first.end;
  for (;;) {
    const next = line(stream, at, { mac: LAST_LINE });
    at = next.end;
    if (next.text.startsWith("---")) {
      const [, tag] = /^--- ([^ ]+)$/.exec(next.text) ?? refuse("invalid-header");
      const mac = bytes(tag, 32);
      return {
        header: {
          maxchunk,
          ...passphraseStanza(stanzas),
          mac,
          authenticated: stream.subarray(0, next.start + 3),
        },
        rest: stream.subarray(at),
      };
    }
    const [, words] = /^->((?: [\x21-\x7e]+)+)$/.exec(next.text) ?? refuse("invalid-header");
    let body = "";
    let row;
    do {
      row = line(stream, at, { body: COLUMNS });
      if (row.text.length > COLUMNS) refuse("invalid-header");
      bytes(row.text);
      body += row.text;
      at = row.end;
    } while (row.text.length === COLUMNS);
    stanzas.push({ words: words.slice(1).split(" "), body });
  }
}

function passphraseStanza(stanzas) {
  if (stanzas.length === 0) refuse("invalid-header");
  const stanza =
    stanzas.find(({ words }) => words[0] === "scrypt") ?? refuse("no-passphrase-stanza");
  const [, salt, logN, ...more] = stanza.words;
  if (stanzas.length > 1 || more.length > 0 || !/^[1-9][0-9]*$/.test(logN ?? ""))
    refuse("invalid-header");
  return { logN: Number(logN), salt: bytes(salt, 16), body: bytes(stanza.body, 32) };
}

/** The first line is judged by what there is of it: a page of HTML has none. */
function firstLine({ text, complete, missing }) {
  const begins = (prefix) => text.startsWith(prefix) || (!complete && prefix.startsWith(text));
  if (!begins(PREFIX) && !begins(AGE_PREFIX)) refuse("not-age");
  if (!complete) refuse(missing);
  if (!/^[\x21-\x7e]*$/.test(text)) refuse("invalid-header");
  const [, name, parameters] = /^([^?]*)(\?.*)?$/.exec(text);
  if (name === `${AGE_PREFIX}v1`) refuse("wrong-format");
  if (name !== VERSION) refuse("unknown-format");
  if (parameters === undefined) return STANDARD;
  const [, value] = /^\?maxchunk=([1-9][0-9]*)$/.exec(parameters) ?? refuse("invalid-header");
  if (Number(value) > MOST) refuse("invalid-header");
  return Number(value);
}

/**
 * @param most - What is too long already is wrong before its end has come: a body's row, and the
 * last line, by its beginning.
 */
function line(stream, start, most = {}) {
  const found = stream.indexOf(0x0a, start);
  const complete = found >= 0 && found < HEADER;
  const text = stream.subarray(start, complete ? found : HEADER).toString("latin1");
  const missing = stream.length > HEADER ? "invalid-header" : "truncated";
  if (text.length > (text.startsWith("---") ? (most.mac ?? most.body) : most.body))
    refuse("invalid-header");
  if (!complete && start > 0) refuse(missing);
  return { text, start, end: found + 1, complete, missing };
}

function refuse(code) {
  throw new Refused(code);
}

function base64(data) {
  return data.toString("base64").replaceAll("=", "");
}

function bytes(text, length) {
  const data = Buffer.from(text, "base64");
  if ((length !== undefined && data.length !== length) || base64(data) !== text)
    throw new Refused("invalid-header");
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
  return scryptSync(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, {
    N: 2 ** logN,
    r: 8,
    p: 1,
    maxmem: 2 ** (logN + 10) + 2 ** 20,
  });
}

function derive(fileKey, salt, info) {
  return Buffer.from(hkdfSync("sha256", fileKey, salt, info, 32));
}

function mac(fileKey, authenticated) {
  return createHmac("sha256", derive(fileKey, Buffer.alloc(0), "header"))
    .update(authenticated)
    .digest();
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
    return Buffer.concat([
      decipher.update(sealed.subarray(0, sealed.length - TAG)),
      decipher.final(),
    ]);
  } catch {
    return undefined;
  }
}
