import type { Open } from "./destination.js";
import { handOut } from "./hand-out.js";

const FOLDER = "results";

/** A file in the storage that the browser gives to this page, handed out as a download when it is complete. */
export const openPrivateFile: Open = async (file) => {
  const folder = await results();
  if (!folder) return undefined;
  const name = crypto.randomUUID();
  const handle = await folder.getFileHandle(name, { create: true });
  if (!("createWritable" in handle)) {
    await folder.removeEntry(name);
    return undefined;
  }
  const release = await hold(name);
  const writable = await handle.createWritable();
  return {
    write: (chunk) => writable.write(chunk),
    close: async () => {
      await writable.close();
      const stored = new File([await handle.getFile()], file.name, { type: file.type });
      const remove = (): void => {
        // What cannot be removed now can be at the next visit.
        folder.removeEntry(name).then(release, release);
      };
      return { ...handOut(stored, file.name, remove), stored: true };
    },
    abort: async () => {
      // A full disk has ended it already.
      await writable.abort().catch(() => undefined);
      await folder.removeEntry(name);
      release();
    },
  };
};

/** Removes what earlier visits left: a page cannot know when the browser has copied a download. */
export async function removeLeftovers(): Promise<void> {
  const folder = await results();
  if (!folder) return;
  for await (const name of folder.keys()) {
    // Another tab may still need it.
    await navigator.locks.request(name, { ifAvailable: true }, (lock) =>
      lock ? folder.removeEntry(name) : undefined,
    );
  }
}

/** Undefined where there is no such storage: older browsers, private windows. */
async function results(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(FOLDER, { create: true });
  } catch {
    return undefined;
  }
}

/** Keeps a name from other tabs' clean-up until it is released or this page is closed. */
async function hold(name: string): Promise<() => void> {
  return new Promise((held, failed) => {
    navigator.locks
      .request(name, () => new Promise<void>((release) => held(release)))
      .catch(failed);
  });
}
