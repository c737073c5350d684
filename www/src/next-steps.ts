/** What comes after a result: how the receiver opens it, and what can be done with it here. */
import { copyFrom } from "./copy.js";
import { byId } from "./dom.js";
import { isArchive, showsType } from "./names.js";
import type { Action } from "./plan.js";
import { strings } from "./strings.js";

export interface Result {
  readonly name: string;
  /** Whether it is an encrypted archive of several files or a folder. */
  readonly isPacked: boolean;
  readonly inDownloads: boolean;
  readonly file: (() => Promise<File>) | undefined;
}

/** What a browser shows by itself without running what is in it as a page of this origin. */
const SHOWN = /^(?:image\/(?:gif|jpeg|png|webp)|audio\/|video\/|application\/pdf$|text\/plain$)/;
/** An address that was opened is read at once. In milliseconds. */
const STAYS = 60_000;

export class NextSteps {
  readonly #root = byId("next-steps", HTMLElement);
  readonly #title = byId("next-title", HTMLElement);
  readonly #list = byId("next-list", HTMLElement);
  readonly #copy = byId("next-copy", HTMLButtonElement);
  readonly #where = byId("finished-where", HTMLElement);
  readonly #share = byId("share", HTMLButtonElement);
  readonly #open = byId("open", HTMLButtonElement);
  readonly #message = byId("next-message", HTMLElement);

  constructor() {
    this.#copy.addEventListener("click", () => void copyFrom(this.#message, this.#copy));
  }

  show(results: readonly Result[], action: Action, key: "passphrase" | "key" | "passkey"): void {
    const [first] = results;
    if (!first) return;
    const encrypted = action === "encrypt";
    this.#root.hidden = !encrypted;
    this.#where.hidden = encrypted;
    if (encrypted) {
      const { unpack, message } = strings.next;
      const archive = first.isPacked ? first.name.replace(/\.age$/, "") : "";
      const steps = strings.next[key].map((step) =>
        step(first.name, address(), archive && unpack(archive)),
      );
      this.#list.replaceChildren(
        ...steps.map((step) => {
          const item = document.createElement("li");
          item.textContent = step;
          return item;
        }),
      );
      this.#title.textContent = strings.next.title;
      this.#copy.textContent = strings.next.copy;
      this.#message.hidden = true;
      // For the one who receives it: the passphrase is not in it. A passkey is nobody else's.
      this.#copy.hidden = key === "passkey";
      this.#message.textContent =
        key === "passkey"
          ? ""
          : message[key](first.name, address(), archive && message.unpack(archive));
    } else {
      const { inDownloads, saved, archive, noEnding } = strings.next;
      const said: string[] = [first.inDownloads ? inDownloads : saved];
      if (results.length === 1) {
        if (isArchive(first.name)) said.push(archive);
        else if (!showsType(first.name)) said.push(noEnding);
      }
      this.#where.textContent = said.join(" ");
    }
    void this.#offer(results);
  }

  clear(): void {
    this.#share.hidden = this.#open.hidden = this.#root.hidden = this.#where.hidden = true;
    this.#share.onclick = this.#open.onclick = null;
    this.#message.textContent = "";
    this.#message.hidden = true;
  }

  async #offer(results: readonly Result[]): Promise<void> {
    this.#share.hidden = this.#open.hidden = true;
    const [first] = results;
    if (results.length !== 1 || !first?.file) return;
    try {
      const file = await first.file();
      // Where a mouse is, files are shared and opened by other means.
      if (!matchMedia("(pointer: coarse)").matches) return;
      if (navigator.canShare?.({ files: [file] })) {
        this.#share.hidden = false;
        this.#share.onclick = () => void navigator.share({ files: [file] }).catch(() => undefined);
      }
      if (SHOWN.test(file.type)) {
        this.#open.hidden = false;
        this.#open.onclick = () => {
          const url = URL.createObjectURL(file);
          window.open(url, "_blank", "noopener");
          setTimeout(() => URL.revokeObjectURL(url), STAYS);
        };
      }
    } catch {
      // Moved away meanwhile: it is where it was saved.
    }
  }
}

/** Where the receiver opens it. */
function address(): string {
  return location.protocol === "file:" ? "" : location.origin + location.pathname;
}
