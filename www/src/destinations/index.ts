import type { FileToSave } from "../names.js";
import type { AskForClick, Destination, Open } from "./destination.js";
import { openInMemory } from "./memory.js";
import { openPicked } from "./picked.js";
import { openPrivateFile } from "./private-file.js";
import { openServiceWorkerDownload } from "./service-worker.js";

/** What Firefox may hold in memory where it has no private storage, in bytes. */
const LARGE = 2 ** 28;

/**
 * The first way of saving that this browser has, best first. All but the last take any size in
 * constant memory.
 *
 * @param replaces - whether the file has the name of what it is made of. The browser's dialog
 * empties the file that is picked in it at once (the File System Access specification asks for it),
 * and that would be what is still to be read; a download leaves it alone.
 */
export async function openDestination(
  file: FileToSave,
  askForClick: AskForClick,
  replaces = false,
): Promise<Destination> {
  for (const open of await waysFor(file)) {
    if (replaces && open === openPicked) continue;
    const destination = await open(file, askForClick);
    if (destination) return destination;
  }
  return openInMemory(file);
}

async function waysFor({ about }: FileToSave): Promise<readonly Open[]> {
  // Where a finger points, a result can be shared and opened from here: only what the page still
  // has.
  if (!isFirefox())
    return matchMedia("(pointer: coarse)").matches && (await hasRoom(about))
      ? [openPicked, openPrivateFile, openServiceWorkerDownload]
      : [openPicked, openServiceWorkerDownload, openPrivateFile];
  const ways: Open[] = about < LARGE ? [] : [openServiceWorkerDownload];
  return (await hasRoom(about)) ? [openPrivateFile, ...ways] : ways;
}

/**
 * Firefox leaves what it has of a download that was cancelled or failed, readable, among the
 * downloads; and it holds all that a service worker sends it in memory (both seen in 153). There
 * nothing becomes a download before it is whole. No feature tells, so that a property of its own
 * has to.
 */
function isFirefox(): boolean {
  return "mozInnerScreenX" in window;
}

async function hasRoom(size: number): Promise<boolean> {
  try {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return quota - usage > size;
  } catch {
    return false;
  }
}
