/**
 * The browser's Back leads out of what has taken another view's place on this page, such as a
 * result, and not out of the page. Entries of the history carry their place in it: the address is
 * the same.
 */

interface Step {
  /** The place in the history where the person was before; undefined until there is one. */
  before: number | undefined;
  /** Goes back to what was shown before. False if the person is asked first. */
  readonly leave: () => boolean;
}

/** The innermost last. */
const steps: Step[] = [];
/** Whether the page itself is on its way back: what is entered meanwhile waits for that. */
let returning = false;
/** What had the focus last. */
let focused: EventTarget | null = null;

/** Adds an entry to the history, which is the present one from now on. */
export function pushPlace(url?: string): number | undefined {
  try {
    const at = place() ?? 0;
    history.replaceState({ place: at }, "");
    history.pushState({ place: at + 1 }, "", url);
    return at;
  } catch {
    // Some browsers refuse more than so many in a while. Back leads out of the page then.
    return undefined;
  }
}

/**
 * To be called when something takes another view's place.
 *
 * @returns to be called when that is over, by whatever way.
 */
export function enter(leave: () => boolean): () => void {
  const step: Step = { before: returning ? undefined : pushPlace(), leave };
  steps.push(step);
  return () => end(step);
}

function end(step: Step): void {
  const index = steps.indexOf(step);
  if (index < 0) return;
  const { length } = steps.splice(index);
  // Where the person has gone elsewhere meanwhile, the entries stay, and lead nowhere.
  if (step.before === undefined || place() !== step.before + length) return;
  returning = true;
  history.go(-length);
}

addEventListener("popstate", () => {
  if (returning) {
    returning = false;
    keepFocus();
    for (const step of steps) step.before ??= pushPlace();
    return;
  }
  const at = place();
  if (at === undefined) return;
  for (;;) {
    const step = steps.at(-1);
    if (step?.before === undefined || at > step.before) return;
    const left = step.leave();
    keepFocus();
    if (!left) {
      step.before = pushPlace();
      return;
    }
    const index = steps.indexOf(step);
    if (index >= 0) steps.splice(index);
  }
});

addEventListener("focusin", ({ target }) => (focused = target));

/** Browsers take the focus away where the address names a part of the page. */
function keepFocus(): void {
  setTimeout(() => {
    const isLost = document.activeElement === document.body;
    if (isLost && focused instanceof HTMLElement) focused.focus();
  });
}

/** Undefined for an entry that is not of this page's making, as for an address that was typed. */
function place(): number | undefined {
  const { place } = Object(history.state) as { readonly place?: unknown };
  return typeof place === "number" ? place : undefined;
}
