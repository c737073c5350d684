import { download, type Saved } from "./destination.js";

/**
 * Nothing tells a page when the browser has copied a download, and what it is read from must not go
 * before. Kept as long as this, in milliseconds.
 */
const STAYS = 60_000;

/**
 * Gives a file as a download, as often as it is asked for.
 *
 * @param remove - takes away where it is kept, once that is certain to be needed no more; at the
 * latest when the page is left.
 */
export function handOut(file: Blob, name: string, remove: () => void): Saved {
  const url = URL.createObjectURL(file);
  let given = 0;
  const again = (): void => {
    given = performance.now();
    download(url, name);
  };
  const end = (): void => {
    removeEventListener("pagehide", leave);
    URL.revokeObjectURL(url);
    remove();
  };
  /**
   * A page that may come back still offers the file; of a download that may be under way the next
   * visit clears up.
   */
  const leave = ({ persisted }: PageTransitionEvent): void => {
    if (!persisted && performance.now() - given >= STAYS) end();
  };
  const forget = (): void => void setTimeout(end, given + STAYS - performance.now());
  addEventListener("pagehide", leave);
  again();
  return {
    inDownloads: true,
    again,
    forget,
    file: async () => new File([file], name, { type: file.type }),
  };
}
