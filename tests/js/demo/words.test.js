/** The demo page's texts: short sentences, both directions in its name, no word that misleads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./lib/source.js";

const { strings } = await load("src/strings.ts");
const MOST = 25;

/** Every text with its name; the parts that are put in later are one word each. */
function* texts(group, path = "") {
  for (const [name, value] of Object.entries(group)) {
    const where = path ? `${path}.${name}` : name;
    if (typeof value === "function") yield [where, value(...Array(value.length).fill("X"))];
    else if (typeof value === "string") yield [where, value];
    else yield* texts(value, where);
  }
}

const all = [...texts(strings)].filter(([where]) => !where.startsWith("code."));

test(`no sentence has more than ${MOST} words`, () => {
  assert.ok(all.length > 300);
  const long = all.flatMap(([where, text]) =>
    text
      .split(/[.?!:]\s+|\n/)
      .filter((sentence) => sentence.split(/\s+/).length > MOST)
      .map((sentence) => `${where}: ${sentence}`),
  );
  assert.deepEqual(long, []);
});

test("nothing is left to chance, and nothing is said of the network that a person has to believe", () => {
  const wrong = all.filter(([, text]) =>
    /\bchances?\b|talks to nobody|\b(?:hacker|victim)/i.test(text),
  );
  assert.deepEqual(wrong, []);
});

test("title, heading and description name both directions", () => {
  const { title, heading, description } = strings.page;
  for (const text of [title, heading, description]) assert.match(text, /encrypt.*decrypt/i);
});
