/** Where files are dropped or picked, and the list of what was chosen so far. */
import { byId, fromTemplate, within } from "./dom.js";
import { dropTarget } from "./drop.js";
import { chosenEntries, droppedEntries, type Entry } from "./entries.js";
import { isAgeName } from "./names.js";
import { type Sniffed, sniff, UNSEEN } from "./sniff.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

export interface Item extends Entry, Sniffed {}

/** Names that are listed; of more there is a number. */
const LISTED = 6;
/** Files that are looked into when they are chosen; of more the name has to do. */
const LOOKED_INTO = 100;
/** Characters at the end of a name that stay when it is cut. */
const TAIL = 12;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;

export class Chooser {
  #items: readonly Item[] = [];
  readonly #file = byId("file", HTMLInputElement);
  readonly #folder = byId("folder", HTMLInputElement);
  readonly #drop = byId("drop", HTMLElement);
  readonly #list = byId("chosen", HTMLElement);
  readonly #rest = byId("chosen-rest", HTMLElement);
  readonly #notice = byId("file-notice", HTMLElement);
  readonly #onChange: () => void;
  #look: ((one: Item, button: HTMLButtonElement) => void) | undefined;
  /** Folders take their time to be read: what is chosen later also comes later. */
  #taking: Promise<void> = Promise.resolve();

  /** @param isOpen - whether files may be dropped now. */
  constructor(isOpen: () => boolean, onChange: () => void) {
    this.#onChange = onChange;
    for (const input of [this.#file, this.#folder]) {
      input.addEventListener("change", () => {
        // Without files the dialog was dismissed: what was chosen before stays.
        if (input.files?.length) this.add(Promise.resolve(chosenEntries(input.files)));
        // The same file can be chosen again after it was removed.
        input.value = "";
      });
    }
    byId("folder-button", HTMLButtonElement).addEventListener("click", () => this.#folder.click());
    byId("remove-all", HTMLButtonElement).addEventListener("click", () => {
      this.clear();
      this.#onChange();
      this.focus();
    });
    dropTarget(this.#drop, (data) => {
      if (isOpen()) this.add(droppedEntries(data));
    });
    this.#show();
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  /** Puts files to those that are there. */
  add(entries: Promise<Entry[]>): void {
    // Looked at later, when it is this one's turn.
    entries.catch(() => undefined);
    this.#taking = this.#taking.then(async () => {
      this.#notice.textContent = "";
      try {
        const found = (await entries).filter((entry) => !this.#has(entry));
        if ((await entries).length === 0) this.#notice.textContent = strings.files.nothing;
        const items = await Promise.all(found.map((entry, i) => item(entry, i < LOOKED_INTO)));
        this.#items = [...this.#items, ...items];
      } catch {
        this.#notice.textContent = strings.files.unreadable;
      }
      this.#show();
      this.#onChange();
    });
  }

  remove(gone: Item): void {
    this.#notice.textContent = "";
    this.#items = this.#items.filter((other) => other !== gone);
    this.#show();
  }

  clear(): void {
    this.#items = [];
    this.#notice.textContent = "";
    this.#show();
  }

  focus(): void {
    this.#file.focus();
  }

  /** Puts a button beside each file that can be looked into; undefined takes them away. */
  offerLook(look: ((one: Item, button: HTMLButtonElement) => void) | undefined): void {
    const isOffered = this.#look !== undefined;
    this.#look = look;
    // What is there keeps the focus.
    if (isOffered !== (look !== undefined)) this.#show();
  }

  #has({ path, file }: Entry): boolean {
    return this.#items.some(
      (other) =>
        other.path === path &&
        other.file.size === file.size &&
        other.file.lastModified === file.lastModified,
    );
  }

  #show(): void {
    const items = this.#items;
    this.#drop.classList.toggle("filled", items.length > 0);
    this.#list.hidden = items.length === 0;
    this.#list.replaceChildren(...items.slice(0, LISTED).map((one) => this.#row(one)));
    const size = items.reduce((sum, { file }) => sum + file.size, 0);
    this.#rest.hidden = items.length < 2;
    within(this.#rest, "span", HTMLElement).textContent = strings.files.count(
      units.integer(items.length),
      units.bytes(size),
      units.integer(Math.max(0, items.length - LISTED)),
    );
  }

  #row(one: Item): HTMLElement {
    const row = fromTemplate("chosen-template");
    showName(within(row, "bdi", HTMLElement), one.path);
    within(row, ".size", HTMLElement).textContent = units.bytes(one.file.size);
    const button = within(row, "button", HTMLButtonElement);
    if (this.#look && canBeRead(one)) {
      const look = document.createElement("button");
      look.type = "button";
      look.className = "plain";
      look.dataset["part"] = "look";
      look.textContent = strings.files.lookShort;
      look.setAttribute("aria-label", strings.files.lookLabel(one.path));
      look.addEventListener("click", () => this.#look?.(one, look));
      button.before(look);
    }
    button.setAttribute("aria-label", strings.files.removeLabel(one.path));
    button.addEventListener("click", () => {
      const at = this.#items.indexOf(one);
      this.remove(one);
      this.#onChange();
      // The next one's button is where this one was; without any, the field.
      const buttons = this.#list.querySelectorAll<HTMLElement>("[data-part=remove]");
      (buttons[Math.min(at, buttons.length - 1)] ?? this.#file).focus();
    });
    return row;
  }
}

/**
 * A name that is too long is cut in its middle: its end tells what it is. The whole of it stays to
 * be read.
 */
export function showName(element: HTMLElement, name: string): void {
  const letters = [...name];
  const head = document.createElement("span");
  const tail = document.createElement("span");
  head.className = "head";
  // Letters that join, and run from right to left, must not be taken apart: only the extension is.
  const end = RIGHT_TO_LEFT.test(name) ? (/\.[a-z\d]{1,8}$/i.exec(name)?.[0].length ?? 0) : TAIL;
  const cut = Math.max(0, letters.length - end);
  head.textContent = letters.slice(0, cut).join("");
  tail.textContent = letters.slice(cut).join("");
  element.title = name;
  element.replaceChildren(head, tail);
}

/** Whether there may be something in it to be opened. */
export function canBeRead({ kind, fault }: Item): boolean {
  return kind !== "other" && fault === undefined;
}

/** @throws DOMException if it cannot be read. */
async function item(entry: Entry, isLookedInto: boolean): Promise<Item> {
  // What is in a folder goes into an archive, whatever it is.
  const looked = isLookedInto && !entry.path.includes("/");
  if (looked) return { ...entry, ...(await sniff(entry.file)) };
  return { ...entry, ...UNSEEN, kind: isAgeName(entry.path) ? "age" : "other" };
}
