import { Strength } from "./strength.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

/** Not at every key, which nobody could follow: once there is a pause of so many milliseconds. */
const PAUSE = 300;
/**
 * What an attacker with much money tries in a second: one on each of ten thousand computers, scrypt
 * being slow on purpose.
 */
const GUESSES_PER_SECOND = 10_000;
/** Below this, in bits, it takes that attacker less than two years. */
const FAIR = 40;
/** From here on it takes a million. */
const STRONG = 60;

/** Says of a passphrase that somebody has thought of how good it is. */
export class StrengthHint {
  readonly #text: HTMLElement;
  readonly #strength = new Strength();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Changes with every question: what is not the answer to the last one is nobody's any more. */
  #asked = 0;

  constructor(text: HTMLElement) {
    this.#text = text;
  }

  of(passphrase: string): void {
    if (passphrase === "") return this.clear();
    this.#forget();
    this.#timer = setTimeout(() => void this.#estimate(passphrase), PAUSE);
  }

  clear(): void {
    this.stop();
    this.#show("", "");
  }

  /** What was said stays; nobody in the background knows the passphrase any more. */
  stop(): void {
    this.#forget();
    this.#strength.stop();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }

  async #estimate(passphrase: string): Promise<void> {
    const asked = this.#asked;
    try {
      const bits = await this.#strength.bits(passphrase);
      if (asked === this.#asked) this.#judge(bits);
    } catch {
      // Without the estimator there is no hint; nothing else needs it.
      if (asked === this.#asked) this.#show("", "");
    }
  }

  #judge(bits: number): void {
    const { weak, fair, strong } = strings.passphrase.strength;
    // On the average half of the guesses do.
    const seconds = 2 ** (bits - 1) / GUESSES_PER_SECOND;
    if (bits >= STRONG) this.#show("strong", strong);
    else if (bits >= FAIR) this.#show("fair", fair(units.magnitude(seconds)));
    else
      this.#show(
        "weak",
        weak(seconds < 60 ? strings.passphrase.aMoment : units.magnitude(seconds)),
      );
  }

  #show(level: string, text: string): void {
    this.#text.dataset["level"] = level;
    this.#text.textContent = text;
  }
}
