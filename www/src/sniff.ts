/** What a file is, from its first bytes: only to choose what to offer, the decoder decides. */
import { namesMessage } from "./messages.js";

const AGE = ["age-encryption.org/", "github.com/parsimonit/age-rt-encryption/"];
/**
 * How far a message is looked for, in bytes: beyond any greeting, and no more than a moment's work.
 */
const SEEN = 2 ** 20;
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
}

/** @throws DOMException for what cannot be read, such as a folder. */
export async function sniff(file: Blob): Promise<Sniffed> {
  const bytes = new Uint8Array(await file.slice(0, SEEN).arrayBuffer());
  const { text, encoding, marked } = decoded(bytes);
  if (AGE.some((prefix) => text.startsWith(prefix))) {
    const line = text.slice(0, text.indexOf("\n"));
    const kind = encoding === "utf-8" && !marked && !line.endsWith("\r") ? "age" : "rewritten";
    return { kind, opensWith: opensWith(text) };
  }
  return { kind: namesMessage(text) ? "armored" : "other", opensWith: undefined };
}

function opensWith(text: string): Sniffed["opensWith"] {
  const end = text.indexOf("\n---");
  if (end < 0) return undefined;
  const stanzas = text.slice(0, end).matchAll(/^-> (\S+)/gm);
  return [...stanzas].some(([, type]) => type === "scrypt") ? "passphrase" : "key";
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
