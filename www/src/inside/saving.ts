/** What is saved out of a file that is looked into: one at a time, as far as the person lets. */
import type { AskForClick, Destination } from "../destinations/destination.js";
import { openDestination } from "../destinations/index.js";
import { within } from "../dom.js";
import { DialogDismissedError, SavingError } from "../errors.js";
import { failureOf } from "../failures.js";
import type { FileToSave } from "../names.js";
import { strings } from "../strings.js";
import { whileSaving } from "../transfer.js";
import * as units from "../units.js";

/** What is saved in this time needs no bar that comes and goes. In milliseconds. */
const SHORT = 300;

export class Saving {
  readonly #said: HTMLElement;
  readonly #body: HTMLElement;
  readonly #box: HTMLElement;
  readonly #bar: HTMLProgressElement;
  readonly #amount: HTMLElement;
  readonly #cancel: HTMLButtonElement;
  readonly #askForClick: AskForClick;
  /** Set while something is under way that would be lost. */
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #focused: Element | null = null;
  #isToldOf = false;
  #isLeft = false;
  /** Whether the person has stopped what was saved last. */
  wasStopped = false;

  constructor(root: HTMLElement, askForClick: AskForClick) {
    this.#said = within(root, "#inside-said", HTMLElement);
    this.#body = within(root, "#inside-body", HTMLElement);
    this.#box = within(root, "#inside-saving", HTMLElement);
    this.#bar = within(this.#box, "progress", HTMLProgressElement);
    this.#amount = within(this.#box, ".numbers span", HTMLElement);
    this.#cancel = within(this.#box, "button", HTMLButtonElement);
    this.#cancel.onclick = () => this.#abort?.abort();
    this.#askForClick = askForClick;
    this.say("");
    this.#box.hidden = true;
  }

  /** What comes late is of a file that nobody looks into any more. */
  say(text: string): void {
    if (!this.#isLeft) this.#said.textContent = text;
  }

  mayLeave(): boolean {
    if (!this.#abort || this.#isToldOf) return true;
    this.#isToldOf = true;
    this.say(strings.inside.stillSaving);
    this.#box.hidden = false;
    this.#cancel.focus();
    return false;
  }

  leave(): void {
    this.#isLeft = true;
    this.#abort?.abort();
    this.#box.hidden = true;
    this.#said.textContent = "";
  }

  /** True if it was saved; else it has been said why not, and nothing is left of it. */
  async save(
    file: FileToSave,
    source: ReadableStream<Uint8Array<ArrayBuffer>>,
    open: () => Promise<Destination> = () => openDestination(file, this.#askForClick),
  ): Promise<boolean> {
    const abort = this.#begin(file);
    const { signal } = abort;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    aborted.catch(() => undefined);
    const opening = whileSaving(open());
    let written = 0;
    try {
      // A dialog, a download that is paused and a slow disk keep nobody waiting.
      const destination = await Promise.race([opening, aborted]);
      const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
        write: async (chunk) => {
          // Some destinations take the chunk's memory away.
          const { length } = chunk;
          await Promise.race([whileSaving(destination.write(chunk)), aborted]);
          this.#show((written += length), file.about);
        },
      });
      await Promise.race([source.pipeTo(sink, { signal }), aborted]);
      // It is whole: what is left to do is the browser's.
      this.#end();
      await whileSaving(destination.close());
      this.say(strings.inside.saved(file.name));
      return true;
    } catch (error) {
      this.wasStopped = signal.aborted;
      const discarded = opening.then((destination) => destination.abort());
      await Promise.race([discarded, aborted]).catch(() => undefined);
      // Of what is locked the pipe takes care.
      if (!source.locked) await source.cancel(error).catch(() => undefined);
      if (signal.aborted) this.say(strings.inside.stopped);
      else this.#sayOf(error);
      return false;
    } finally {
      this.#end();
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

  #begin({ name, about }: FileToSave): AbortController {
    this.say(strings.inside.saving(name));
    this.wasStopped = this.#isToldOf = false;
    this.#show(0, about);
    // One after the other: there is one place to say how far it is.
    this.#focused = document.activeElement;
    this.#body.inert = true;
    this.#timer = setTimeout(() => (this.#box.hidden = this.#isLeft), SHORT);
    this.#abort = new AbortController();
    if (this.#isLeft) this.#abort.abort();
    return this.#abort;
  }

  #end(): void {
    this.#abort = undefined;
    clearTimeout(this.#timer);
    this.#body.inert = false;
    const { activeElement } = document;
    const isLost = activeElement === document.body || activeElement === this.#cancel;
    this.#box.hidden = true;
    if (isLost && this.#focused instanceof HTMLElement) this.#focused.focus();
  }

  #show(written: number, about: number): void {
    this.#bar.value = about > 0 ? Math.min(1, written / about) : 0;
    this.#amount.textContent = strings.progress.bytes(units.bytes(written), units.bytes(about));
  }

  #sayOf(error: unknown): void {
    if (error instanceof DialogDismissedError) this.say(strings.stage.cancelled);
    else {
      const { title, advice } = failureOf(error);
      this.say(`${title}: ${advice}`);
    }
  }
}
