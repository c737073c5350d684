/**
 * What can go wrong in this page itself; everything else is the package's or the browser's error.
 */

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

/** A text names an armored message and holds no whole one. */
export class DamagedMessageError extends Error {}

/** More than one armored message in one text. */
export class SeveralMessagesError extends Error {
  readonly count: number;

  constructor(count: number) {
    super(`${count} messages`);
    this.count = count;
  }
}

/** A file without a byte in it. */
export class EmptyFileError extends Error {}

/** Neither an age file nor a message, as its first bytes show. */
export class NotAgeError extends Error {}

/** An age file of a version that this page does not know. */
export class NewerFormatError extends Error {}

/** A file that ends within its header. */
export class CutHeaderError extends Error {}

/** A binary age file that a shell's redirection has saved as text. */
export class RewrittenError extends Error {}

/** The file has another size than it said when it was chosen: what was made of it is not whole. */
export class ChangedSourceError extends Error {}

/** A file in an archive is not what the archive says of it. */
export class DamagedMemberError extends Error {}

/** Somebody has closed the browser's dialog, which is a cancellation. */
export class DialogDismissedError extends Error {}

/** Somebody has cancelled the download in the browser's list. */
export class DownloadStoppedError extends Error {}

/** The browser, or something behind it, has refused to save; `cause` is its error. */
export class SavingError extends Error {}
