/** What a person chose or dropped, folders with everything in them. */

export interface Entry {
  /** With the folders it is in, as far as they were chosen. */
  readonly path: string;
  readonly file: File;
}

export function chosenEntries(files: Iterable<File>): Entry[] {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** @throws DOMException for what cannot be read. */
export async function droppedEntries(data: DataTransfer): Promise<Entry[]> {
  // Everything is asked for now: after the event the browser takes it away.
  const dropped = Array.from(data.items, (item) => item.webkitGetAsEntry());
  const files = chosenEntries(data.files);
  if (!dropped.some((entry) => entry?.isDirectory)) return files;
  const found = await Promise.all(dropped.map((entry) => (entry ? inside(entry) : [])));
  return found.flat();
}

async function inside(entry: FileSystemEntry): Promise<Entry[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const entries: Entry[] = [];
  // Browsers give a large folder in parts, and an empty one at its end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return entries;
    for (const child of part) entries.push(...(await inside(child)));
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
