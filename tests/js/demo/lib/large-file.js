import { createHash, randomFillSync } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";

const MB = 1_000_000;
/** A file system's block is not to fall on it. */
const EVERY = 33_333_333;

/**
 * A file of this size, random bytes strewn into it: quick to make, and no two parts of it alike.
 */
export async function makeLargeFile(path, size) {
  const file = await open(path, "w");
  await file.truncate(size);
  for (let at = 0; at < size; at += EVERY)
    await file.write(randomFillSync(Buffer.alloc(Math.min(MB, size - at))), 0, undefined, at);
  await file.close();
}

export async function hashOf(path) {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: MB })) hash.update(piece);
  return hash.digest("hex");
}
