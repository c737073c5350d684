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

/** Some mobile browsers give a file the extension of its type, so that common ones must be right. */
const TYPES: Readonly<Record<string, string>> = {
  "7z": "application/x-7z-compressed",
  csv: "text/csv",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  gif: "image/gif",
  gz: "application/gzip",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  mkv: "video/x-matroska",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  odt: "application/vnd.oasis.opendocument.text",
  pdf: "application/pdf",
  png: "image/png",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  tar: "application/x-tar",
  txt: "text/plain",
  webp: "image/webp",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  zip: "application/zip",
};

export function encryptedFile(name: string, size: number | undefined, about: number): FileToSave {
  return { name: `${name}.age`, type: AGE_TYPE, size, about };
}

export function decryptedFile(name: string, about: number): FileToSave {
  const own = decryptedName(name);
  const extension = /\.([^.]+)$/.exec(own)?.[1]?.toLowerCase() ?? "";
  return { name: own, type: TYPES[extension] ?? UNKNOWN_TYPE, size: undefined, about };
}

function decryptedName(name: string): string {
  // A browser that had the file already put its number in front of .age: "report.pdf (1).age" is to become "report (1).pdf".
  const numbered = /^(.+)(\.[^.\s]+)( \(\d+\))\.age$/i.exec(name);
  if (numbered) return `${numbered[1]}${numbered[3]}${numbered[2]}`;
  const plain = /^(.+)\.age$/i.exec(name);
  return plain?.[1] ?? `${name}.decrypted`;
}
