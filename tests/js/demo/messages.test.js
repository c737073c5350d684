/**
 * Armored messages as people have them: what opens, what is too damaged to, and that neither is
 * ever taken for a plain text.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { armor } from "age-rt-wasm";
import { load } from "./lib/source.js";

const { messageIn, namesMessage } = await load("src/messages.ts");
const { sniff, textOf } = await load("src/sniff.ts");

const bytes = Uint8Array.from({ length: 200 }, (_, i) => (i * 37) % 256);
const message = armor(bytes);
const lines = message.trimEnd().split("\n");

const mapped = (change) => lines.map(change).join("\n");

/** By what was done to the message; whether there is other text around it. */
const forgiven = {
  nothing: [message, false],
  "lines of Windows": [message.replaceAll("\n", "\r\n"), false],
  "a byte order mark": [`\ufeff${message}`, false],
  "empty lines around it": [`\n\n  \n${message}\n\n`, false],
  "no line break at its end": [message.trimEnd(), false],
  "a greeting above it": [`Hi Ben,\n\nhere it is:\n${message}`, true],
  "a signature under it": [`${message}-- \nAda`, true],
  quoting: [mapped((line) => `> ${line}`), false],
  "quoting twice, and a line of who wrote": [
    `On Monday Ada wrote:\n${mapped((line) => `> > ${line}`)}`,
    true,
  ],
  "quoting with bars": [mapped((line) => `| ${line}`), false],
  indents: [mapped((line) => `\t  ${line}`), false],
  "no-break spaces in front": [mapped((line) => `\u00a0${line}`), false],
  "spaces at line ends": [mapped((line) => `${line}  `), false],
  "double line breaks": [lines.join("\n\n"), false],
  "one long line": [lines.join(" "), false],
  "one long line without spaces": [lines.join(""), false],
  "short lines": [message.replaceAll(/([A-Za-z0-9+/=]{40})(?=[A-Za-z0-9+/=])/g, "$1\n"), false],
  "em dashes for hyphens": [message.replaceAll("--", "—"), false],
  "en dashes for hyphens": [message.replaceAll("-", "–"), false],
  "an em dash and a hyphen": [message.replaceAll("-----", "——-"), false],
  "invisible characters": [message.replaceAll("\n", "\u200b\n"), false],
};

for (const [what, [text, textAround]] of Object.entries(forgiven)) {
  test(`a message opens in spite of ${what}`, () => {
    assert.ok(namesMessage(text));
    assert.deepEqual(messageIn(text), { armored: message, textAround });
  });
}

test("a line that an answer's quoting has broken is joined", () => {
  const quoted = message
    .replaceAll(/^(.{50})(.+)$/gm, "> $1\n> $2")
    .replace("\n> E-----", "E-----");
  assert.equal(messageIn(quoted).armored, message);
});

const damaged = {
  "without its end": message.slice(0, 150),
  "without its beginning": lines.slice(1).join("\n"),
  "with its end first": [lines.at(-1), ...lines.slice(0, -1)].join("\n"),
  "with a letter of another alphabet": message.replace("A", "\u0410"),
  "with words in its middle": message.replace("\n", "\n[cut here, too long]\n"),
  "with nothing in it": [lines[0], lines.at(-1)].join("\n"),
  "with a second end": `${message}${lines.at(-1)}\n`,
  "named in a sentence": "It starts with BEGIN AGE ENCRYPTED FILE, they said.",
  "with half of its first line": message.slice(5).replace(" ENCRYPTED FILE-----", ""),
};

for (const [what, text] of Object.entries(damaged)) {
  test(`a message ${what} is named as one that is not whole`, () => {
    assert.ok(namesMessage(text));
    assert.throws(
      () => messageIn(text),
      (error) => error.constructor.name === "DamagedMessageError",
    );
  });
}

test("of two messages none is guessed", () => {
  assert.throws(() => messageIn(`${message}\n${message}`), { count: 2 });
  assert.throws(() => messageIn(`${message}\n${mapped((line) => `> ${line}`)}`), { count: 2 });
});

for (const text of ["", "BEGIN", "the age of encrypted files", "-----BEGIN PGP MESSAGE-----"]) {
  test(`${JSON.stringify(text)} is a plain text`, () => assert.ok(!namesMessage(text)));
}

// A search that grows with the square of the length would take hours.
test("no text makes the search slow", { timeout: 120_000 }, () => {
  const length = 2 ** 22;
  for (const piece of [
    "-",
    " ",
    "> ",
    "-----BEGIN ",
    "BEGIN AGE ",
    "-----BEGIN AGE ENCRYPTED FILE",
  ]) {
    const text = piece.repeat(length / piece.length);
    if (namesMessage(text)) assert.throws(() => messageIn(text));
  }
  const text = `${lines[0]}\n${"-".repeat(length)}${lines.at(-1)}`;
  assert.throws(() => messageIn(text));
});

const wide = (text) => Buffer.from(`\ufeff${text}`, "utf16le");

/** What an editor or a shell makes of a text. */
const saved = {
  "UTF-8": (text) => Buffer.from(text),
  "UTF-8 with a mark": (text) => Buffer.from(`\ufeff${text}`),
  "UTF-16": wide,
  "UTF-16, big end first": (text) => wide(text).swap16(),
  "UTF-16 without a mark": (text) => wide(text).subarray(2),
};

for (const [encoding, save] of Object.entries(saved)) {
  test(`an armored file in ${encoding} is recognised and read`, async () => {
    for (const text of [message, `Dear Ben,\n${message}`]) {
      const file = new Blob([save(text)]);
      assert.equal((await sniff(file)).kind, "armored");
      assert.equal(messageIn(await textOf(file)).armored, message);
    }
  });
}

const header = "age-encryption.org/v1\n-> scrypt x 18\n";
for (const [how, contents] of [
  ["UTF-16", wide(header.replaceAll("\n", "\r\n"))],
  ["UTF-16, big end first", wide(header).swap16()],
  ["UTF-8 with a mark", Buffer.from(`\ufeff${header}`)],
  ["the line ends of Windows", Buffer.from(header.replaceAll("\n", "\r\n"))],
]) {
  test(`a binary age file that a shell has saved in ${how} is known as that`, async () => {
    assert.equal((await sniff(new Blob([contents]))).kind, "rewritten");
  });
}

test("a binary age file, and one of something else, are known by their first bytes", async () => {
  assert.equal((await sniff(new Blob([header, bytes]))).kind, "age");
  assert.equal((await sniff(new Blob([bytes]))).kind, "other");
  assert.equal((await sniff(new Blob([]))).kind, "other");
});
