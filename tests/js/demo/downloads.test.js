/**
 * What the service worker answers a download with, by itself: a file's name may be one that no
 * browser here can choose.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./lib/source.js";

const { answer, expect } = await load("service-worker/downloads.ts");

/**
 * Announces a download, as the page does, and asks for it.
 *
 * @returns the answer, and what the worker had said by then.
 */
function ask(name) {
  const said = [];
  expect(
    { id: name, name, type: "application/pdf", size: undefined },
    { postMessage: (word) => said.push(word) },
  );
  return { said, response: answer(name) };
}

for (const [name, sent] of [
  ["report.pdf", "report.pdf"],
  ["naïve (1)'s 🐎*.pdf", "na%C3%AFve%20%281%29%27s%20%F0%9F%90%8E%2a.pdf"],
  ["half a\ud800 pair\udc00.pdf", "half%20a%EF%BF%BD%20pair%EF%BF%BD.pdf"],
]) {
  test(`${JSON.stringify(name)} is sent as a name that every browser reads`, () => {
    const { said, response } = ask(name);
    assert.equal(
      response.headers.get("content-disposition"),
      `attachment; filename*=UTF-8''${sent}`,
    );
    assert.deepEqual(said.slice(0, 2), ["announced", "started"]);
  });
}

test("a download whose headers cannot be made is not said to have started", () => {
  const said = [];
  expect(
    { id: "id", name: "name", type: "not\na type", size: undefined },
    { postMessage: (word) => said.push(word) },
  );
  assert.throws(() => answer("id"), TypeError);
  assert.deepEqual(said, ["announced"]);
});
