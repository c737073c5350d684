import { strings } from "./strings.js";

/**
 * Copies what an element says, and tells by the button how that went; where the browser forbids it,
 * the text is selected.
 */
export async function copyFrom(element: HTMLElement, button: HTMLButtonElement): Promise<void> {
  await copyText(element.textContent, element, button);
}

/** @param shown - where the person finds it where the browser forbids copying. */
export async function copyText(
  text: string,
  shown: HTMLElement,
  button: HTMLButtonElement,
): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = strings.passphrase.copied;
  } catch {
    getSelection()?.selectAllChildren(shown);
    button.textContent = strings.passphrase.copyFailed;
  }
}
