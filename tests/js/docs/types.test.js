/** Every example compiles as TypeScript: a reader pastes it into a project that is strict. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaints } from "./lib/compile.js";

test("every example in JavaScript or TypeScript compiles, with the DOM's types and with Node's beside them", () => {
  const { compiled, found } = complaints();
  assert.ok(compiled > 50, `${compiled} examples`);
  assert.deepEqual(found, []);
});
