import { within } from "../dom.js";
import { applied, difference, type Edit } from "./edit.js";

/** One person's pane: what they type, and what they see of the other. */
export class End {
  readonly #typed: HTMLTextAreaElement;
  readonly #seen: HTMLElement;
  readonly #onEdit: (edit: Edit) => void;
  #sent = "";
  #received = "";

  constructor(root: HTMLElement, onEdit: (edit: Edit) => void) {
    this.#typed = within(root, "textarea", HTMLTextAreaElement);
    this.#seen = within(root, "output", HTMLElement);
    this.#onEdit = onEdit;
    this.#typed.addEventListener("input", () => this.#send());
  }

  /** Types for this person. */
  say(text: string): void {
    this.#typed.value = text;
    this.#send();
  }

  #send(): void {
    const edit = difference(this.#sent, this.#typed.value);
    this.#sent = this.#typed.value;
    this.#onEdit(edit);
  }

  receive(edit: Edit): void {
    this.#received = applied(this.#received, edit);
    this.#seen.textContent = this.#received;
  }

  /** Both ends start from nothing. */
  reset(): void {
    this.#sent = this.#received = this.#typed.value = this.#seen.textContent = "";
  }

  set connected(connected: boolean) {
    this.#typed.disabled = !connected;
  }

  focus(): void {
    this.#typed.focus();
  }
}
