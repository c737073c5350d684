/**
 * Half of the sweep of chunks: sealed by the packed module and by node:crypto to the same bytes,
 * and opened by the packed module. The key is taken from each header, with Node's own scrypt, HKDF
 * and ChaCha20-Poly1305. Arguments: seed, number of chunks.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { AgeDecoder, AgeEncoder, AgeRtDecoder, AgeRtEncoder, init } from "age-rt-wasm";
import { report } from "../../lib/child.js";
import { Random } from "../../lib/random.js";
import { wrapKeyOf } from "../lib/secrets.js";

const PASSPHRASE = "pleaseletmein";
const MOST = 2 ** 20;
const ALGORITHM = "chacha20-poly1305";
const TAG = { authTagLength: 16 };

const [seed, count] = process.argv.slice(2).map(Number);
const random = new Random(seed);
const pool = Buffer.from(random.bytes(2 * MOST));

/**
 * Every length up to some passes of 256 bytes, and around each pass and power of two beyond, where
 * the code takes other ways.
 */
function* edges() {
  for (let length = 0; length <= 1100; length += 1) yield length;
  for (let at = 1280; at <= 16_384; at += 256) for (const by of [-1, 0, 1]) yield at + by;
  for (let at = 256; at <= MOST; at *= 2)
    for (const by of [-65, -64, -63, -17, -16, -15, -1, 0, 1, 15, 16, 17, 63, 64, 65])
      if (at + by <= MOST) yield at + by;
}

/** Log-uniform from 0 to 1 MiB. */
function anyLength() {
  return Math.floor((MOST + 1) ** (random.below(2 ** 30) / 2 ** 30)) - 1;
}

function payloadKeyOf(header) {
  const text = header.toString("latin1");
  const [head, salt, logN, body] = /^[^\n]+\n-> scrypt (\S+) (\d+)\n(\S+)\n--- \S+\n/.exec(text);
  const wrapKey = wrapKeyOf(PASSPHRASE, Buffer.from(salt, "base64"), Number(logN));
  const wrapped = Buffer.from(body, "base64");
  const open = createDecipheriv(ALGORITHM, wrapKey, Buffer.alloc(12), TAG);
  open.setAuthTag(wrapped.subarray(16));
  const fileKey = Buffer.concat([open.update(wrapped.subarray(0, 16)), open.final()]);
  return Buffer.from(hkdfSync("sha256", fileKey, header.subarray(head.length), "payload", 32));
}

/** One chunk as it goes over the wire, by node:crypto. */
function sealed(key, index, final, plaintext, framed) {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce[11] = final ? 1 : 0;
  const cipher = createCipheriv(ALGORITHM, key, nonce, TAG);
  const text = cipher.update(plaintext);
  cipher.final();
  const parts = [text, cipher.getAuthTag()];
  if (framed) {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(text.length + 16);
    parts.unshift(prefix);
  }
  return Buffer.concat(parts);
}

function check(holds, what) {
  if (!holds) throw new Error(`SEED=${seed}: ${what}`);
}

/** Seals and opens one stream of these chunks. */
async function stream(format, lengths, chunkSize) {
  const isRt = format === "age-rt";
  const encoder = isRt
    ? await AgeRtEncoder.create(PASSPHRASE, { workFactor: 1, maxChunkSize: chunkSize })
    : await AgeEncoder.create(PASSPHRASE, { workFactor: 1, chunkSize });
  const decoder = isRt
    ? new AgeRtDecoder(PASSPHRASE, chunkSize)
    : new AgeDecoder(PASSPHRASE, chunkSize);
  const header = Buffer.from(encoder.getHeader());
  const key = payloadKeyOf(header);
  for (let at = 0; at < header.length;) at += feed(decoder, header, at);
  lengths.forEach((length, index) => {
    const from = random.below(MOST);
    const plaintext = pool.subarray(from, from + length);
    const final = index === lengths.length - 1;
    const wire = encoder.encodeChunk(plaintext, final);
    const what = `${format}, chunk ${index} of ${lengths.length}, ${length} bytes of ${chunkSize}`;
    check(
      sealed(key, index, final, plaintext, isRt).equals(wire),
      `${what}: sealed to other bytes`,
    );
    if (isRt) check(decoder.feed(wire.subarray(0, 4)) === undefined, `${what}: a chunk too early`);
    const chunk = decoder.feed(isRt ? wire.subarray(4) : wire);
    check(chunk && plaintext.equals(chunk), `${what}: opened to other bytes`);
    chunks += 1;
    bytes += length;
  });
  check(decoder.isDone(), `${format}: the stream has not ended`);
  decoder.free();
  encoder.free();
}

function feed(decoder, from, at) {
  const { bytesWanted } = decoder;
  decoder.feed(from.subarray(at, at + bytesWanted));
  return bytesWanted;
}

let chunks = 0;
let bytes = 0;
await init();
const pass = [...edges()];

// Lengths around the passes and the powers of two first, beside those that are drawn.
await stream("age-rt", [...pass, 0], MOST);
for (const length of pass) if (length > 0) await stream("age", [length, length], length);
const edge = { chunks, bytes };

// age-rt: messages of any length in one stream.
for (let left = count / 2; left > 0;) {
  const messages = Array.from({ length: Math.min(1000, left) }, anyLength);
  await stream("age-rt", messages, MOST);
  left -= messages.length;
}

// age: full chunks of one length, then a last one that has as many bytes or fewer.
for (let left = count / 2; left > 0;) {
  const size = Math.max(1, anyLength());
  const full = Math.min(16, left) - 1;
  await stream("age", [...Array(full).fill(size), 1 + random.below(size)], size);
  left -= full + 1;
}
report({ chunks: chunks - edge.chunks, bytes: bytes - edge.bytes, edges: edge.chunks });
