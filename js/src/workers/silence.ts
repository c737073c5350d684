/**
 * So many turns of a second each, and who says nothing is taken for dead. Turns, and not one timer:
 * on a page that sleeps they do not pass.
 */
const TURNS = 60;
const TURN_MS = 1000;

export class Silence {
  readonly #over: () => void;
  #turns = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param over - Called once somebody has said nothing for all of the turns. */
  constructor(over: () => void) {
    this.#over = over;
  }

  /** From now on something is waited for. */
  begin(): void {
    this.#timer ??= setInterval(() => {
      if ((this.#turns += 1) === TURNS) this.#over();
    }, TURN_MS);
    // Where timers are objects this one must not keep the process alive.
    (this.#timer as { unref?(): void }).unref?.();
  }

  heard(): void {
    this.#turns = 0;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#turns = 0;
  }
}
