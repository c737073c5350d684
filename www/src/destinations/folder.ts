/** A folder that the person chooses, for several results at once. */
import { DialogDismissedError } from "../errors.js";
import { type FileToSave, numbered } from "../names.js";
import type { AskForClick, Destination } from "./destination.js";
import { openDestination } from "./index.js";

export class Folder {
  #picked: Promise<FileSystemDirectoryHandle | undefined> | undefined;

  /**
   * In the folder, which is asked for at the first; where the browser has no such dialog, as one
   * result alone.
   */
  async open(
    file: FileToSave,
    askForClick: AskForClick,
    folders: readonly string[] = [],
  ): Promise<Destination> {
    const root = await (this.#picked ??= pick(askForClick));
    return root ? openIn(root, [...folders, file.name]) : openDestination(file, askForClick);
  }
}

/** Undefined where there is no dialog to be had. @throws DialogDismissedError */
export async function pick(
  askForClick: AskForClick,
): Promise<FileSystemDirectoryHandle | undefined> {
  if (!window.showDirectoryPicker) return undefined;
  if (!navigator.userActivation.isActive) await askForClick();
  try {
    return await window.showDirectoryPicker({ mode: "readwrite" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError")
      throw new DialogDismissedError();
    return undefined;
  }
}

/**
 * A new file below a folder: what is there already is never written over.
 *
 * @param path - its folders and its name.
 */
export async function openIn(
  root: FileSystemDirectoryHandle,
  path: readonly string[],
): Promise<Destination> {
  let folder = root;
  for (const name of path.slice(0, -1))
    folder = await folder.getDirectoryHandle(name, { create: true });
  const name = await free(folder, path.at(-1) ?? "");
  const handle = await folder.getFileHandle(name, { create: true });
  const writable = await handle.createWritable();
  return {
    write: (chunk) => writable.write(chunk),
    close: async () => {
      await writable.close();
      return { inDownloads: false, file: () => handle.getFile() };
    },
    abort: async () => {
      await writable.abort().catch(() => undefined);
      await folder.removeEntry(name);
    },
  };
}

async function free(folder: FileSystemDirectoryHandle, wanted: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : numbered(wanted, count);
    const isThere = await folder.getFileHandle(name).then(
      () => true,
      (error: unknown) => !(error instanceof DOMException && error.name === "NotFoundError"),
    );
    if (!isThere) return name;
  }
}
