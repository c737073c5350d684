/** Sealing and opening chunks without any stream around them. Portable. */
import * as now from "age-rt-wasm";
import { noise, NO_WORK, PASSPHRASE } from "./streams.js";

export const CHUNK_LEN = 65_536;

/**
 * A function that seals and opens `count` chunks of 64 KiB through the encoder and decoder of the
 * package, or of another release of it, copies included.
 */
export async function ourChunks(count, { AgeDecoder, AgeEncoder } = now) {
  const encoder = await AgeEncoder.create(PASSPHRASE, { workFactor: NO_WORK });
  const decoder = new AgeDecoder(PASSPHRASE);
  const header = encoder.getHeader();
  for (let at = 0; at < header.length;) {
    const { bytesWanted } = decoder;
    decoder.feed(header.subarray(at, at + bytesWanted));
    at += bytesWanted;
  }
  return sealAndOpen(count, (chunk) => decoder.feed(encoder.encodeChunk(chunk, false)));
}

/** The same for a rival's seal and open, each of which gets a 12-byte nonce. */
export function theirChunks(count, seal, open) {
  const nonce = new Uint8Array(12);
  const counter = new DataView(nonce.buffer);
  let index = 0;
  return sealAndOpen(count, (chunk) => {
    counter.setUint32(7, (index += 1));
    return open(nonce, seal(nonce, chunk));
  });
}

function sealAndOpen(count, turn) {
  const chunk = noise(CHUNK_LEN);
  return () => {
    for (let i = 0; i < count; i += 1) {
      const opened = turn(chunk);
      if (opened.length !== CHUNK_LEN || opened[i] !== chunk[i])
        throw new Error("what was opened is not what was sealed");
    }
  };
}
