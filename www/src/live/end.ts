import { within } from "../dom.js";
import { applied, difference, type Edit } from "./edit.js";

/** One person's pane: what they type, and what they see of the other. */
export class End {
  readonly #typed: HTMLTextAreaElement;
  readonly #seen: HTMLElement;
  readonly #key: HTMLElement;
  readonly #onEdit: (edit: Edit) => void;
  #sent = "";
  #received = "";

  constructor(root: HTMLElement, onEdit: (edit: Edit) => void) {
    this.#typed = within(root, "textarea", HTMLTextAreaElement);
    this.#seen = within(root, "output", HTMLElement);
    this.#key = within(root, ".public-key", HTMLElement);
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

  /** What the other end encrypts for, where it is a key. */
  set publicKey(key: string | undefined) {
    this.#key.hidden = key === undefined;
    within(this.#key, "code", HTMLElement).textContent = key ?? "";
  }
}
