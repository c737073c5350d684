/** Ten random words for those who want a passphrase and have none. */
import { generatePassphrase } from "age-rt-wasm/passphrase";
import { copyFrom } from "./copy.js";
import { within } from "./dom.js";
import { askBeforeLeaving } from "./leaving.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

const WORDS = 10;
/** One of 2048. */
const BITS_OF_A_WORD = 11;

/**
 * For those who keep the words on paper, which no page can see.
 *
 * @returns makes it as new, for other words.
 */
export function keptButton(box: HTMLElement, onKept: () => void): () => void {
  const button = within(box, "[data-part=kept]", HTMLButtonElement);
  const show = (kept: boolean): void => {
    button.setAttribute("aria-pressed", String(kept));
    button.textContent = kept ? strings.passphrase.isKept : strings.passphrase.keptIt;
  };
  button.addEventListener("click", () => {
    show(true);
    onKept();
  });
  return () => show(false);
}

export class Suggestion {
  readonly #offer: HTMLElement;
  readonly #box: HTMLElement;
  readonly #words: HTMLElement;
  readonly #copy: HTMLButtonElement;
  /** Whether the words that are shown have been copied, or kept in another way. */
  copied = false;

  /** @param onTake - called with the passphrase. */
  constructor(field: HTMLElement, onTake: (passphrase: string) => void) {
    this.#offer = within(field, ".suggest", HTMLElement);
    this.#box = within(field, ".suggestion", HTMLElement);
    this.#words = within(this.#box, "output", HTMLElement);
    this.#copy = within(this.#box, "[data-part=copy]", HTMLButtonElement);
    within(this.#box, ".hint", HTMLElement).textContent = strings.passphrase.suggested(
      units.integer(WORDS * BITS_OF_A_WORD),
    );
    within(field, "[data-part=suggest]", HTMLButtonElement).addEventListener("click", () => {
      this.#words.textContent = generatePassphrase(WORDS);
      this.#copy.textContent = strings.passphrase.copy;
      this.copied = false;
      resetKept();
      this.#box.hidden = false;
      onTake(this.#words.textContent);
    });
    this.#copy.addEventListener("click", () => {
      this.copied = true;
      void copyFrom(this.#words, this.#copy);
    });
    const resetKept = keptButton(this.#box, () => (this.copied = true));
    askBeforeLeaving(() => this.#words.textContent !== "" && !this.copied);
  }

  set offered(offered: boolean) {
    this.#offer.hidden = !offered;
  }

  /** Whether this is what was suggested; anything else takes the suggestion away. */
  matches(passphrase: string): boolean {
    if (passphrase !== "" && passphrase === this.#words.textContent) return true;
    this.#box.hidden = true;
    this.#words.textContent = "";
    return false;
  }
}
