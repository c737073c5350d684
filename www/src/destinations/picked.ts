import type { AskForClick, Destination, Open } from "./destination.js";
import type { FileToSave } from "../names.js";

/** A file that the person names in the browser's own dialog. */
export const openPicked: Open = async (file, askForClick) => {
  if (!window.showSaveFilePicker) return undefined;
  const handle = await pick(file, askForClick);
  // The file itself changes only when the writable is closed; until then the browser writes to one beside it.
  const writable = await handle.createWritable();
  const destination: Destination = {
    write: (chunk) => writable.write(chunk),
    close: async () => {
      await writable.close();
      return { inDownloads: false };
    },
    abort: async () => {
      // A full disk has ended it already.
      await writable.abort().catch(() => undefined);
      // The dialog has made an empty file, which nobody wants now.
      if ((await handle.getFile()).size === 0) await handle.remove?.();
    },
  };
  return destination;
};

async function pick(file: FileToSave, askForClick: AskForClick): Promise<FileSystemFileHandle> {
  const show = (): Promise<FileSystemFileHandle> | undefined =>
    window.showSaveFilePicker?.({ suggestedName: file.name });
  // On a slow device the click that started it all is too long ago once the key is there.
  if (!navigator.userActivation.isActive) await askForClick();
  return (await show()) as FileSystemFileHandle;
}
