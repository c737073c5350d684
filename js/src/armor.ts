import { type Bytes, type Out, toBytes } from "./bytes.js";
import { DecodeError } from "./errors.js";
import { base64ToBytes } from "./engine/host.js";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const END = "-----END AGE ENCRYPTED FILE-----";
const COLUMNS = 64;
/** Bytes that go through String.fromCharCode at a time; whole lines, and few enough for any engine's argument limit. */
const STEP = 48 * 512;

/**
 * The ASCII armor of a whole message: text that survives mail and chat, a third longer than its bytes.
 *
 * https://c2sp.org/age#ascii-armor
 *
 * @param data - A whole age file.
 * @returns its armor: lines of 64 columns that end with LF.
 * @throws TypeError for anything but bytes.
 *
 * @example
 * ```js
 * const text = armor(await encrypt("attack at dawn", passphrase));
 * console.log(text.split("\n")[0]); // -----BEGIN AGE ENCRYPTED FILE-----
 * ```
 */
export function armor(data: Bytes): string {
  const bytes = toBytes(data);
  const lines = [BEGIN];
  for (let at = 0; at < bytes.length; at += STEP) {
    const base64 = btoa(String.fromCharCode(...bytes.subarray(at, at + STEP)));
    for (let column = 0; column < base64.length; column += COLUMNS)
      lines.push(base64.slice(column, column + COLUMNS));
  }
  return `${lines.join("\n")}\n${END}\n`;
}

/**
 * The bytes of an armored message. The grammar is strict: canonical base64 in lines of 64 columns; LF or CRLF; nothing but white space before and after.
 *
 * https://c2sp.org/age#ascii-armor
 *
 * {@link decrypt} does this by itself where it is given a string.
 *
 * @param text - From BEGIN to END, line by line.
 * @throws DecodeError `invalid-armor`; TypeError for anything but a string.
 *
 * @example
 * ```js
 * const text = armor(new Uint8Array([1, 2, 3]));
 * console.log(dearmor(text)); // Uint8Array(3) [ 1, 2, 3 ]
 * ```
 */
export function dearmor(text: string): Out {
  if (typeof text !== "string") throw new TypeError("Expected the armored message as a string");
  // By index, and each line judged before the next is looked for: an expression that searches for the end, or a list of lines, gives a
  // stranger's text time and memory far beyond its length before the first check of it.
  let at = 0;
  let end = text.length;
  while (isSpace(text.charCodeAt(at))) at += 1;
  while (end > at && isSpace(text.charCodeAt(end - 1))) end -= 1;
  const next = (): string => {
    const found = text.indexOf("\n", at);
    const stop = found < 0 || found > end ? end : found;
    const line = text.slice(at, text[stop - 1] === "\r" ? stop - 1 : stop);
    at = stop + 1;
    return line;
  };
  if (next() !== BEGIN) throw invalid();
  let base64 = "";
  let full = true;
  // After the last line comes an empty one, which is no base64.
  for (let line = next(); line !== END; line = next()) {
    if (!full || line.length > COLUMNS || line.length % 4 > 0 || !BASE64_LINE.test(line))
      throw invalid();
    full = line.length === COLUMNS && !line.endsWith("=");
    base64 += line;
  }
  if (at <= end) throw invalid();
  let bytes;
  try {
    bytes = base64ToBytes(base64);
  } catch {
    throw invalid();
  }
  // Bits beyond the last byte must be zero, or one message would have several armors.
  const tail = bytes.length % 3;
  if (tail > 0 && btoa(String.fromCharCode(...bytes.subarray(-tail))) !== base64.slice(-4))
    throw invalid();
  return bytes;
}

const BASE64_LINE = /^[A-Za-z0-9+/]+={0,2}$/;

/** Space, tab, LF, CR. */
function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

function invalid(): DecodeError {
  return new DecodeError(
    "invalid-armor",
    "This is not an armored age message, or its text was changed: it must be taken over from BEGIN to END, line by line",
  );
}
