/** What is to be done with the files, settled when the button is pressed. */
import {
  AgeAutoDecryptStream,
  AgeEncryptStream,
  AgeRtEncryptStream,
  ArmorStream,
  ciphertextSize,
  type DecryptKey,
  dearmor,
  type EncryptKey,
} from "age-rt-wasm";
import type { Item } from "./chooser.js";
import type { Entry } from "./entries.js";
import { ArmorTooLargeError, RewrittenError } from "./errors.js";
import { messageIn, namesMessage } from "./messages.js";
import { decryptedFile, encryptedFile, type FileToSave } from "./names.js";
import { beginsAsArmor, type Kind, textOf } from "./sniff.js";
import { strings } from "./strings.js";
import { tar } from "./tar.js";
import type { Source, Transfer } from "./transfer.js";

/**
 * Up to here a message is looked for within other text: that text, its lines and what they say are
 * in memory at once, several times its size. What is armor from its first line on is read as it
 * comes, whatever its size. In bytes.
 */
const ARMORED_LIMIT = 2 ** 26;
/** 48 bytes become 64 letters and a line's end. */
const ARMOR_RATIO = 65 / 48;

export type Action = "encrypt" | "decrypt" | "change";
export type Archive = "zip" | "tar";

/** One result to be made. */
export interface Job {
  readonly action: Action;
  /** What it is made of, as the person knows it. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** The name of the result. */
  readonly result: string;
  /** The one file that it is made of; none for an archive of several files or a folder. */
  readonly item: Item | undefined;
}

export interface Plan {
  readonly source: Source;
  readonly cipher: Transfer["cipher"];
  readonly result: FileToSave;
  /** Whether the result has the name of what it is made of. */
  readonly replaces?: boolean;
  /** Bytes of the source's contents that had verified, where they are not what is written. */
  readonly verified?: () => number;
}

/** While it is done: what stops it, and who hears how much of the key is derived. */
export interface Doing {
  readonly signal: AbortSignal;
  readonly onDerivation: (fraction: number) => void;
}

/** The same, with the most work that opening may take, as log2 N. */
export interface Opening extends Doing {
  readonly maxWorkFactor: number;
}

/** What would be made of these files. */
export function jobs(items: readonly Item[], action: Action, archive: Archive): Job[] {
  if (action !== "encrypt")
    return items.map((item) => ({
      action,
      name: item.file.name,
      size: item.file.size,
      result: action === "change" ? item.file.name : decryptedFile(item.file.name, 0).name,
      item,
    }));
  const [first] = items;
  if (!first) return [];
  const size = items.reduce((sum, { file }) => sum + file.size, 0);
  const one = items.length === 1 && !first.path.includes("/");
  const name = one ? first.file.name : `${archiveName(items)}.${archive}`;
  return [{ action, name, size, result: `${name}.age`, item: one ? first : undefined }];
}

export interface Form {
  readonly format: "age" | "age-rt";
  /** Whether it is to be text. */
  readonly armored: boolean;
  /** What turning a passphrase into a key is to take, as log2 N. */
  readonly workFactor: number;
}

/** Keys have no work factor. */
export function workOf(key: EncryptKey, workFactor: number): { readonly workFactor?: number } {
  return typeof key === "string" ? { workFactor } : {};
}

export async function encryption(
  { name, size, item }: Job,
  items: readonly Item[],
  key: EncryptKey,
  { format, armored, workFactor }: Form,
  doing: Doing,
): Promise<Plan> {
  const options = { ...doing, ...workOf(key, workFactor) };
  const source = item ? ofBlob(item.file) : await packed(items, name, size);
  const cipher =
    format === "age-rt" ? new AgeRtEncryptStream(key, options) : new AgeEncryptStream(key, options);
  if (armored)
    return {
      source,
      cipher: asText(cipher),
      result: encryptedFile(name, undefined, source.about * ARMOR_RATIO),
    };
  // How the browser cuts a file into messages is its own affair, so that the size of an age-rt
  // stream is not known before.
  const exact =
    cipher instanceof AgeEncryptStream ? await sizeOf(source, key, workFactor, cipher) : undefined;
  return { source, cipher, result: encryptedFile(name, exact, source.about) };
}

/** What comes out of the cipher, in letters. */
export function asText({ readable, writable }: Transfer["cipher"]): Transfer["cipher"] {
  return { readable: readable.pipeThrough(new ArmorStream()), writable };
}

/**
 * @throws DecodeError `invalid-armor`; ArmorTooLargeError, DamagedMessageError,
 * SeveralMessagesError, RewrittenError.
 */
export async function decryption(item: Item, key: DecryptKey, options: Opening): Promise<Plan> {
  const file = await unarmored(item);
  return {
    source: ofBlob(file),
    cipher: new AgeAutoDecryptStream(key, options),
    result: decryptedFile(item.file.name, item.file.size),
  };
}

/**
 * The file itself, whose armor the package takes off, or what is in it if it is a message among
 * other text.
 *
 * @throws as {@link decryption}.
 */
export async function unarmored({ file, kind }: Item): Promise<Blob> {
  if (kind === "rewritten") throw new RewrittenError();
  return (await dearmored(file, kind)) ?? file;
}

async function sizeOf(
  { size }: Source,
  key: EncryptKey,
  workFactor: number,
  cipher: AgeEncryptStream,
): Promise<number | undefined> {
  if (size === undefined) return undefined;
  return typeof key === "string" ? ciphertextSize(size, { workFactor }) : cipher.size(size);
}

export function ofBlob(blob: Blob): Source {
  return { size: blob.size, about: blob.size, stream: () => blob.stream() };
}

async function packed(entries: readonly Entry[], name: string, about: number): Promise<Source> {
  if (name.endsWith(".tar")) return ofBlob(tar(entries));
  const { zip } = await import("./archives/zip.js");
  return { size: undefined, about, stream: () => zip(entries) };
}

/** What is in the armored message, if this is one. */
async function dearmored(source: Blob, kind: Kind): Promise<Blob | undefined> {
  if (kind === "age") return undefined;
  if (source.size > ARMORED_LIMIT) {
    if (kind === "armored" && !(await beginsAsArmor(source)))
      throw new ArmorTooLargeError(ARMORED_LIMIT);
    return undefined;
  }
  const text = await textOf(source);
  return namesMessage(text) ? new Blob([dearmor(messageIn(text).armored)]) : undefined;
}

/** The name of the folder that they are all in. */
function archiveName(entries: readonly Entry[]): string {
  const folders = new Set(
    entries.map(({ path }) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "")),
  );
  const [folder] = folders;
  return folders.size === 1 && folder ? folder : strings.files.archive;
}
