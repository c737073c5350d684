/**
 * armor() and dearmor(): one text for one message, and nothing else is taken for it.
 * https://c2sp.org/age#ascii-armor
 */
import { armor, dearmor } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { coded } from "./lib/errors.js";
import { Random, seed } from "./lib/random.js";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const END = "-----END AGE ENCRYPTED FILE-----";
const COLUMNS = 64;
/** Bytes in a full line. */
const LINE = 48;

const message = new Random(1).bytes(100);
const [, first, second, third] = armor(message).split("\n");
const text = (...lines) => [BEGIN, ...lines, END, ""].join("\n");

test(`there and back, at every length of the last line and around many lines (seed ${seed})`, () => {
  const random = new Random();
  for (const length of [...Array(2 * LINE + 2).keys(), 24_575, 24_576, 24_577, 200_000]) {
    const bytes = random.bytes(length);
    assert.bytesEqual(dearmor(armor(bytes)), bytes);
  }
});

test("the text is base64 in lines of 64 columns between two marks, with LF", () => {
  const lines = armor(message).split("\n");
  assert.deepEqual([lines.length, lines[0], lines.at(-2), lines.at(-1)], [6, BEGIN, END, ""]);
  assert.deepEqual(
    lines.slice(1, -2).map((line) => line.length),
    [COLUMNS, COLUMNS, 8],
  );
  assert.equal(atob(lines.slice(1, -2).join("")).length, message.length);
});

test("a full last line is followed by no empty one", () =>
  assert.equal(armor(message.subarray(0, LINE)).split("\n").length, 4));

test("what comes out owns its buffer", () => {
  const bytes = dearmor(armor(message));
  assert.equal(bytes.buffer.byteLength, bytes.length);
});

/** Every character that trim() takes away. */
const SPACE = [...Array(0x10000).keys()]
  .map((code) => String.fromCharCode(code))
  .filter((character) => character.trim() === "")
  .join("");

const GOOD = {
  "the text as it is": text(first, second, third),
  CRLF: text(first, second, third).replaceAll("\n", "\r\n"),
  "no end of line at the end": text(first, second, third).trimEnd(),
  "white space before and after": ` \t\r\n\n${text(first, second, third)}\n \t\r\n`,
  "all that trim() takes away, before and after": `${SPACE}${text(first, second, third)}${SPACE}`,
  "a byte order mark, blank lines and no-break spaces": `\ufeff\r\n\n\u00a0${text(first, second, third)}\u00a0\n`,
  "white space on the line of the last mark": `${text(first, second, third).trimEnd()}\u00a0 \t`,
  "1,024 characters of white space on either side": `${" ".repeat(1024)}${text(first, second, third).trimEnd()}${"\u3000".repeat(1024)}`,
};
for (const [what, good] of Object.entries(GOOD))
  test(`read: ${what}`, () => assert.bytesEqual(dearmor(good), message));

test("read: no message at all, between the marks", () =>
  assert.equal(dearmor(`${BEGIN}\n${END}\n`).length, 0));

const BAD = {
  nothing: "",
  "no armor": "attack at dawn",
  "a first mark alone": BEGIN,
  "no last mark": `${BEGIN}\n${first}\n${second}\n${third}\n`,
  "no first mark": `${first}\n${second}\n${third}\n${END}\n`,
  "the marks on one line": `${BEGIN} ${END}`,
  "another mark": text(first, second, third).replaceAll("AGE ENCRYPTED FILE", "PGP MESSAGE"),
  "a mark in lower case": text(first, second, third).toLowerCase(),
  "four dashes": text(first, second, third).replaceAll("-----", "----"),
  "text before": `see below\n${text(first, second, third)}`,
  "text after": `${text(first, second, third)}bye\n`,
  "1,025 characters of white space before": `${" ".repeat(1025)}${text(first, second, third)}`,
  "1,025 characters of white space after": `${text(first, second, third).trimEnd()}${"\n".repeat(1025)}`,
  "a zero-width space before, which trim() leaves": `\u200b${text(first, second, third)}`,
  "half a character after": `${text(first, second, third)}\ud800`,
  "a space after the first mark": text(first, second, third).replace("FILE-----", "FILE----- "),
  "a no-break space in a line": text(first.replace(/^./, "\u00a0"), second, third),
  "text after the last mark, on its line": `${text(first, second, third).trimEnd()} bye`,
  "two messages": text(first, second, third).repeat(2),
  "a header line": text("Version: 1", "", first, second, third),
  "an empty line at the beginning": text("", first, second, third),
  "an empty line in the middle": text(first, "", second, third),
  "an empty line at the end": text(first, second, third, ""),
  "a space before a line": text(first, ` ${second}`, third),
  "a space after a line": text(first, `${second} `, third),
  "a tab in a line": text(first, second.replace(/^./, "\t"), third),
  "a line of 63 columns in the middle": text(first.slice(1), second, third),
  "a line of 65 columns": text(`A${first}`, second, third),
  "all on one line": text(first + second + third),
  "a short line before others": text(third, first, second),
  "padding in the middle": text(`${first.slice(0, -1)}=`, second, third),
  "no padding": text(first, second, third.replace(/=+$/, "")),
  "too much padding": text(first, second, third.replace(/=*$/, "====")),
  "padding alone": text("===="),
  "one character": text("A"),
  "the URL-safe alphabet": text(first.replace(/^../, "-_"), second, third),
  "a character beyond ASCII": text(first.replace(/^./, "é"), second, third),
  "a NUL": text(first.replace(/^./, "\0"), second, third),
  "a CR alone at the end of lines": text(first, second, third).replaceAll("\n", "\r"),
  "a PGP checksum": text(first, second, third, "=aGVs"),
};
for (const [what, bad] of Object.entries(BAD))
  test(`refused: ${what}`, () => assert.throws(() => dearmor(bad), coded("invalid-armor")));

test("refused: bits in the last character that carry nothing, so that one message has one text", () => {
  for (const length of [1, 2, 49, 50]) {
    const lines = armor(message.subarray(0, length)).split("\n");
    const last = lines.at(-3);
    const at = last.indexOf("=") - 1;
    const next = String.fromCharCode(last.charCodeAt(at) + 1);
    const changed = last.slice(0, at) + next + last.slice(at + 1);
    // It is base64, and of the same bytes.
    assert.equal(atob(changed), atob(last));
    assert.throws(
      () => dearmor([...lines.slice(0, -3), changed, ...lines.slice(-2)].join("\n")),
      coded("invalid-armor"),
    );
  }
});

test("dearmor() of what is no text is a TypeError", () => {
  for (const value of [undefined, null, 1, {}, [BEGIN, END], new Uint8Array(1)])
    assert.throws(() => dearmor(value), TypeError);
});
