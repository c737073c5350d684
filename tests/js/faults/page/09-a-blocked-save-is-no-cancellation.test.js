/**
 * Only the dialog's own AbortError is a person's: what is blocked while it is written or completed
 * has failed, and says why.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withRefusals } from "../../demo/lib/refusing.js";
import { quickly, visiting } from "./lib/faulty.js";

const at = visiting(withRefusals);

for (const step of ["write", "close"])
  test(`an AbortError at ${step} is a failure`, async () => {
    const { visitor } = at;
    await visitor.page.evaluate((step) => (window.refuse = { [step]: "AbortError" }), step);
    await at.start(await at.file("report.pdf.age", await quickly("a report")));
    await visitor.page.waitForFunction(
      () => !document.querySelector("#failure").hidden || /Cancelled/.test(document.body.innerText),
    );
    assert.doesNotMatch(await visitor.text("body"), /Cancelled/);
    assert.ok((await visitor.failure()).includes(`Blocked at ${step}.`));
  });

test("where the dialog fails, the next way of saving is tried", async () => {
  const { visitor } = at;
  await visitor.page.evaluate(() => (window.refuse = { dialog: "SecurityError" }));
  await at.start(await at.file("report.pdf.age", await quickly("a report")));
  await visitor.done();
});
