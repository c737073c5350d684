import type { FileToSave } from "../names.js";
import type { AskForClick, Destination } from "./destination.js";
import { openInMemory } from "./memory.js";
import { openPicked } from "./picked.js";
import { openPrivateFile } from "./private-file.js";
import { openServiceWorkerDownload } from "./service-worker.js";

/** From this size on, in bytes, it matters where a browser keeps a download until it is complete. */
const LARGE = 2 ** 28;

/** The first way of saving that this browser has, best first. All but the last take any size in constant memory. */
export async function openDestination(
  file: FileToSave,
  askForClick: AskForClick,
): Promise<Destination> {
  const ways = [openPicked, openServiceWorkerDownload, openPrivateFile];
  if (file.about >= LARGE && isFirefox() && (await hasRoom(file.about)))
    ways.splice(1, 2, openPrivateFile, openServiceWorkerDownload);
  for (const open of ways) {
    const destination = await open(file, askForClick);
    if (destination) return destination;
  }
  return openInMemory(file);
}

/** Firefox holds all that a service worker sends it in memory (seen in 153): no feature tells, so that a property of its own has to. */
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
