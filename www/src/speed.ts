/** Rate and time left, steady enough to be read. */

/**
 * How long a measurement counts, in milliseconds: a rate follows a change within a few of these.
 */
const MEMORY = 3000;

export class Speed {
  #rate = 0;
  #lastTime = 0;
  #lastBytes = 0;

  start(now: number): void {
    this.#lastTime = now;
  }

  /** @returns bytes per second. */
  at(now: number, bytes: number): number {
    const elapsed = now - this.#lastTime;
    if (elapsed <= 0) return this.#rate;
    const current = ((bytes - this.#lastBytes) / elapsed) * 1000;
    const weight = this.#rate === 0 ? 1 : 1 - Math.exp(-elapsed / MEMORY);
    this.#rate += weight * (current - this.#rate);
    this.#lastTime = now;
    this.#lastBytes = bytes;
    return this.#rate;
  }
}
