/** Where files are dropped or picked. */
import { byId } from "./dom.js";
import { dropTarget } from "./drop.js";
import { chosenEntries, droppedEntries, type Entry } from "./entries.js";
import { type Kind, sniff } from "./sniff.js";
import { strings } from "./strings.js";
import { tar } from "./tar.js";
import * as units from "./units.js";

/** One file to work on: the chosen one, or an archive of them. */
export interface Chosen {
  readonly name: string;
  readonly source: Blob;
  readonly kind: Kind;
  /** How many files it was made of. */
  readonly count: number;
}

export class Chooser {
  chosen: Chosen | undefined;
  readonly #file = byId("file", HTMLInputElement);
  readonly #folder = byId("folder", HTMLInputElement);
  readonly #drop = byId("drop", HTMLElement);
  readonly #notice = byId("file-notice", HTMLElement);
  readonly #onChange: () => void;
  /** Folders take their time to be read: what is chosen later also comes later. */
  #taking: Promise<void> = Promise.resolve();

  /** @param isOpen - whether files may be dropped now. */
  constructor(isOpen: () => boolean, onChange: () => void) {
    this.#onChange = onChange;
    for (const input of [this.#file, this.#folder]) {
      input.addEventListener(
        "change",
        // Without files the dialog was dismissed: what was chosen before stays.
        () => input.files?.length && this.#take(Promise.resolve(chosenEntries(input.files))),
      );
    }
    byId("folder-button", HTMLButtonElement).addEventListener("click", () => this.#folder.click());
    dropTarget(this.#drop, (data) => {
      if (isOpen()) this.#take(droppedEntries(data));
    });
  }

  clear(): void {
    this.#show(undefined);
    this.#file.value = this.#folder.value = "";
    this.#notice.textContent = "";
  }

  focus(): void {
    this.#file.focus();
  }

  #take(entries: Promise<Entry[]>): void {
    // Looked at later, when it is this one's turn.
    entries.catch(() => undefined);
    this.#taking = this.#taking.then(async () => {
      this.#notice.textContent = "";
      try {
        const chosen = await one(await entries);
        this.#show(chosen);
        if (!chosen) this.#notice.textContent = strings.files.nothing;
      } catch {
        this.#show(undefined);
        this.#notice.textContent = strings.files.unreadable;
      }
      this.#onChange();
    });
  }

  #show(chosen: Chosen | undefined): void {
    this.chosen = chosen;
    this.#drop.classList.toggle("filled", chosen !== undefined);
    byId("chosen-name", HTMLElement).textContent =
      !chosen || chosen.count === 1
        ? (chosen?.name ?? "")
        : strings.files.count(units.integer(chosen.count));
    byId("chosen-size", HTMLElement).textContent = chosen ? units.bytes(chosen.source.size) : "";
  }
}

/** @throws DOMException if it cannot be read. */
async function one(entries: readonly Entry[]): Promise<Chosen | undefined> {
  const [first] = entries;
  if (!first) return undefined;
  if (entries.length === 1 && !first.path.includes("/"))
    return { name: first.file.name, source: first.file, kind: await sniff(first.file), count: 1 };
  return { name: archiveName(entries), source: tar(entries), kind: "other", count: entries.length };
}

/** The name of the folder that they are all in. */
function archiveName(entries: readonly Entry[]): string {
  const folders = new Set(
    entries.map(({ path }) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "")),
  );
  const [folder] = folders;
  return `${folders.size === 1 && folder ? folder : strings.files.archive}.tar`;
}
