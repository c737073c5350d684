import type { AskForClick, Destination, Open } from "./destination.js";
import { DialogDismissedError } from "../errors.js";
import type { FileToSave } from "../names.js";

/** A file that the person names in the browser's own dialog. */
export const openPicked: Open = async (file, askForClick) => {
  if (!window.showSaveFilePicker) return undefined;
  const handle = await pick(file, askForClick);
  if (!handle) return undefined;
  // The file itself changes only when the writable is closed; until then the browser writes to one
  // beside it.
  const writable = await handle.createWritable().catch(async (error: unknown) => {
    await removeEmpty(handle);
    throw error;
  });
  const destination: Destination = {
    write: (chunk) => writable.write(chunk),
    close: async () => {
      await writable.close();
      return { inDownloads: false, file: () => handle.getFile() };
    },
    abort: async () => {
      // A full disk has ended it already.
      await writable.abort().catch(() => undefined);
      await removeEmpty(handle);
    },
  };
  return destination;
};

/**
 * Undefined where there is no dialog to be had: a policy, an extension or the frame that the page
 * is in may forbid it.
 */
async function pick(
  file: FileToSave,
  askForClick: AskForClick,
): Promise<FileSystemFileHandle | undefined> {
  // On a slow device the click that started it all is too long ago once the key is there.
  if (!navigator.userActivation.isActive) await askForClick();
  try {
    return await window.showSaveFilePicker?.({ suggestedName: file.name });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError")
      throw new DialogDismissedError();
    return undefined;
  }
}

/** The dialog has made an empty file, which nobody wants now. */
async function removeEmpty(handle: FileSystemFileHandle): Promise<void> {
  if ((await handle.getFile()).size === 0) await handle.remove?.();
}
