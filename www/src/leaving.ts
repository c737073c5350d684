/** Asks before the page is left while something would be lost that nobody can bring back. */
const reasons: (() => boolean)[] = [];

/** @param wouldLose - asked when the page is about to be left. */
export function askBeforeLeaving(wouldLose: () => boolean): void {
  if (reasons.push(wouldLose) > 1) return;
  addEventListener("beforeunload", (event) => {
    if (reasons.some((reason) => reason())) event.preventDefault();
  });
}
