/** Clears up in the private storage after tabs that were closed. */
import { DONE, RESULTS } from "./protocol.js";

/** Nothing tells when the browser has copied a download that is complete. In milliseconds. */
const COPYING = 60_000;

const watched = new Map<string, Promise<void>>();

/** Should a browser end this worker before, what is left goes at the next visit. */
export function removeWhenReleased(name: string): Promise<void> {
  const known = watched.get(name);
  if (known) return known;
  const removed = (async () => {
    await navigator.locks.request(name, () => remove(name));
    watched.delete(name);
  })();
  watched.set(name, removed);
  return removed;
}

async function remove(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(RESULTS, { create: true });
  const isDone = await folder.getFileHandle(name + DONE).then(
    () => true,
    () => false,
  );
  if (isDone) await new Promise((resolve) => setTimeout(resolve, COPYING));
  // Mostly the page has removed them itself.
  for (const each of [name, name + DONE]) await folder.removeEntry(each).catch(() => undefined);
}
