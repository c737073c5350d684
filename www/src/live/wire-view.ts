/** Draws each chunk as it passes. */
import { fromTemplate, within } from "../dom.js";
import { strings } from "../strings.js";
import * as units from "../units.js";
import type { Who } from "./call.js";
import { headerLength, LENGTH, type Passing, TAG } from "./wire.js";

/** Chunks that stay in sight. */
const KEPT = 40;
/** Bytes that are spelt out; the rest is "…". */
const SPELT = 8;

export class WireView {
  readonly #list: HTMLElement;

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  clear(): void {
    this.#list.replaceChildren();
  }

  show({ index, bytes, final, mark }: Passing, from: Who): void {
    const row = fromTemplate("chunk-template");
    row.classList.toggle("back", from === "ben");
    row.classList.toggle("lost", mark === "drop");
    within(row, ".way", HTMLElement).textContent =
      from === "ada" ? strings.live.adaToBen : strings.live.benToAda;
    within(row, ".mark", HTMLElement).textContent = mark ? strings.live.mark[mark] : "";
    const parts = within(row, ".parts", HTMLElement);
    if (index === undefined) {
      const end = headerLength(bytes);
      const header = part("header", strings.live.header, bytes.subarray(0, end));
      // It is text, and says so itself.
      within(header, "code", HTMLElement).textContent = new TextDecoder()
        .decode(bytes.subarray(0, end))
        .trimEnd();
      parts.classList.add("stacked");
      parts.append(header, part("nonce", strings.live.nonce, bytes.subarray(end)));
    } else {
      parts.append(part("length", strings.live.length, bytes.subarray(0, LENGTH)));
      if (bytes.length > LENGTH + TAG)
        parts.append(part("ciphertext", strings.live.ciphertext, bytes.subarray(LENGTH, -TAG)));
      parts.append(part("tag", strings.live.tag, bytes.subarray(-TAG)));
      within(row, ".index", HTMLElement).textContent = strings.live.chunk(units.integer(index));
      within(row, ".final", HTMLElement).hidden = !final;
    }
    this.#list.prepend(row);
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild?.remove();
  }
}

function part(kind: string, name: string, bytes: Uint8Array): HTMLElement {
  const element = document.createElement("span");
  element.className = `part ${kind}`;
  const label = document.createElement("b");
  label.textContent = `${name} ${units.integer(bytes.length)}`;
  const hex = document.createElement("code");
  hex.textContent = spelt(bytes);
  element.append(label, hex);
  return element;
}

function spelt(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SPELT), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join(" ");
  return bytes.length > SPELT ? `${shown} …` : shown;
}
