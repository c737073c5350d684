import { TooLargeError } from "../errors.js";
import type { FileToSave } from "../names.js";
import type { Destination } from "./destination.js";
import { handOut } from "./hand-out.js";

/** What the oldest and smallest devices were seen to bear. */
const LIMIT = 2 ** 30;

/** The last resort: in memory until it is complete. */
export function openInMemory(file: FileToSave): Destination {
  if ((file.size ?? 0) > LIMIT) throw new TooLargeError(LIMIT);
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  return {
    write: async (chunk) => {
      size += chunk.length;
      if (size > LIMIT) throw new TooLargeError(LIMIT);
      parts.push(chunk);
    },
    close: async () => {
      const blob = new Blob(parts, { type: file.type });
      parts = [];
      return handOut(blob, file.name, () => undefined);
    },
    abort: async () => {
      parts = [];
    },
  };
}
