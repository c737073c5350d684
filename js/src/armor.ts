/**
 * The ASCII armor: one grammar for whole messages and for streams. https://c2sp.org/age#ascii-armor
 */
import { type Bytes, joined, type Out, toBytes } from "./bytes.js";
import { DecodeError } from "./errors.js";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const END = "-----END AGE ENCRYPTED FILE-----";
const COLUMNS = 64;
/** Bytes in a full line. */
const LINE_LEN = 48;
/** Characters of white space that are taken before the armor, and as many after it. */
const MOST_SPACE = 1024;
/** Bytes of input that tell whether armor begins: the white space in UTF-8, and the mark. */
const START_LEN = 3 * (MOST_SPACE + 1) + BEGIN.length;
/** Bytes that are encoded or decoded at a time, whole lines of either. */
export const ARMOR_STEP = 65 * LINE_LEN * 21;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const LF = 10;
const CR = 13;
const DASH = 45;
const PAD = 61;
/** "A", six bits of zero. */
const ZERO = 65;

/**
 * The ASCII armor of a whole message: text that survives mail and chat, a third longer than its
 * bytes.
 *
 * https://c2sp.org/age#ascii-armor
 *
 * {@link ArmorStream} does this for messages of any length.
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
  const writer = new ArmorWriter();
  const ascii = new TextDecoder();
  let text = "";
  for (let at = 0; at < bytes.length; at += ARMOR_STEP)
    text += ascii.decode(writer.lines(bytes.subarray(at, at + ARMOR_STEP)));
  return text + ascii.decode(writer.end());
}

/**
 * The bytes of an armored message. The grammar is strict: canonical base64 in lines of 64 columns,
 * with LF or CRLF. Before and after it, up to 1,024 characters of what `String.prototype.trim()`
 * takes away are allowed.
 *
 * https://c2sp.org/age#ascii-armor
 *
 * {@link decrypt} does this by itself, and {@link DearmorStream} for messages of any length.
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
  const reader = new ArmorReader();
  const utf8 = new TextEncoder();
  const parts: Out[] = [];
  // Piece by piece: a stranger's long text costs nothing beyond its first fault.
  for (let at = 0; at < text.length; at += ARMOR_STEP) {
    const bytes = utf8.encode(text.slice(at, at + ARMOR_STEP));
    for (let offset = 0; offset < bytes.length;) {
      offset = reader.take(bytes, offset);
      parts.push(reader.decoded);
    }
  }
  reader.finish();
  return joined(parts);
}

/**
 * Where the first mark begins, behind white space; -1 if something else stands there. Undefined
 * while `start`, the first bytes of the input, may still become one or the other.
 */
export function armorAt(start: Uint8Array): number | undefined {
  // As the platform trims: a list of white space of our own could differ from what the
  // documentation promises.
  const text = utf8Decoder().decode(start.subarray(0, START_LEN), { stream: true });
  const rest = text.trimStart();
  const space = text.slice(0, text.length - rest.length);
  if (space.length > MOST_SPACE) return -1;
  if (rest.startsWith(BEGIN)) return new TextEncoder().encode(space).length;
  return BEGIN.startsWith(rest) ? undefined : -1;
}

function utf8Decoder(): TextDecoder {
  // A byte order mark is white space to trim(), and counted as such.
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

/** Encodes a message piece by piece. */
export class ArmorWriter {
  readonly #alphabet = new TextEncoder().encode(ALPHABET);
  #head: Uint8Array = new TextEncoder().encode(`${BEGIN}\n`);
  /** Bytes that do not fill a line yet. */
  #rest: Uint8Array = new Uint8Array(0);

  /** The lines that `bytes` complete; nothing where they complete none. */
  lines(bytes: Uint8Array): Out {
    const all = joined([this.#rest, bytes]);
    const whole = all.length - (all.length % LINE_LEN);
    this.#rest = all.subarray(whole);
    return this.#text(all, whole, "");
  }

  /** The last line and the last mark. */
  end(): Out {
    return this.#text(this.#rest, this.#rest.length, `${END}\n`);
  }

  /** The first `len` bytes as lines, between the marks that belong around them. */
  #text(bytes: Uint8Array, len: number, end: string): Out {
    const alphabet = this.#alphabet;
    const text = new Uint8Array(Math.ceil(len / 3) * 4 + Math.ceil(len / LINE_LEN));
    let to = 0;
    for (let at = 0; at < len;) {
      for (const stop = Math.min(at + LINE_LEN, len); at < stop; at += 3, to += 4) {
        // Beyond the end undefined becomes 0, as base64 wants it.
        const bits =
          ((bytes[at] as number) << 16) |
          ((bytes[at + 1] as number) << 8) |
          (bytes[at + 2] as number);
        text[to] = alphabet[bits >> 18] as number;
        text[to + 1] = alphabet[(bits >> 12) & 63] as number;
        text[to + 2] = alphabet[(bits >> 6) & 63] as number;
        text[to + 3] = alphabet[bits & 63] as number;
      }
      text[to++] = LF;
    }
    // Whole lines never need padding.
    if (end) text.fill(PAD, to - 1 - ((3 - (len % 3)) % 3), to - 1);
    if (len === 0 && !end) return text;
    const head = this.#head;
    this.#head = head.subarray(head.length);
    return joined([head, text, new TextEncoder().encode(end)]);
  }
}

// Where an ArmorReader is.
/** Before the first mark, or in it. */
const START = 0;
/** Behind the first mark, before the end of its line. */
const MARK = 1;
const LINES = 2;
/** Behind a line that must be the last. */
const LAST_LINE = 3;
/** Behind the last mark. */
const AFTER = 4;

/**
 * Decodes a message piece by piece. Lines are decoded as a whole, so that what comes out before an
 * error does not depend on how the input is cut.
 */
export class ArmorReader {
  /** What the last `take()` gave: a fresh array. */
  decoded: Out = new Uint8Array(0);
  readonly #values = new Int8Array(256).fill(-1);
  #place: number = START;
  /** The beginning of a line, or of the whole input. */
  #held = new Uint8Array(0);
  /** Behind the last mark. */
  readonly #after = utf8Decoder();
  #space = 0;
  #len = 0;

  constructor() {
    for (let i = 0; i < ALPHABET.length; i += 1) this.#values[ALPHABET.charCodeAt(i)] = i;
  }

  /**
   * Takes some of the bytes from `at` on, at least one.
   *
   * @returns where it stopped. @throws `invalid-armor`, once all that came before the fault was
   * given.
   */
  take(bytes: Uint8Array, at: number): number {
    this.decoded = new Uint8Array(0);
    this.#len = 0;
    if (this.#held.length > 0 || this.#place === START) {
      const held = this.#held.length;
      const most = this.#place === START ? START_LEN : COLUMNS + 2;
      const start = joined([this.#held, bytes.subarray(at, at + most - held)]);
      this.#room(1);
      const used = this.#unit(start, 0);
      if (used < 0 || (used === 0 && start.length === most)) throw invalid();
      this.#held = used > 0 ? new Uint8Array(0) : start;
      at += (used || start.length) - held;
    } else {
      this.#room(Math.min(Math.ceil((bytes.length - at) / COLUMNS), ARMOR_STEP / LINE_LEN));
      while (at < bytes.length && this.#len + LINE_LEN <= this.decoded.length) {
        const next = this.#unit(bytes, at);
        // What is in front of a fault comes out first; the next call finds the fault again.
        if (next < 0 && this.#len > 0) break;
        if (next < 0) throw invalid();
        if (next === at) {
          // A copy even of a Buffer, whose slice() is none.
          this.#held = new Uint8Array(bytes.subarray(at));
          at = bytes.length;
        } else {
          at = next;
        }
      }
    }
    // Its own buffer, and no larger: it may go to another thread.
    if (this.#len < this.decoded.length) this.decoded = this.decoded.slice(0, this.#len);
    return at;
  }

  /** The end of the input. @throws `invalid-armor` unless it is the end of the message. */
  finish(): void {
    if (this.#place === AFTER) {
      if (this.#after.decode() !== "") throw invalid();
    } else if (this.#place === START) {
      throw invalid();
    } else {
      throw new DecodeError(
        "invalid-armor",
        "The armored message was cut short: its last line, with END in it, is missing",
      );
    }
  }

  #room(lines: number): void {
    this.decoded = new Uint8Array(lines * LINE_LEN);
  }

  /**
   * Reads what begins at `at`: where the next thing begins, `at` itself if this one is not
   * complete, -1 if it is wrong.
   */
  #unit(bytes: Uint8Array, at: number): number {
    switch (this.#place) {
      case START: {
        const mark = armorAt(bytes);
        if (mark === undefined || mark < 0) return mark ?? at;
        this.#place = MARK;
        return mark + BEGIN.length;
      }
      case AFTER: {
        const rest = bytes.subarray(at, at + START_LEN);
        const text = this.#after.decode(rest, { stream: true });
        this.#space += text.length;
        return text.trim() === "" && this.#space <= MOST_SPACE ? at + rest.length : -1;
      }
      case MARK: {
        const next = endOfLine(bytes, at);
        if (next > at) this.#place = LINES;
        return next;
      }
      default:
        return bytes[at] === DASH ? this.#lastMark(bytes, at) : this.#line(bytes, at);
    }
  }

  #lastMark(bytes: Uint8Array, at: number): number {
    const mark = String.fromCharCode(...bytes.subarray(at, at + END.length));
    if (mark !== END) return END.startsWith(mark) ? at : -1;
    this.#place = AFTER;
    return at + END.length;
  }

  #line(bytes: Uint8Array, at: number): number {
    if (this.#place === LAST_LINE) return -1;
    // Nearly every line is a full one, whose end is known.
    const full = at + COLUMNS;
    const afterFull = endOfLine(bytes, full);
    if (afterFull > full && this.#decode(bytes, at, full)) return afterFull;
    let end = at;
    while (end < bytes.length && end < full && bytes[end] !== LF && bytes[end] !== CR) end += 1;
    const next = endOfLine(bytes, end);
    if (next === end) return at;
    return next > 0 && this.#decode(bytes, at, end) ? next : -1;
  }

  /** Decodes one line; false if it is not canonical base64 of 4 to 64 columns. */
  #decode(bytes: Uint8Array, at: number, end: number): boolean {
    const values = this.#values;
    const out = this.decoded;
    const columns = end - at;
    const pads = bytes[end - 1] !== PAD ? 0 : bytes[end - 2] !== PAD ? 1 : 2;
    if (columns === 0 || columns % 4 > 0) return false;
    if (pads > 0) {
      // As zeros, which the bytes that they stand for must be, or one message would have several
      // armors.
      bytes = new Uint8Array(bytes.subarray(at, end)).fill(ZERO, columns - pads);
      at = 0;
      end = columns;
    }
    let len = this.#len;
    let wrong = 0;
    for (; at < end; at += 4, len += 3) {
      const bits =
        ((values[bytes[at] as number] as number) << 18) |
        ((values[bytes[at + 1] as number] as number) << 12) |
        ((values[bytes[at + 2] as number] as number) << 6) |
        (values[bytes[at + 3] as number] as number);
      wrong |= bits;
      out[len] = bits >> 16;
      out[len + 1] = bits >> 8;
      out[len + 2] = bits;
    }
    for (let pad = 0; pad < pads; pad += 1) if (out[--len] !== 0) return false;
    // A character outside of the alphabet has the value -1, whose sign stays.
    if (wrong < 0) return false;
    this.#len = len;
    if (pads > 0 || columns < COLUMNS) this.#place = LAST_LINE;
    return true;
  }
}

/** Behind the LF or CRLF at `at`; `at` itself while that is not known, -1 for anything else. */
function endOfLine(bytes: Uint8Array, at: number): number {
  const after = bytes[at] === CR ? at + 1 : at;
  if (after >= bytes.length) return at;
  return bytes[after] === LF ? after + 1 : -1;
}

function invalid(): DecodeError {
  return new DecodeError(
    "invalid-armor",
    "This is not an armored age message, or its text was changed: it must be taken over from BEGIN to END, line by line",
  );
}
