/**
 * A look into an encrypted file without saving it, and what can be saved of a damaged one. Loaded
 * when it is wanted.
 */
import type { DecryptKey } from "age-rt-wasm";
import { AgeReader } from "age-rt-wasm/reader";
import { type Member, membersOf } from "../archives/read.js";
import { type Item, showName } from "../chooser.js";
import type { AskForClick } from "../destinations/destination.js";
import { openIn, pick } from "../destinations/folder.js";
import { byId, fromTemplate, within } from "../dom.js";
import { failureOf, isDamage } from "../failures.js";
import { decryptedFile, type FileToSave, typeOf } from "../names.js";
import { unarmored } from "../plan.js";
import { strings } from "../strings.js";
import type { Progress } from "../transfer.js";
import * as units from "../units.js";
import { preview } from "./preview.js";
import { type Salvage, salvageOf } from "./salvage.js";
import { Saving } from "./saving.js";

export interface Opening {
  readonly item: Item;
  readonly key: DecryptKey;
  /** Whether it is to be seen what of it is whole. */
  readonly mending: boolean;
  readonly root: HTMLElement;
  readonly askForClick: AskForClick;
  /** How much work it may take, as log2 N. */
  readonly maxWorkFactor: number;
  /** Ends the opening. */
  readonly signal: AbortSignal;
  readonly onDerivation: (fraction: number) => void;
  /** Of what is read before anything can be shown. */
  readonly progress: Progress;
}

/** A file that is looked into. */
export interface Inside {
  /**
   * Whether it may be left: while something is saved the person is told first, and may the second
   * time.
   */
  mayLeave(): boolean;
  /** Forgets everything. */
  close(): void;
}

/** Names that are listed at first. */
const LISTED = 200;

/** @throws AgeRtError for what cannot be opened; the signal's reason. */
export async function openFile({
  item,
  key,
  mending,
  root,
  askForClick,
  maxWorkFactor,
  signal,
  onDerivation,
  progress,
}: Opening): Promise<Inside> {
  /** Of whatever was opened. */
  const abort = new AbortController();
  const body = within(root, "#inside-body", HTMLElement);
  const saving = new Saving(root, askForClick);
  let closePreview: (() => void) | undefined;
  const close = (): void => {
    closePreview?.();
    saving.leave();
    // Readers that were opened with it close.
    abort.abort();
    body.replaceChildren();
  };
  const facts = within(root, "#inside-facts", HTMLElement);
  const open = async (): Promise<void> => {
    const options = { signal: abort.signal, maxWorkFactor, onDerivation };
    const file = await unarmored(item);
    signal.throwIfAborted();
    const result = decryptedFile(item.file.name, item.file.size);
    showName(byId("inside-name", HTMLElement), result.name);
    body.replaceChildren();
    if (mending) {
      const found = await salvageOf(file, key, options, progress);
      facts.textContent = showSalvage(found, result, body, saving);
      return;
    }
    const reader = await AgeReader.open(file, key, {
      ...options,
      onProgress: (bytes) => (progress.read = progress.written = bytes),
    });
    facts.textContent = strings.inside.facts(units.bytes(reader.size));
    const shown = await showContents(reader, result, body, saving, askForClick, signal);
    if (signal.aborted) shown?.();
    else closePreview = shown;
  };
  // A disk that does not answer keeps nobody here.
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), {
      once: true,
      signal: abort.signal,
    });
  });
  try {
    signal.throwIfAborted();
    await Promise.race([open(), aborted]);
  } catch (error) {
    close();
    throw error;
  }
  return { close, mayLeave: () => saving.mayLeave() };
}

/** @returns what is right of it. */
function showSalvage(
  { stream, whole, size, complete, holes }: Salvage,
  result: FileToSave,
  body: HTMLElement,
  saving: Saving,
): string {
  if (holes.length > 0) body.append(listOfHoles(holes));
  const { saveComplete, saveWhole } = strings.inside;
  const name = complete ? result.name : salvagedName(result.name);
  body.append(
    button((complete ? saveComplete : saveWhole)(name), () =>
      saving.save({ ...result, name, about: size ?? whole }, stream()),
    ),
  );
  if (complete) return strings.inside.complete(units.bytes(whole), units.exactly(whole));
  if (size === undefined) return strings.inside.beginning(units.bytes(whole), units.exactly(whole));
  const exact = strings.inside.partsExact(units.integer(whole), units.integer(size));
  return strings.inside.parts(units.bytes(whole), units.bytes(size), exact);
}

/** @returns ends the preview, if there is one. */
async function showContents(
  reader: AgeReader,
  result: FileToSave,
  body: HTMLElement,
  saving: Saving,
  askForClick: AskForClick,
  signal: AbortSignal,
): Promise<(() => void) | undefined> {
  const type = /\.(zip|tar)$/i.exec(result.name)?.[1]?.toLowerCase() as "zip" | "tar" | undefined;
  try {
    if (!type) return await preview(reader, result, body, signal);
    const members = await membersOf(reader, type);
    signal.throwIfAborted();
    body.append(...listOfMembers(members, saving, askForClick));
  } catch (error) {
    // The reader's own errors are the file's; and nobody waits any more for what was cancelled.
    if (isDamage(error) || signal.aborted) throw error;
    const text = document.createElement("p");
    text.textContent = type ? strings.inside.noArchive : failureOf(error).advice;
    body.append(text);
  }
  return undefined;
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
        if (root) await saveAll(members, root, saving);
      }),
    );
  return elements;
}

async function saveAll(
  members: readonly Member[],
  root: FileSystemDirectoryHandle,
  saving: Saving,
): Promise<void> {
  let count = 0;
  for (const member of members) {
    const { path } = member;
    if (!path) continue;
    const saved = await saving.save(fileOf(member), member.stream(), () => openIn(root, path));
    if (!saved) {
      if (saving.wasStopped) saving.say(strings.inside.stoppedAfter(units.integer(count)));
      return;
    }
    count += 1;
  }
  saving.say(strings.inside.savedAll(units.integer(count), units.integer(members.length - count)));
}

function fileOf({ path, size }: Member): FileToSave {
  const name = path?.at(-1) ?? "";
  return { name, type: typeOf(name), size: undefined, about: size };
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
    const size = units.bytes(end - start);
    const bytes = [units.integer(start), units.integer(end - 1)] as const;
    row.textContent =
      start === 0
        ? strings.inside.holeAtStart(size, ...bytes)
        : strings.inside.hole(size, units.bytes(start), ...bytes);
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
    void act().finally(() => {
      made.disabled = false;
      if (document.activeElement === document.body) made.focus();
    });
  });
  return made;
}

/** Whoever finds it later is to see by its name that it is not the whole. */
function salvagedName(name: string): string {
  return name.replace(/^(.*?)((?:\.[^.]*)?)$/s, (_, stem: string, extension: string) =>
    strings.inside.salvaged(stem, extension),
  );
}
