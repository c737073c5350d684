/** Bytes and numbers that look random and come from a seed: a test that fails prints the seed, and `SEED=… npm test` repeats it. */
import { randomInt } from "node:crypto";

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A whole number in `0..limit`. */
  below(limit) {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  bytes(length) {
    const words = new Uint32Array(Math.ceil(length / 4));
    for (let i = 0; i < words.length; i += 1) words[i] = this.#next();
    return new Uint8Array(words.buffer, 0, length);
  }

  /** Cuts bytes into pieces of 1 to `most` bytes. */
  cut(bytes, most) {
    const pieces = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + this.below(most);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    return pieces;
  }

  /** mulberry32: short, and good enough to vary tests with. */
  #next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  }
}

/** A generator of its own for this test. */
export function seeded(test) {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
  test.diagnostic(`SEED=${seed}`);
  return new Random(seed);
}
