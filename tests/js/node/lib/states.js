/**
 * Tables of what each call does in each state, as tests/README.md has them. `PRINT=1 node --test
 * tests/js/node/states*.test.js` prints the rows as they are.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { AgeRtError } from "age-rt-wasm";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const isPrinting = Boolean(process.env.PRINT);

/** Thrown by a call that has no such state. */
export const NONE = new Error("This call has no such state");

/** What a call comes to: ok, an error's code, or the name of an error without one. */
export async function outcome(call, known) {
  try {
    await call();
    return "ok";
  } catch (error) {
    if (error === NONE) return "—";
    if (known !== undefined && error === known) return "its error";
    // Node 20 fails an assertion of its own where something is written to a closed stream; the
    // standard says TypeError.
    if (error.code === "ERR_INTERNAL_ASSERTION") return "TypeError";
    return error instanceof AgeRtError ? error.code : error.name;
  }
}

/** As many turns as whatever was begun needs to be under way. */
export async function turns() {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

/** The cells of the README's row that begins with `name`, in the table under `heading`. */
function row(heading, name) {
  const start = readme.indexOf(`### ${heading}\n`);
  assert.ok(start >= 0, `tests/README.md has no table ${heading}`);
  const table = readme.slice(start).split(/\n#{2,3} /, 2);
  const lines = (table[0] === "" ? table[1] : table[0]).split("\n");
  const line = lines.find((each) => each.startsWith(`| ${name} |`));
  assert.ok(line, `tests/README.md has no row for ${name} under ${heading}`);
  return line
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

/**
 * A table and its tests.
 *
 * @param kinds - [name, …what states and calls are given], all of which do the same.
 * @param states - name: makes { object, error, end }: the object, the error that it has failed
 * with, and what ends whatever is under way. A kind for which it makes nothing has no such state.
 * @param calls - name: the call, which gets the object and what its kind is given.
 */
export function table(heading, kinds, states, calls) {
  const names = Object.keys(states);
  const print = [`\n### ${heading}\n`, `| call | ${names.join(" | ")} |`];
  print.push(`| --- |${names.map(() => " --- |").join("")}`);
  after(() => isPrinting && console.log(print.join("\n")));
  if (!isPrinting)
    test(`${heading}: the table has these states`, () =>
      assert.deepEqual(row(heading, "call"), names));

  for (const [name, call] of Object.entries(calls)) {
    const label = name.replace(/^(?:new )?[^ ]+/, "`$&`");
    test(`${heading}: ${name}`, { timeout: 60_000 }, async () => {
      const seen = [];
      for (const [kind, ...given] of kinds) {
        const cells = [];
        for (const make of Object.values(states)) {
          const made = await make(...given);
          if (!made) {
            cells.push(undefined);
            continue;
          }
          const { object, error, end } = made;
          cells.push(await outcome(() => call(object, ...given), error));
          await end?.(name === "free()");
          object.free?.();
        }
        seen.push([kind, cells]);
      }
      const merged = names.map((state, i) => {
        const there = seen.filter(([, cells]) => cells[i] !== undefined && cells[i] !== "—");
        if (there.length === 0) return "—";
        const [[, first]] = there;
        for (const [kind, cells] of there)
          assert.equal(cells[i], first[i], `${kind} as ${there[0][0]}, ${state}`);
        return first[i];
      });
      if (isPrinting) print.push(`| ${label} | ${merged.join(" | ")} |`);
      else assert.deepEqual(merged, row(heading, label));
    });
  }
}
