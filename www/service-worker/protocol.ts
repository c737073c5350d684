/**
 * How the page and its service worker talk about one download: an announcement to the worker, with a port; everything after it goes
 * over the port. A chunk is an ArrayBuffer, transferred.
 */
export interface Announcement {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number | undefined;
}

/** pull: there is room for a chunk. cancelled: the browser wants no more. */
export type FromWorker = "announced" | "started" | "pull" | "cancelled" | "finished";
export type FromPage = ArrayBuffer | "close" | "abort";

/** Keeps the worker alive; browsers end one that has heard nothing for half a minute. */
export const PING = "ping";

/** Downloads live under this path, which no file of the site has. */
export const DOWNLOADS = "download/";
