/** What can go wrong in this page itself; everything else is the package's or the browser's error. */

/** More than this browser can save. */
export class TooLargeError extends Error {
  readonly limit: number;

  constructor(limit: number) {
    super(`more than ${limit} bytes`);
    this.limit = limit;
  }
}

/** An armored file of more than this page reads into memory. */
export class ArmorTooLargeError extends TooLargeError {}

/** Somebody has cancelled the download in the browser's list. */
export class DownloadStoppedError extends Error {}
