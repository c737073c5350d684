import { focusOn, within } from "./dom.js";
import type { Failure } from "./failures.js";

/** Where a tab says what went wrong. */
export class FailureBox {
  readonly #root: HTMLElement;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** @param isSpoken - whether it comes by itself: else the focus goes there. */
  show({ title, advice }: Failure, isSpoken = false): void {
    if (isSpoken) this.#root.setAttribute("role", "alert");
    else this.#root.removeAttribute("role");
    within(this.#root, "h2", HTMLElement).textContent = title;
    within(this.#root, "p", HTMLElement).textContent = advice;
    this.#root.hidden = false;
  }

  hide(): void {
    this.#root.hidden = true;
  }

  focus(): void {
    focusOn(this.#root);
  }
}
