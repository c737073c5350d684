import { DONE, RESULTS } from "../../service-worker/protocol.js";
import type { Open } from "./destination.js";
import { handOut } from "./hand-out.js";
import { watch } from "./service-worker.js";

/**
 * Beside each of ours: what Chromium lists of a file that is being written, and what says that it
 * is complete.
 */
const BESIDE = new RegExp(`(\\.crswap|${DONE.replace(".", "\\.")})+$`);

/**
 * A file in the storage that the browser gives to this page, handed out as a download when it is
 * complete.
 */
export const openPrivateFile: Open = async (file) => {
  const folder = await results();
  if (!folder || !("createWritable" in FileSystemFileHandle.prototype)) return undefined;
  const name = crypto.randomUUID();
  // Before it is there, so that no other tab takes it for one that is left over.
  const release = await hold(name);
  const stopWatching = watch(name);
  const remove = async (): Promise<void> => {
    stopWatching();
    // What cannot be removed now can be at the next visit.
    await Promise.allSettled([name, name + DONE].map((each) => folder.removeEntry(each)));
    release();
  };
  try {
    const handle = await folder.getFileHandle(name, { create: true });
    const writable = await handle.createWritable();
    return {
      write: (chunk) => writable.write(chunk),
      close: async () => {
        await writable.close();
        await folder.getFileHandle(name + DONE, { create: true });
        const stored = new File([await handle.getFile()], file.name, { type: file.type });
        return { ...handOut(stored, file.name, () => void remove()), stored: true };
      },
      abort: async () => {
        // A full disk has ended it already.
        await writable.abort().catch(() => undefined);
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};

/** Removes what earlier visits left: a page cannot know when the browser has copied a download. */
export async function removeLeftovers(): Promise<void> {
  const folder = await results();
  if (!folder) return;
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  for (const name of names) {
    // Another tab may still need it; and what cannot be removed keeps nothing else here.
    await navigator.locks
      .request(name.replace(BESIDE, ""), { ifAvailable: true }, (lock) =>
        lock ? folder.removeEntry(name) : undefined,
      )
      .catch(() => undefined);
  }
}

/** Undefined where there is no such storage: older browsers, private windows. */
async function results(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(RESULTS, { create: true });
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
