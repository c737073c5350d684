import { fromTemplate, within } from "./dom.js";
import { StrengthHint } from "./strength-hint.js";
import { strings } from "./strings.js";
import { Suggestion } from "./suggestion.js";

let count = 0;

/** A passphrase, typed twice where a slip would lock its owner out. */
export class PassphraseField {
  readonly #secret: Entry;
  readonly #confirm: Entry;
  readonly #suggestion: Suggestion;
  readonly #strength: StrengthHint;

  constructor(host: HTMLElement) {
    const field = fromTemplate("passphrase-template");
    this.#secret = new Entry(within(field, "[data-part=secret]", HTMLElement));
    this.#confirm = new Entry(within(field, "[data-part=confirm]", HTMLElement));
    const toggle = within(field, "[data-part=show]", HTMLButtonElement);
    toggle.addEventListener("click", () => {
      const show = this.#secret.input.type === "password";
      this.#secret.input.type = this.#confirm.input.type = show ? "text" : "password";
      toggle.textContent = show ? strings.passphrase.hide : strings.passphrase.show;
      toggle.setAttribute(
        "aria-label",
        show ? strings.passphrase.hideLabel : strings.passphrase.showLabel,
      );
    });
    this.#strength = new StrengthHint(within(field, ".strength", HTMLElement));
    this.#suggestion = new Suggestion(field, (passphrase) => {
      for (const { input } of [this.#secret, this.#confirm]) {
        input.value = passphrase;
        // Whatever else listens takes it for typed.
        input.dispatchEvent(new Event("input"));
      }
    });
    this.#secret.input.addEventListener("input", () => this.#judge());
    host.replaceWith(field);
  }

  /** Whether it is to be typed twice, and remembered as a new one by the browser's password store. */
  set confirming(confirming: boolean) {
    this.#confirm.root.hidden = !confirming;
    this.#suggestion.offered = confirming;
    this.#judge();
    this.#secret.input.autocomplete = confirming ? "new-password" : "current-password";
    this.#secret.problem("");
    this.#confirm.problem("");
  }

  get value(): string {
    return this.#secret.input.value;
  }

  /** The words that were suggested, if they are what is in the field; and whether they have been copied. */
  get suggested(): { readonly words: string; readonly copied: boolean } {
    const words = this.#suggestion.matches(this.value) ? this.value : "";
    return { words, copied: this.#suggestion.copied };
  }

  /** True if it can be used; else says why not, at the field. */
  check(): boolean {
    this.#confirm.problem("");
    if (this.value === "") return this.refuse(strings.passphrase.empty);
    // A half of a surrogate pair has no bytes: two different ones would be the same passphrase.
    if (/\p{Surrogate}/u.test(this.value)) return this.refuse(strings.passphrase.malformed);
    this.#secret.problem("");
    if (!this.#confirm.root.hidden && this.#confirm.input.value !== this.value)
      return this.#confirm.problem(strings.passphrase.differs);
    this.#strength.stop();
    return true;
  }

  /** Says at the field what is wrong with it. */
  refuse(problem: string): false {
    return this.#secret.problem(problem);
  }

  clear(): void {
    this.#secret.input.value = this.#confirm.input.value = "";
    this.#judge();
  }

  /** A passphrase is judged while it is chosen; a suggested one is known to be good. */
  #judge(): void {
    const suggested = this.#suggestion.matches(this.value);
    if (this.#confirm.root.hidden || suggested) this.#strength.clear();
    else this.#strength.of(this.value);
  }
}

class Entry {
  readonly root: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #problem: HTMLElement;

  constructor(root: HTMLElement) {
    this.root = root;
    this.input = within(root, "input", HTMLInputElement);
    this.#problem = within(root, ".problem", HTMLElement);
    count += 1;
    this.input.id = `passphrase-${count}`;
    within(root, "label", HTMLLabelElement).htmlFor = this.input.id;
    this.#problem.id = `${this.input.id}-problem`;
    this.input.addEventListener("input", () => this.#show(""));
  }

  /** Shows it and takes the person there; "" takes it back. */
  problem(text: string): false {
    this.#show(text);
    if (text !== "") this.input.focus();
    return false;
  }

  #show(text: string): void {
    this.#problem.textContent = text;
    this.#problem.hidden = text === "";
    if (text === "") {
      this.input.removeAttribute("aria-invalid");
      this.input.removeAttribute("aria-describedby");
    } else {
      this.input.setAttribute("aria-invalid", "true");
      this.input.setAttribute("aria-describedby", this.#problem.id);
    }
  }
}
