/**
 * Bytes without end that cost nothing to make: blocks cut out of one buffer of noise, each at a
 * place of its own.
 */
import { Random } from "../lib/random.js";

export const MIB = 2 ** 20;

const BLOCK_LEN = 65_536;
/** Prime, like the step: the places repeat only after 64 GiB. */
const PLACES = 1_048_573;
const STEP = 7919;

const noise = Buffer.from(new Random(1).bytes(PLACES + BLOCK_LEN + 3).buffer);

export class Pattern {
  /** Bytes taken or compared so far. */
  at = 0;

  /**
   * Up to `length` bytes: not beyond the block that the position is in. A view, to be read only:
   * what is measured is not to be ours.
   */
  take(length) {
    const bytes = this.#view(length);
    this.at += bytes.length;
    return bytes;
  }

  /** Whether `bytes`, of any length, come next. */
  matches(bytes) {
    let equal = true;
    for (let offset = 0; offset < bytes.length;) {
      const expected = this.#view(bytes.length - offset);
      equal &&= expected.equals(bytes.subarray(offset, offset + expected.length));
      offset += expected.length;
      this.at += expected.length;
    }
    return equal;
  }

  #view(length) {
    const start = ((Math.floor(this.at / BLOCK_LEN) * STEP) % PLACES) + (this.at % BLOCK_LEN);
    return noise.subarray(start, start + Math.min(length, BLOCK_LEN - (this.at % BLOCK_LEN)));
  }
}
