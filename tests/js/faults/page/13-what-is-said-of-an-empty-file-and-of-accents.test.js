/** Nothing is no beginning; and a passphrase may be wrong by its accents alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { quickly, visiting } from "./lib/faulty.js";

const at = visiting();

test("of an empty file that was damaged no byte is called whole", async () => {
  const file = await quickly("");
  file[file.length - 1] ^= 1;
  await at.start(await at.file("empty.age", file));
  assert.doesNotMatch(await at.visitor.failure(), /\b0 bytes/);
});

test("the hint of a wrong passphrase names accents", async () => {
  await at.start(await at.file("report.age", await quickly("a report")), "another");
  assert.match(await at.visitor.failure(), /accents/);
});
