/**
 * Armored messages as people have them: quoted in an answer, with a greeting above, broken or
 * joined by a mail program. The package's `dearmor` takes the strict form alone; this finds a
 * message and gives it that form back. What the payload holds is proven later, by its tags.
 */
import { DamagedMessageError, SeveralMessagesError } from "./errors.js";

export interface Message {
  /** In the strict form. */
  readonly armored: string;
  /** Whether there was more than the message. */
  readonly textAround: boolean;
}

/** Hyphens, and what programs that mean well make of them. */
const DASH = "[-\\u00ad\\u2010-\\u2015\\u2212\\u2e3a\\u2e3b\\ufe58\\ufe63\\uff0d]";
/** What mail programs put in front of and between lines. */
const BETWEEN = "[\\s>|\\u200b-\\u200d\\u2060\\ufeff]";
/** Bounded, so that no text makes the search take longer than its length. */
const GAP = `${BETWEEN}{1,40}`;
const COLUMNS = 64;

/** A line of the armor: one dash on either side is enough. */
const MARKER = new RegExp(
  `${DASH}${BETWEEN}{0,40}(BEGIN|END)${GAP}AGE${GAP}ENCRYPTED${GAP}FILE${BETWEEN}{0,40}${DASH}+`,
  "gi",
);
const NAMED = new RegExp(`(?:BEGIN|END)${GAP}AGE${GAP}ENCRYPTED|BEGIN${GAP}AGE`, "i");
const BETWEEN_ALL = new RegExp(`${BETWEEN}+`, "g");
/** Letters that are looked at for a message's first bytes. */
const LOOKED_AT = 65_536;
const OUTSIDE = new RegExp(`(?!${DASH}|${BETWEEN})[^]`, "u");
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Whether a text holds, or held, a message: it is never to be encrypted by mistake. */
export function namesMessage(text: string): boolean {
  return NAMED.test(text);
}

/** @throws DamagedMessageError; SeveralMessagesError: which one is meant is not to be guessed. */
export function messageIn(text: string): Message {
  const markers = [...text.matchAll(MARKER)];
  const begins = markers.filter(([, word]) => word?.toUpperCase() === "BEGIN");
  if (begins.length > 1) throw new SeveralMessagesError(begins.length);
  const [begin, end, ...more] = markers;
  if (!begin || !end || begin !== begins[0] || more.length > 0) throw new DamagedMessageError();
  const before = text.slice(0, begin.index);
  const after = text.slice(end.index + end[0].length);
  const body = text.slice(begin.index + begin[0].length, end.index).replace(BETWEEN_ALL, "");
  // The dashes in front of END, but for the one that its marker has.
  const base64 = body.replace(new RegExp(`${DASH}{1,20}$`), "");
  if (!BASE64.test(base64)) throw new DamagedMessageError();
  const lines = base64.match(new RegExp(`.{1,${COLUMNS}}`, "g")) ?? [];
  return {
    armored: [
      "-----BEGIN AGE ENCRYPTED FILE-----",
      ...lines,
      "-----END AGE ENCRYPTED FILE-----",
      "",
    ].join("\n"),
    textAround: OUTSIDE.test(before) || OUTSIDE.test(after),
  };
}

/** The first bytes of the message in a text, whole or not, each as a character; "" for none. */
export function beginningOf(text: string): string {
  const begin = [...text.matchAll(MARKER)].find(([, word]) => word?.toUpperCase() === "BEGIN");
  if (!begin) return "";
  const at = begin.index + begin[0].length;
  const letters = text.slice(at, at + LOOKED_AT).replace(BETWEEN_ALL, "");
  const [base64 = ""] = /^[A-Za-z\d+/]*/.exec(letters) ?? [];
  return atob(base64.slice(0, base64.length - (base64.length % 4)));
}
