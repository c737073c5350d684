import type { FileToSave } from "../names.js";

/** Where a result goes, chunk by chunk. Each call waits for the one before it. */
export interface Destination {
  /** Resolves once there is room for more. */
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Resolves once the file is complete, or the browser has everything that it will make it of. */
  close(): Promise<Saved>;
  /** Removes whatever was written. */
  abort(): Promise<void>;
}

export interface Saved {
  /** Whether the browser has put it where its downloads go. */
  readonly inDownloads: boolean;
  /** Gives the file once more, as long as the page is open. */
  readonly again?: () => void;
  /** Ends that, and removes what was kept for it. */
  readonly forget?: () => void;
  /** The result itself, where the page can have it. */
  readonly file?: () => Promise<File>;
  /** Whether it is kept on the disk until then, for whoever uses this browser after. */
  readonly stored?: boolean;
}

/**
 * Resolves when the person has asked for the dialog: browsers open one only in answer to a click.
 */
export type AskForClick = () => Promise<void>;

/**
 * One way of saving. Undefined where this browser does not have it, so that the next one is tried.
 */
export type Open = (file: FileToSave, askForClick: AskForClick) => Promise<Destination | undefined>;

/**
 * What a page can do itself to make the browser store something: only small files should come to
 * this.
 */
export function download(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
