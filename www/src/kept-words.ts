/**
 * A suggested passphrase that has served stays in sight, since nobody can restore it: until the
 * person goes on.
 */
import { copyFrom } from "./copy.js";
import { fromTemplate, within } from "./dom.js";
import { askBeforeLeaving } from "./leaving.js";
import { strings } from "./strings.js";
import { keptButton } from "./suggestion.js";

export class KeptWords {
  readonly #root = fromTemplate("kept-template");
  readonly #words = within(this.#root, "output", HTMLElement);
  readonly #button = within(this.#root, "[data-part=copy]", HTMLButtonElement);
  readonly #kept = within(this.#root, "[data-part=kept]", HTMLElement);
  readonly #notice = within(this.#root, ".notice", HTMLElement);
  readonly #resetKept: () => void;
  #copied = true;

  constructor(host: HTMLElement) {
    host.replaceWith(this.#root);
    const keep = (): void => {
      this.#copied = true;
      this.#notice.textContent = "";
    };
    this.#resetKept = keptButton(this.#root, keep);
    this.#button.addEventListener("click", () => {
      keep();
      void copyFrom(this.#words, this.#button);
    });
    askBeforeLeaving(() => !this.#copied);
  }

  get shown(): boolean {
    return !this.#root.hidden;
  }

  /** Whether nothing would be lost. */
  get copied(): boolean {
    return this.#copied;
  }

  /** @param copied - whether the person has it already. */
  show(words: string, copied: boolean): void {
    this.#words.textContent = words;
    this.#root.hidden = words === "";
    this.#copied = copied || words === "";
    this.#notice.textContent = "";
    // What was said of other words is not said of these.
    this.#button.textContent = strings.passphrase.copyWords;
    this.#resetKept();
    // Nobody is asked twice.
    this.#kept.hidden = copied;
  }

  /**
   * Whether the person may go on. Whoever has not copied the words is told once what would be lost.
   *
   * @param button - what they have pressed.
   */
  letGo(button: string): boolean {
    if (this.#copied || this.#notice.textContent !== "") return true;
    this.#notice.textContent = strings.passphrase.notKept(button);
    this.#button.focus();
    return false;
  }

  hide(): void {
    this.show("", true);
  }
}
