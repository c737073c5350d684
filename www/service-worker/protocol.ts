/**
 * How the page and its service worker talk about one download: an announcement to the worker, with
 * a port; everything after it goes over the port. A chunk is an ArrayBuffer, transferred.
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

/**
 * Asks the worker to remove a file of the page's private storage once nobody holds the lock of its
 * name: of a tab that is closed the page itself can clear up nothing any more. Sent again and
 * again, since browsers end a worker after a while.
 */
export interface Watch {
  readonly watch: string;
}

/** Where the page keeps results in its private storage. */
export const RESULTS = "results";
/**
 * Behind the name of a result: an empty file that says that it is complete, and may be under way to
 * the downloads.
 */
export const DONE = ".done";

/** Downloads live under this path, which no file of the site has. */
export const DOWNLOADS = "download/";

/** Previews live under this path: a part of a file that the page decrypts when it is asked for. */
export const PREVIEWS = "preview/";

/**
 * Comes with a port, over which the worker asks for each request; without one it ends the preview.
 */
export interface Preview {
  readonly preview: string;
}

/** To the page, with a port for this one answer. */
export interface Wanted {
  /** The request's Range. */
  readonly range: string | null;
}

/** The page's first word on that port; the body follows as a download does. */
export interface Head {
  readonly status: number;
  readonly headers: [string, string][];
}

/** Where a system posts what a person shares with the page. */
export const SHARED = "share";
/** Where the page finds it afterwards, in the cache, once. */
export const SHARED_FILE = "shared/";
