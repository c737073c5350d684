import { within } from "../dom.js";
import { applied, difference, type Edit } from "./edit.js";

/** One person's pane: what they type, and what they see of the other. */
export class End {
  readonly #typed: HTMLTextAreaElement;
  readonly #seen: HTMLElement;
  #sent = "";
  #received = "";

  constructor(root: HTMLElement, onEdit: (edit: Edit) => void) {
    this.#typed = within(root, "textarea", HTMLTextAreaElement);
    this.#seen = within(root, "output", HTMLElement);
    this.#typed.addEventListener("input", () => {
      const edit = difference(this.#sent, this.#typed.value);
      this.#sent = this.#typed.value;
      onEdit(edit);
    });
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
