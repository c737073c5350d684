import { type Bytes, type Out, toBytes } from "./bytes.js";
import { DecodeError } from "./errors.js";
import { base64ToBytes } from "./host.js";

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
    for (let column = 0; column < base64.length; column += COLUMNS) lines.push(base64.slice(column, column + COLUMNS));
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
  const lines = text.replace(/^[ \t\r\n]+/, "").replace(/[ \t\r\n]+$/, "").split(/\r?\n/);
  const body = lines.slice(1, -1);
  const last = body.at(-1);
  const grammar =
    lines[0] === BEGIN &&
    lines.at(-1) === END &&
    lines.length > 1 &&
    body.every((line, i) => (i < body.length - 1 ? line.length === COLUMNS : line.length > 0 && line.length <= COLUMNS) && BASE64_LINE.test(line)) &&
    body.slice(0, -1).every((line) => !line.endsWith("=")) &&
    (last === undefined || last.length % 4 === 0);
  if (!grammar) throw invalid();
  const base64 = body.join("");
  let bytes;
  try {
    bytes = base64ToBytes(base64);
  } catch {
    throw invalid();
  }
  // Bits beyond the last byte must be zero, or one message would have several armors.
  const tail = bytes.length % 3;
  if (tail > 0 && btoa(String.fromCharCode(...bytes.subarray(-tail))) !== base64.slice(-4)) throw invalid();
  return bytes;
}

const BASE64_LINE = /^[A-Za-z0-9+/]*={0,2}$/;

function invalid(): DecodeError {
  return new DecodeError("invalid-armor", "This is not an armored age message, or its text was changed: it must be taken over from BEGIN to END, line by line");
}
