/**
 * An encrypted zip, read member by member: zip.js asks for parts of the zip, and AgeReader for the
 * chunks that they are in.
 */
import { Reader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";

/** What zip.js reads from: the plaintext of an AgeReader. */
class AgeZip extends Reader {
  constructor(reader) {
    super();
    this.reader = reader;
    this.size = reader.size;
  }

  readUint8Array(index, length) {
    return this.reader.read(index, index + length);
  }
}

/** The names in the zip. */
export async function namesIn(reader) {
  const zip = new ZipReader(new AgeZip(reader));
  const entries = await zip.getEntries();
  await zip.close();
  return entries.map(({ filename }) => filename);
}

/** The bytes of one member, and no others of the file but the zip's own table. */
export async function member(reader, name) {
  const zip = new ZipReader(new AgeZip(reader));
  try {
    const entries = await zip.getEntries();
    const entry = entries.find(({ filename }) => filename === name);
    if (!entry) throw new Error(`The archive has no ${name}`);
    return await entry.getData(new Uint8ArrayWriter(), { useWebWorkers: false });
  } finally {
    await zip.close();
  }
}
