/**
 * Each attack on a session, and that it would succeed without the check that stops it: the check is
 * taken out of a copy of the built file, and the same attack is tried on that.
 */
import "../lib/workers.js";
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { openSession } from "age-rt-wasm/session";
import { root } from "../lib/repository.js";
import { ATTACKS } from "./lib/attacks.js";

const HUNG_MS = 2_000;
const dist = join(root, "node_modules", "age-rt-wasm", "dist");
const folder = join(root, "target", "session-without");

/** What becomes of it without its check, or that nothing does. */
async function outcome(attack, open) {
  let timer;
  const hung = new Promise((resolve) => (timer = setTimeout(resolve, HUNG_MS, "nothing")));
  try {
    return await Promise.race([attack(open), hung]);
  } finally {
    clearTimeout(timer);
  }
}

/** openSession() of the built file without some of its text. */
async function without(removed, name) {
  let text = readFileSync(join(dist, "session.js"), "utf8");
  for (const [from, to] of removed) {
    assert.equal(text.split(from).length, 2, `the built file has this once: ${from}`);
    text = text.replace(from, () => to);
  }
  text = text.replaceAll(
    '"./index.js"',
    JSON.stringify(pathToFileURL(join(dist, "index.js")).href),
  );
  text = text.replaceAll(
    "'./index.js'",
    JSON.stringify(pathToFileURL(join(dist, "index.js")).href),
  );
  const file = join(folder, name);
  writeFileSync(file, text);
  return (await import(pathToFileURL(file).href)).openSession;
}

before(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [i, { name, code, stops, attack }] of ATTACKS.entries()) {
  describe(name, () => {
    test(`is ${code}`, { timeout: 60_000 }, async () =>
      assert.equal(await attack(openSession), code),
    );
    if (stops.length > 0)
      test("and would not be without its check", async () => {
        const open = await without(stops, `${i}.mjs`);
        const result = await outcome(attack, open);
        if (process.env.PRINT) console.log(`${name}: ${result}`);
        assert.notEqual(result, code);
      });
  });
}
