import { Strength } from "./strength.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

/** Not at every key, which nobody could follow: once there is a pause of so many milliseconds. */
const PAUSE = 300;
/**
 * What an attacker with much money tries in a second: one on each of ten thousand computers, scrypt
 * being slow on purpose, with this work factor.
 */
const GUESSES_PER_SECOND = 10_000;
const WORK_FACTOR = 18;
/** Below this, in bits, it takes that attacker less than two years. */
const FAIR = 40;
/** From here on it takes a million. */
const STRONG = 60;

/** Says of a passphrase that somebody has thought of how good it is. */
export class StrengthHint {
  readonly #text: HTMLElement;
  readonly #strength = new Strength();
  /** How much more work a guess takes than the usual one, as a logarithm to base 2. */
  #more = 0;
  /** What was last estimated, if it is shown. */
  #bits: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Changes with every question: what is not the answer to the last one is nobody's any more. */
  #asked = 0;

  constructor(text: HTMLElement) {
    this.#text = text;
  }

  /** Each guess takes that work, too. */
  set workFactor(workFactor: number) {
    this.#more = workFactor - WORK_FACTOR;
    if (this.#bits !== undefined) this.#judge(this.#bits);
  }

  of(passphrase: string): void {
    if (passphrase === "") return this.clear();
    this.#forget();
    this.#bits = undefined;
    this.#timer = setTimeout(() => void this.#estimate(passphrase), PAUSE);
  }

  clear(): void {
    this.stop();
    this.#bits = undefined;
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

  #judge(estimated: number): void {
    this.#bits = estimated;
    const bits = estimated + this.#more;
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
