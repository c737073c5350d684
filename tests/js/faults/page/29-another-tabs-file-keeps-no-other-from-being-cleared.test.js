/** The clean-up of private files goes past what it cannot remove. */
import { test } from "node:test";
import { leftIs, writesAndLeaves } from "../../demo/lib/storage.js";
import { Visitor, withoutSavePicker } from "../../demo/lib/visitor.js";
import { visiting } from "./lib/faulty.js";

const at = visiting(withoutSavePicker, () => {
  delete Navigator.prototype.serviceWorker;
});

test("the files of tabs that are gone go, that of a tab that writes stays", async () => {
  const { page } = at.visitor;
  await page.evaluate(writesAndLeaves, "m", ["a", "b.crswap", "c.done", "z"]);
  const other = await page.browser().newPage();
  await other.goto(at.site.url, { waitUntil: "networkidle0" });
  await page.waitForFunction(leftIs, { timeout: Visitor.patience }, ["m", "m.crswap"]);
  await other.close();
});
