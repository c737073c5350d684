import { fromTemplate, within } from "./dom.js";
import { FieldProblem } from "./field-problem.js";
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
  readonly #root: HTMLElement;

  constructor(host: HTMLElement) {
    const field = fromTemplate("passphrase-template");
    this.#root = field;
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

  set hidden(hidden: boolean) {
    this.#root.hidden = hidden;
  }

  /**
   * Whether it is to be typed twice, and remembered as a new one by the browser's password store.
   */
  set confirming(confirming: boolean) {
    this.#confirm.root.hidden = !confirming;
    this.#suggestion.offered = confirming;
    this.#judge();
    this.#secret.input.autocomplete = confirming ? "new-password" : "current-password";
    this.#secret.problem("");
    this.#confirm.problem("");
  }

  /** The work that each guess will take, as log2 N. */
  set workFactor(workFactor: number) {
    this.#strength.workFactor = workFactor;
  }

  /** What the fields are called. */
  name(secret: string, confirm: string): void {
    this.#secret.name = secret;
    this.#confirm.name = confirm;
  }

  get value(): string {
    return this.#secret.input.value;
  }

  /**
   * The words that were suggested, if they are what is in the field; and whether they have been
   * copied.
   */
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
  readonly #problem: FieldProblem;

  constructor(root: HTMLElement) {
    this.root = root;
    this.input = within(root, "input", HTMLInputElement);
    count += 1;
    this.input.id = `passphrase-${count}`;
    within(root, "label", HTMLLabelElement).htmlFor = this.input.id;
    const problem = within(root, ".problem", HTMLElement);
    problem.id = `${this.input.id}-problem`;
    this.#problem = new FieldProblem(this.input, problem);
  }

  set name(name: string) {
    within(this.root, "label", HTMLLabelElement).textContent = name;
  }

  /** Shows it and takes the person there; "" takes it back. */
  problem(text: string): false {
    return this.#problem.show(text);
  }
}
