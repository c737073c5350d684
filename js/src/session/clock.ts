/** A time limit that stands still while it is held, by as many as like. */
export class Clock {
  readonly #run: () => void;
  #holders = 0;
  /** What is left, in milliseconds; undefined while it is not wound. */
  #left: number | undefined;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param run is called when the time is over. */
  constructor(run: () => void) {
    this.#run = run;
  }

  /** Sets the time that is left. */
  wind(ms: number): void {
    this.stop();
    this.#left = ms;
    this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = undefined;
  }

  hold(): void {
    this.#holders += 1;
    if (this.#timer === undefined || this.#left === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = Math.max(0, this.#left - (performance.now() - this.#since));
  }

  release(): void {
    this.#holders -= 1;
    this.#start();
  }

  #start(): void {
    if (this.#holders > 0 || this.#left === undefined || this.#timer !== undefined) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => {
      this.stop();
      this.#run();
    }, this.#left);
  }
}
