/**
 * Files to test with: real ones in either format, at a work factor that takes no time, and where
 * what lies in them.
 */
import { AgeEncoder, AgeRtEncoder } from "age-rt-wasm";
import { concat } from "./bytes.js";
import { Random } from "./random.js";

export const PASSPHRASE = "correct horse battery staple";
export const QUICK = { workFactor: 1 };
export const FORMATS = ["age", "age-rt"];
export const TAG_LEN = 16;
export const NONCE_LEN = 16;
/** The length field of an age-rt chunk. */
export const LENGTH_LEN = 4;

/**
 * A file of chunks with the given lengths, the last of them final.
 *
 * @returns bytes: all of it; header: its length, nonce included; chunks: as they lie in it;
 * plaintexts: what they hold
 */
export async function makeFile(
  format,
  lengths,
  { chunkSize = 65_536, random = new Random(1), passphrase = PASSPHRASE } = {},
) {
  const encoder =
    format === "age"
      ? await AgeEncoder.create(passphrase, { ...QUICK, chunkSize })
      : await AgeRtEncoder.create(passphrase, { ...QUICK, maxChunkSize: chunkSize });
  const plaintexts = lengths.map((length) => random.bytes(length));
  const header = encoder.getHeader();
  const chunks = plaintexts.map((plaintext, i) =>
    encoder.encodeChunk(plaintext, i === lengths.length - 1),
  );
  encoder.free();
  return {
    format,
    chunkSize,
    bytes: concat(header, ...chunks),
    header: header.length,
    chunks,
    plaintexts,
  };
}

/** The places of a header's fields, as [start, end). */
export function fieldsOf(file) {
  const text = String.fromCharCode(...file.bytes.subarray(0, file.header - NONCE_LEN));
  const [identifier, stanza, body, mac] = text.split("\n");
  const stanzaAt = identifier.length + 1;
  const saltAt = stanzaAt + "-> scrypt ".length;
  const logNAt = saltAt + 22 + 1;
  const bodyAt = stanzaAt + stanza.length + 1;
  const macAt = bodyAt + body.length + 1 + "--- ".length;
  return {
    identifier: [0, identifier.length],
    salt: [saltAt, saltAt + 22],
    logN: [logNAt, bodyAt - 1],
    body: [bodyAt, bodyAt + body.length],
    mac: [macAt, macAt + mac.length - "--- ".length],
    nonce: [text.length, file.header],
  };
}
