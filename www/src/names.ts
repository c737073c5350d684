/** The name and the type of a result, from the name of what it was made of. */

/** What the next steps of saving need to know of the result. */
export interface FileToSave {
  readonly name: string;
  readonly type: string;
  /** In bytes, where it is known beforehand. */
  readonly size: number | undefined;
  /** In bytes, as good as it can be guessed. */
  readonly about: number;
}

const AGE_TYPE = "application/vnd.age";
const UNKNOWN_TYPE = "application/octet-stream";

/**
 * Some mobile browsers give a file the extension of its type, so that common ones must be right.
 */
const TYPES: Readonly<Record<string, string>> = {
  "7z": "application/x-7z-compressed",
  avif: "image/avif",
  csv: "text/csv",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  gif: "image/gif",
  flac: "audio/flac",
  gz: "application/gzip",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  log: "text/plain",
  m4a: "audio/mp4",
  md: "text/plain",
  mkv: "video/x-matroska",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  ogv: "video/ogg",
  opus: "audio/ogg",
  odt: "application/vnd.oasis.opendocument.text",
  pdf: "application/pdf",
  png: "image/png",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  tar: "application/x-tar",
  txt: "text/plain",
  wav: "audio/wav",
  webm: "video/webm",
  webp: "image/webp",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  zip: "application/zip",
};

export function encryptedFile(name: string, size: number | undefined, about: number): FileToSave {
  return { name: `${name}.age`, type: AGE_TYPE, size, about };
}

/** It keeps its name: what is in it is the same. */
export function renewedFile(name: string, about: number): FileToSave {
  return { name, type: AGE_TYPE, size: undefined, about };
}

export function decryptedFile(name: string, about: number): FileToSave {
  const own = decryptedName(name);
  return { name: own, type: typeOf(own), size: undefined, about };
}

/** By the extension. */
export function typeOf(name: string): string {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(TYPES, extension) ? (TYPES[extension] as string) : UNKNOWN_TYPE;
}

/** What browsers and systems put behind a name that is there already. */
const COPY =
  "(?: ?\\(\\d+\\)|-\\d+| copy(?: \\d+)?| - (?:copy|kopie|copie|copia|cópia|kopia|kopi)(?: ?\\(\\d+\\))?| \\((?:another )?copy(?: \\d+)?\\))+";
/** An extension has a letter: what follows the point in "version 1.2" is none. */
const EXTENSION = "(?:\\.tar)?\\.(?=\\d*[a-z])[a-z\\d]{1,8}";

const AGE_NAME = new RegExp(`^(.+?)(${COPY})?\\.age(${COPY})?$`, "i");
const WITH_EXTENSION = new RegExp(`^(.*?[^/])(${EXTENSION})$`, "i");

/** Whether a file says by its name that it is encrypted. */
export function isAgeName(name: string): boolean {
  return AGE_NAME.test(name);
}

/** Whether the name shows a system which program opens the file. */
export function showsType(name: string): boolean {
  return WITH_EXTENSION.test(name);
}

export function isArchive(name: string): boolean {
  return /\.(?:zip|tar)$/i.test(name);
}

/** The path of one more file of this name. */
export function numbered(path: string, count: number): string {
  return beforeExtension(path, ` (${count})`);
}

/**
 * "report.pdf (1).age" becomes "report (1).pdf": the number was put before the last extension,
 * which was not the file's own.
 */
function decryptedName(name: string): string {
  const [, own, inner = "", outer = ""] = AGE_NAME.exec(name) ?? [];
  return own === undefined ? `${name}.decrypted` : beforeExtension(own, inner + outer);
}

function beforeExtension(name: string, added: string): string {
  const [, stem, extension] = WITH_EXTENSION.exec(name) ?? [];
  return stem === undefined || extension === undefined ? name + added : stem + added + extension;
}
