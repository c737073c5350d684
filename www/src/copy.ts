import { strings } from "./strings.js";

/**
 * Copies what an element says, and tells by the button how that went; where the browser forbids it,
 * the text is shown and selected.
 */
export async function copyFrom(element: HTMLElement, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(element.textContent);
    button.textContent = strings.passphrase.copied;
  } catch {
    element.hidden = false;
    getSelection()?.selectAllChildren(element);
    button.textContent = strings.passphrase.copyFailed;
  }
}
