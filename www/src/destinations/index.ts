import type { FileToSave } from "../names.js";
import type { AskForClick, Destination } from "./destination.js";
import { openInMemory } from "./memory.js";
import { openPicked } from "./picked.js";
import { openPrivateFile } from "./private-file.js";
import { openServiceWorkerDownload } from "./service-worker.js";

/** The first way of saving that this browser has, best first. All but the last take any size in constant memory. */
export async function openDestination(file: FileToSave, askForClick: AskForClick): Promise<Destination> {
  return (
    (await openPicked(file, askForClick)) ??
    (await openServiceWorkerDownload(file, askForClick)) ??
    (await openPrivateFile(file, askForClick)) ??
    openInMemory(file)
  );
}
