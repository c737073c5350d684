/** What is opened by its number, for as long as it is closed by nobody. */
import { open } from "node:fs";
import { promisify } from "node:util";

/**
 * Opens a file, in a thread: a FIFO waits for its other end. Not as a FileHandle: one that nobody
 * holds closes its descriptor, and what is written to that number may go into another file.
 *
 * @param flags - of `constants`.
 */
export const opened: (path: string, flags: number) => Promise<number> = promisify(open);
