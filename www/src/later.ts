/** Parts of the page that are loaded when they are wanted: offline now is not offline for ever. */
import type { FailureBox } from "./failure-box.js";
import { strings } from "./strings.js";

export class Later {
  readonly #failureBox: FailureBox;

  constructor(failureBox: FailureBox) {
    this.#failureBox = failureBox;
  }

  /** @param button - which waits meanwhile. */
  async use<T>(
    button: HTMLButtonElement | undefined,
    load: () => Promise<T>,
    then: (part: T) => void | Promise<void>,
  ): Promise<void> {
    if (button) button.disabled = true;
    try {
      let part: T;
      try {
        part = await load();
      } catch {
        this.#failureBox.show(strings.failure.partMissing);
        this.#failureBox.focus();
        return;
      }
      await then(part);
    } finally {
      if (button) button.disabled = false;
    }
  }
}
