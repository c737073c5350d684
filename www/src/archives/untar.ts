/**
 * Reads the tar format: ustar, pax and what GNU tar adds for long names.
 *
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar and pax interchange
 * formats)
 */
import type { Member, Plain } from "./read.js";

const BLOCK = 512;
/**
 * What a header in front of a file's own may take, in bytes: whoever made the archive decides on
 * it.
 */
const LONGEST_EXTENSION = 2 ** 16;

/** @throws Error for what is no tar. */
export async function* tarMembers(plain: Plain): AsyncGenerator<Omit<Member, "path">> {
  let at = 0;
  let longName: string | undefined;
  let longSize: number | undefined;
  while (at + BLOCK <= plain.size) {
    const block = await plain.read(at, at + BLOCK);
    // Empty blocks are the end.
    if (block.every((byte) => byte === 0)) return;
    if (!isHeader(block)) throw new Error("not a tar archive");
    const type = String.fromCharCode(block[156] ?? 0);
    const size = (type === "x" ? undefined : longSize) ?? number(block.subarray(124, 136));
    const start = at + BLOCK;
    if (start + size > plain.size) throw new Error("the tar archive is cut short");
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    if (type === "x" || type === "L") {
      if (size > LONGEST_EXTENSION) throw new Error("a header of the tar archive is too long");
      const text = new TextDecoder().decode(await plain.read(start, start + size));
      if (type === "L") longName = text.replace(/\0.*$/s, "");
      else {
        longName = record(text, "path") ?? longName;
        const told = record(text, "size");
        longSize = told === undefined ? undefined : wholeNumber(told);
      }
      continue;
    }
    const name = longName ?? nameOf(block);
    longName = longSize = undefined;
    // Links and devices are never made; folders come with their files.
    if (type !== "0" && type !== "\0") continue;
    yield { name, size, stream: () => plain.stream(start, start + size) };
  }
}

/** Its sum is made as if its own field were blank. */
function isHeader(block: Uint8Array): boolean {
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  return number(block.subarray(148, 156)) === sum;
}

function nameOf(block: Uint8Array): string {
  const name = text(block.subarray(0, 100));
  const prefix = text(block.subarray(257, 262)) === "ustar" ? text(block.subarray(345, 500)) : "";
  return prefix ? `${prefix}/${name}` : name;
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or what GNU tar writes where they do not suffice. */
function number(field: Uint8Array): number {
  if ((field[0] ?? 0) & 0x80)
    return checked(field.subarray(1).reduce((value, byte) => value * 256 + byte, 0));
  const digits = text(field).trim();
  return digits === "" ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function record(records: string, key: string): string | undefined {
  const found = [...records.matchAll(/^\d+ ([^=\n]+)=(.*)$/gm)].filter(([, name]) => name === key);
  return found.at(-1)?.[2];
}

function wholeNumber(digits: string): number {
  return checked(/^\d+$/.test(digits) ? Number(digits) : Number.NaN);
}

function checked(size: number): number {
  if (!Number.isSafeInteger(size)) throw new Error("a size in the tar archive is none");
  return size;
}
