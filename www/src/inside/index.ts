/**
 * A look into an encrypted file without saving it, and what can be saved of a damaged one. Loaded
 * when it is wanted.
 */
import { type DecryptKey } from "age-rt-wasm";
import { AgeReader } from "age-rt-wasm/reader";
import { type Member, membersOf } from "../archives/read.js";
import { type Item, showName } from "../chooser.js";
import type { AskForClick, Destination } from "../destinations/destination.js";
import { openIn, pick } from "../destinations/folder.js";
import { openDestination } from "../destinations/index.js";
import { byId, fromTemplate, within } from "../dom.js";
import { DialogDismissedError, SavingError } from "../errors.js";
import { failureOf, isDamage } from "../failures.js";
import { decryptedFile, type FileToSave, typeOf } from "../names.js";
import { unarmored } from "../plan.js";
import { strings } from "../strings.js";
import { whileSaving } from "../transfer.js";
import * as units from "../units.js";
import { preview } from "./preview.js";
import { salvageOf } from "./salvage.js";

export interface Opening {
  readonly item: Item;
  readonly key: DecryptKey;
  /** Whether it is to be seen what of it is whole. */
  readonly mending: boolean;
  readonly root: HTMLElement;
  readonly askForClick: AskForClick;
  /** How much work it may take, as log2 N. */
  readonly maxWorkFactor: number;
}

/** Names that are listed at first. */
const LISTED = 200;

/** @returns forgets everything. @throws AgeRtError for what cannot be opened. */
export async function openFile({
  item,
  key,
  mending,
  root,
  askForClick,
  maxWorkFactor,
}: Opening): Promise<() => void> {
  const abort = new AbortController();
  const options = { signal: abort.signal, maxWorkFactor };
  const file = await unarmored(item);
  const facts = within(root, "#inside-facts", HTMLElement);
  const body = within(root, "#inside-body", HTMLElement);
  const said = within(root, "#inside-said", HTMLElement);
  const result = decryptedFile(item.file.name, item.file.size);
  showName(byId("inside-name", HTMLElement), result.name);
  body.replaceChildren();
  said.textContent = "";
  let closePreview: (() => void) | undefined;
  let reader: AgeReader | undefined;
  const saving = new Saving(said, askForClick);
  if (mending) {
    facts.textContent = strings.inside.checking;
    const { source, whole, size, holes } = await salvageOf(file, key, options);
    facts.textContent =
      size === undefined
        ? strings.inside.beginning(units.bytes(whole))
        : strings.inside.parts(units.bytes(whole), units.bytes(size));
    if (holes.length > 0) body.append(listOfHoles(holes));
    const name = salvagedName(result.name);
    body.append(
      button(strings.inside.saveWhole(name), () => saving.save({ ...result, name }, source)),
    );
    return () => abort.abort();
  }
  reader = await AgeReader.open(file, key, options);
  const { size } = reader;
  facts.textContent = strings.inside.facts(units.bytes(size));
  const type = /\.(zip|tar)$/i.exec(result.name)?.[1]?.toLowerCase() as "zip" | "tar" | undefined;
  try {
    if (type) body.append(...listOfMembers(await membersOf(reader, type), saving, askForClick));
    else closePreview = await preview(reader, result, body);
  } catch (error) {
    // The reader's own errors are the file's.
    if (isDamage(error)) {
      reader.close();
      throw error;
    }
    const text = document.createElement("p");
    text.textContent = type ? strings.inside.noArchive : failureOf(error).advice;
    body.append(text);
  }
  return () => {
    closePreview?.();
    abort.abort();
    reader?.close();
    body.replaceChildren();
  };
}

function listOfMembers(
  members: readonly Member[],
  saving: Saving,
  askForClick: AskForClick,
): HTMLElement[] {
  const list = document.createElement("ul");
  list.className = "members";
  for (const member of members.slice(0, LISTED)) {
    const row = fromTemplate("member-template");
    showName(within(row, "bdi", HTMLElement), member.name);
    within(row, ".size", HTMLElement).textContent = member.path
      ? units.bytes(member.size)
      : strings.inside.unsafe;
    const save = within(row, "button", HTMLButtonElement);
    const { path } = member;
    save.hidden = path === undefined;
    save.setAttribute("aria-label", strings.inside.saveLabel(member.name));
    save.addEventListener("click", () => void saving.save(fileOf(member), member.stream()));
    list.append(row);
  }
  const elements: HTMLElement[] = [list];
  if (members.length > LISTED) {
    const rest = document.createElement("p");
    rest.textContent = strings.files.andMore(units.integer(members.length - LISTED));
    elements.push(rest);
  }
  if (window.showDirectoryPicker && members.some(({ path }) => path))
    elements.unshift(
      button(strings.inside.saveAll, async () => {
        const root = await saving.orSay(() => pick(askForClick));
        if (!root) return;
        let count = 0;
        for (const member of members)
          if (member.path) {
            const path = member.path;
            if (!(await saving.save(fileOf(member), member.stream(), () => openIn(root, path))))
              return;
            count += 1;
          }
        saving.say(
          strings.inside.savedAll(units.integer(count), units.integer(members.length - count)),
        );
      }),
    );
  return elements;
}

function fileOf({ path, size }: Member): FileToSave {
  const name = path?.at(-1) ?? "";
  return { name, type: typeOf(name), size: undefined, about: size };
}

class Saving {
  readonly #said: HTMLElement;
  readonly #askForClick: AskForClick;

  constructor(said: HTMLElement, askForClick: AskForClick) {
    this.#said = said;
    this.#askForClick = askForClick;
  }

  say(text: string): void {
    this.#said.textContent = text;
  }

  /** True if it was saved; else it has been said why not, and nothing is left of it. */
  async save(
    file: FileToSave,
    source: ReadableStream<Uint8Array<ArrayBuffer>>,
    open: () => Promise<Destination> = () => openDestination(file, this.#askForClick),
  ): Promise<boolean> {
    this.say(strings.inside.saving(file.name));
    let destination: Destination | undefined;
    try {
      const opened = (destination = await whileSaving(open()));
      await source.pipeTo(
        new WritableStream({ write: (chunk) => whileSaving(opened.write(chunk)) }),
      );
      await whileSaving(opened.close());
      this.say(strings.inside.saved(file.name));
      return true;
    } catch (error) {
      await destination?.abort().catch(() => undefined);
      await source.cancel(error).catch(() => undefined);
      this.#sayOf(error);
      return false;
    }
  }

  /** Undefined if there is none, which was said. */
  async orSay<T>(choose: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      const chosen = await choose();
      if (chosen === undefined) throw new SavingError(undefined, { cause: "" });
      return chosen;
    } catch (error) {
      this.#sayOf(error);
      return undefined;
    }
  }

  #sayOf(error: unknown): void {
    if (error instanceof DialogDismissedError) this.say(strings.stage.cancelled);
    else {
      const { title, advice } = failureOf(error);
      this.say(`${title}: ${advice}`);
    }
  }
}

function listOfHoles(
  holes: readonly { readonly start: number; readonly end: number }[],
): HTMLElement {
  const box = document.createElement("div");
  const title = document.createElement("p");
  title.textContent = strings.inside.holes;
  const list = document.createElement("ul");
  for (const { start, end } of holes.slice(0, LISTED)) {
    const row = document.createElement("li");
    row.textContent = strings.inside.hole(units.integer(start), units.integer(end - 1));
    list.append(row);
  }
  if (holes.length > LISTED) {
    const row = document.createElement("li");
    row.textContent = strings.files.andMore(units.integer(holes.length - LISTED));
    list.append(row);
  }
  box.append(title, list);
  return box;
}

function button(label: string, act: () => Promise<unknown>): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", () => {
    made.disabled = true;
    void act().finally(() => (made.disabled = false));
  });
  return made;
}

/** Whoever finds it later is to see by its name that it is not the whole. */
function salvagedName(name: string): string {
  return name.replace(/^(.*?)((?:\.[^.]*)?)$/s, (_, stem: string, extension: string) =>
    strings.inside.salvaged(stem, extension),
  );
}
