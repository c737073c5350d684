/** What a file is, from its first bytes: only to choose what to offer, the decoder decides. */
import {
  EmptyFileError,
  CutHeaderError,
  NewerFormatError,
  NotAgeError,
  RewrittenError,
} from "./errors.js";
import { beginningOf, messageIn, namesMessage } from "./messages.js";

const AGE = ["age-encryption.org/", "github.com/parsimonit/age-rt-encryption/"];
/**
 * How far a message is looked for, in bytes: beyond any greeting, and no more than a moment's work.
 */
const SEEN = 2 ** 20;
/** The first lines that the library reads, whatever their parameters. */
const KNOWN =
  /^(?:age-encryption\.org\/v1|github\.com\/parsimonit\/age-rt-encryption\/v0\.2)(?:\?|$)/;
/** Any line of a header, or the beginning of one. */
const OF_HEADER =
  /^(?:age-encryption\.org\/\S*|github\.com\/\S*|-|->[ -~]*|---?[ -~]*|[A-Za-z\d+/]{0,64})$/;
/** White space that may stand before armor, and its first line. In bytes. */
const ARMOR_START = 3200;

/**
 * What a file is. `armored` names an armored message, whole or not; `rewritten` is a binary age
 * file that a shell has saved as text.
 */
export type Kind = "age" | "armored" | "rewritten" | "other";

export interface Sniffed {
  readonly kind: Kind;
  /** What its header asks for, where that can be seen at once. */
  readonly opensWith: "passphrase" | "key" | undefined;
  /** The types of its header's stanzas, as far as they can be seen. */
  readonly stanzaTypes: readonly string[];
  /** What turning the passphrase into a key takes, as log2 N. */
  readonly workFactor: number | undefined;
  /** What keeps it from being opened, where its first bytes show that. */
  readonly fault: Error | undefined;
}

/** Of what nobody has looked into. */
export const UNSEEN = {
  opensWith: undefined,
  stanzaTypes: [],
  workFactor: undefined,
  fault: undefined,
} as const;

/** @throws DOMException for what cannot be read, such as a folder. */
export async function sniff(file: Blob): Promise<Sniffed> {
  const bytes = new Uint8Array(await file.slice(0, SEEN).arrayBuffer());
  const { text, encoding, marked } = decoded(bytes);
  const isWhole = file.size <= SEEN;
  if (isAge(text)) {
    const [line = ""] = text.split("\n", 1);
    if (encoding !== "utf-8" || marked || line.endsWith("\r"))
      return { ...UNSEEN, kind: "rewritten", fault: new RewrittenError() };
    return { kind: "age", ...headerOf(text, isWhole) };
  }
  if (namesMessage(text)) return { kind: "armored", ...inMessage(text, isWhole) };
  const fault = file.size === 0 ? new EmptyFileError() : new NotAgeError();
  return { ...UNSEEN, kind: "other", fault };
}

/** What opens a message that is pasted, where that can be seen. */
export function sniffText(text: string): Omit<Sniffed, "kind"> {
  return namesMessage(text) ? inMessage(text, false) : UNSEEN;
}

function isAge(text: string): boolean {
  return AGE.some((prefix) => text.startsWith(prefix));
}

/** @param isWhole - whether the text is all that there is of the message. */
function inMessage(text: string, isWhole: boolean): Omit<Sniffed, "kind"> {
  const start = beginningOf(text);
  const seen = isAge(start) ? headerOf(start, false) : UNSEEN;
  if (!isWhole) return seen;
  try {
    messageIn(text);
    return seen;
  } catch (error) {
    return { ...seen, fault: error as Error };
  }
}

/**
 * What a header says, as far as that is certain; the decoder has the last word.
 *
 * @param isWhole - whether nothing follows the text.
 */
function headerOf(text: string, isWhole: boolean): Omit<Sniffed, "kind"> {
  const [, line] = /^([!-~]+)\n/.exec(text) ?? [];
  if (line !== undefined && !KNOWN.test(line)) return { ...UNSEEN, fault: new NewerFormatError() };
  const end = text.indexOf("\n---");
  const isOver = end >= 0 && text.includes("\n", end + 1);
  const isCut = isWhole && !isOver && text.split("\n").every((each) => OF_HEADER.test(each));
  if (isCut) return { ...UNSEEN, fault: new CutHeaderError() };
  if (end < 0) return UNSEEN;
  const stanzas = [...text.slice(0, end).matchAll(/^-> (\S+)(?: \S+ (\d{1,2})$)?/gm)];
  const stanzaTypes = stanzas.map(([, type = ""]) => type);
  const scrypt = stanzas.find(([, type]) => type === "scrypt");
  const workFactor = scrypt?.[2] === undefined ? undefined : Number(scrypt[2]);
  const opensWith = scrypt ? "passphrase" : stanzaTypes.length > 0 ? "key" : undefined;
  return { opensWith, stanzaTypes, workFactor, fault: undefined };
}

/** Whether it is armor from its first line on, as programs write it. */
export async function beginsAsArmor(file: Blob): Promise<boolean> {
  const start = await file.slice(0, ARMOR_START).text();
  return start.trimStart().startsWith("-----BEGIN AGE ENCRYPTED FILE-----");
}

/** The text of a file, whichever way an editor or a shell has saved it. */
export async function textOf(file: Blob): Promise<string> {
  return decoded(new Uint8Array(await file.arrayBuffer())).text;
}

interface Decoded {
  readonly text: string;
  readonly encoding: string;
  /** Whether it begins with a byte order mark, which is left out. */
  readonly marked: boolean;
}

function decoded(bytes: Uint8Array): Decoded {
  const [first = 1, second = 1, third] = bytes;
  const wide = first === 0xff && second === 0xfe;
  const wideBack = first === 0xfe && second === 0xff;
  // Without a mark, an ASCII text in UTF-16 still shows by its zeros.
  const encoding =
    wide || (first !== 0 && second === 0)
      ? "utf-16le"
      : wideBack || (first === 0 && second !== 0)
        ? "utf-16be"
        : "utf-8";
  const marked = wide || wideBack || (first === 0xef && second === 0xbb && third === 0xbf);
  return { text: new TextDecoder(encoding).decode(bytes), encoding, marked };
}
