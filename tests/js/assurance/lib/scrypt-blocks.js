/**
 * scrypt again, <https://www.rfc-editor.org/rfc/rfc7914>, with what it works on on the way: any of
 * it spares an attacker most of a guess.
 */
import { pbkdf2Sync } from "node:crypto";

const BLOCK = 64;
const DIAGONALS = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];
const ROUNDS = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
];

/** @returns the derived key; and by name what may be left in memory. */
export function scryptBlocks(passphrase, salt, logN) {
  const first = pbkdf2Sync(passphrase, salt, 1, 1024, "sha256");
  const table = [];
  let block = first;
  for (let i = 0; i < 2 ** logN; i += 1) {
    table.push(block);
    block = blockMix(block);
  }
  let mixed;
  for (let i = 0; i < 2 ** logN; i += 1) {
    mixed = xor(block, table[block.readUInt32LE(block.length - BLOCK) % table.length]);
    block = blockMix(mixed);
  }
  const left = {
    "the first block": first,
    "a block of the table, which every stride keeps": table[4],
    "the last block that was mixed": mixed,
    "ROMix's result": block,
  };
  for (const [name, bytes] of Object.entries(left))
    left[`${name}, in diagonals`] = diagonals(bytes);
  return { key: pbkdf2Sync(passphrase, block, 1, 32, "sha256"), left };
}

/** A block as it lies in memory while it is mixed: the words of each part in diagonals. */
export function diagonals(block) {
  const turned = Buffer.alloc(block.length);
  for (let part = 0; part < block.length; part += BLOCK)
    DIAGONALS.forEach((word, i) =>
      block.copy(turned, part + 4 * i, part + 4 * word, part + 4 * word + 4),
    );
  return turned;
}

/** The first blocks of the table, in order, as they lie in memory. */
export function firstBlocks(passphrase, salt, count) {
  const blocks = [pbkdf2Sync(passphrase, salt, 1, 1024, "sha256")];
  while (blocks.length < count) blocks.push(blockMix(blocks.at(-1)));
  return blocks.map(diagonals);
}

function blockMix(block) {
  const mixed = [];
  let last = block.subarray(-BLOCK);
  for (let at = 0; at < block.length; at += BLOCK)
    mixed.push((last = salsa8(xor(last, block.subarray(at, at + BLOCK)))));
  return Buffer.concat([
    ...mixed.filter((_, i) => i % 2 === 0),
    ...mixed.filter((_, i) => i % 2 === 1),
  ]);
}

function salsa8(block) {
  const start = Int32Array.from({ length: 16 }, (_, i) => block.readInt32LE(4 * i));
  const x = start.slice();
  for (let round = 0; round < 4; round += 1) {
    for (const [a, b, c, d] of ROUNDS) {
      x[b] ^= rotated(x[a] + x[d], 7);
      x[c] ^= rotated(x[b] + x[a], 9);
      x[d] ^= rotated(x[c] + x[b], 13);
      x[a] ^= rotated(x[d] + x[c], 18);
    }
  }
  const out = Buffer.alloc(BLOCK);
  x.forEach((word, i) => out.writeInt32LE((word + start[i]) | 0, 4 * i));
  return out;
}

function rotated(word, by) {
  return (word << by) | (word >>> (32 - by));
}

function xor(a, b) {
  return Buffer.from(a.map((byte, i) => byte ^ b[i]));
}
