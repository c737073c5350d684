/** What the interoperability tests exchange. */

/** Around every boundary of the formats' 64 KiB chunks. */
export const SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, 2 ** 20];

/** Beyond ASCII: the formats say UTF-8, and every peer must mean the same by it. */
export const PASSPHRASE = "Grüße, 世界 🔑";

const CHUNK_SIZE = 65_536;

/** Full chunks and the rest, as the age format has them; one empty chunk for nothing. */
export function fullChunks(bytes) {
  const chunks = [];
  for (let at = 0; at < bytes.length; at += CHUNK_SIZE)
    chunks.push(bytes.subarray(at, at + CHUNK_SIZE));
  return chunks.length > 0 ? chunks : [bytes];
}
