/**
 * Several files as one, in the format that every system unpacks. The result refers to the files:
 * nothing is read here, whatever their size.
 *
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar and pax interchange
 * formats)
 */
import type { Entry } from "./entries.js";
import { uniquePaths } from "./unique-paths.js";

const BLOCK = 512;
/** What the header's field holds in octal. */
const LARGEST_SIZE = 8 ** 11 - 1;
const LONGEST_PATH = 100;

const encoder = new TextEncoder();

export function tar(entries: readonly Entry[]): Blob {
  const parts: BlobPart[] = [];
  for (const { path, file } of uniquePaths(entries)) {
    const extended = extendedRecords(path, file.size);
    if (extended.length > 0)
      parts.push(header("pax", extended.length, 0, "x"), extended, padding(extended.length));
    parts.push(header(path, file.size, file.lastModified, "0"), file, padding(file.size));
  }
  // Two empty blocks are the end.
  parts.push(new Uint8Array(2 * BLOCK));
  return new Blob(parts);
}

/** What does not fit into the header goes in front of it. */
function extendedRecords(path: string, size: number): Uint8Array<ArrayBuffer> {
  const plain = /^[\x20-\x7e]*$/.test(path) && path.length <= LONGEST_PATH;
  return encoder.encode(
    (plain ? "" : record("path", path)) +
      (size <= LARGEST_SIZE ? "" : record("size", String(size))),
  );
}

/** A record begins with its own length in bytes, these digits included. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = encoder.encode(rest).length;
  let total = length + 1;
  while (String(total).length + length !== total) total += 1;
  return `${total}${rest}`;
}

function header(
  path: string,
  size: number,
  modified: number,
  type: "0" | "x",
): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const text = (at: number, value: string, length: number): void => {
    block.set(encoder.encode(value).subarray(0, length), at);
  };
  const octal = (at: number, value: number, digits: number): void =>
    text(at, value.toString(8).padStart(digits, "0"), digits);
  text(0, path, LONGEST_PATH);
  octal(100, 0o644, 7);
  octal(108, 0, 7);
  octal(116, 0, 7);
  octal(124, Math.min(size, LARGEST_SIZE), 11);
  octal(136, Math.max(0, Math.floor(modified / 1000)), 11);
  // The sum is made as if its own field were blank.
  text(148, " ".repeat(8), 8);
  text(156, type, 1);
  text(257, "ustar\x0000", 8);
  octal(
    148,
    block.reduce((sum, byte) => sum + byte, 0),
    6,
  );
  block[154] = 0;
  return block;
}

function padding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}
