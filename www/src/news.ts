/** Tells of something that ended while nobody looked: in the title, and on the tab. */
import { byId } from "./dom.js";
import { strings } from "./strings.js";

const tab = byId("tab-files", HTMLElement);
const mark = byId("files-news", HTMLElement);
const title = document.title;
let told = false;

export function tell(what: string): void {
  if (isSeen()) return;
  told = true;
  mark.hidden = isSelected();
  document.title = strings.progress.title(what, title);
}

/** To be called when a tab was chosen: whoever sees the files has the news from there. */
export function look(): void {
  if (!told || !isSeen()) return;
  told = false;
  mark.hidden = true;
  document.title = title;
}

function isSeen(): boolean {
  return isSelected() && !document.hidden;
}

function isSelected(): boolean {
  return tab.getAttribute("aria-selected") === "true";
}

document.addEventListener("visibilitychange", look);
