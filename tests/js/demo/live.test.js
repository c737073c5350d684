/** The live tab: what is typed arrives, and what is tampered with is refused. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

describe("the live line in the demo page", { timeout: 600_000 }, () => {
  let site;
  let visitor;

  before(async () => {
    site = await startSite();
    visitor = await Visitor.arrive(site.url);
    await visitor.click("#tab-live");
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
  });
  beforeEach(async () => {
    if (await visitor.text("#live-connect")) await visitor.click("#live-connect");
    await visitor.page.waitForSelector("#ada-types:not([disabled])");
    // The message that is there from the start.
    await visitor.page.waitForFunction(
      () => document.querySelector("#ben output").textContent !== "",
    );
  });

  const sees = (who, text) =>
    visitor.page.waitForFunction(
      (selector, wanted) => document.querySelector(selector).textContent === wanted,
      {},
      `#${who} output`,
      text,
    );
  const ended = async () => {
    await visitor.page.waitForSelector("#live-connect:not([hidden])");
    return visitor.text("#live-state");
  };
  const wire = () =>
    visitor.page.$$eval("#wire li", (rows) =>
      rows.map((row) => row.innerText.replaceAll(/\s+/g, " ")).reverse(),
    );

  test("what is typed at one end appears at the other, each change as one chunk", async () => {
    await visitor.page.type("#ada-types", " 🐎");
    await sees("ben", "Hello Ben 🐎");
    await visitor.page.keyboard.press("Backspace");
    await visitor.page.keyboard.press("Home");
    await visitor.page.keyboard.type(">");
    await sees("ben", ">Hello Ben ");
    await visitor.page.type("#ben-types", "Yes");
    await sees("ada", "Yes");
    const rows = await wire();
    assert.equal(rows.filter((row) => row.startsWith("Ada to Ben chunk")).length, 5);
    assert.equal(rows.filter((row) => row.startsWith("Ben to Ada chunk")).length, 3);
    assert.match(
      rows.find((row) => row.startsWith("Ada to Ben chunk 0")),
      /length 4 00 00 00 \w\w ciphertext \d+ .* tag 16/,
    );
  });

  test("the header is text, and is shown as such, with the nonce behind it", async () => {
    const header = (await wire()).find((row) => row.startsWith("Ada to Ben header"));
    assert.match(header, /-> scrypt [^ ]+ 15 .*--- .* nonce 16 (?:\w\w ){8}…/);
  });

  test("what is refused takes the focus to what is said of it, and to no button", async () => {
    await visitor.click("#live-flip");
    await visitor.page.type("#ben-types", "x");
    await ended();
    assert.equal(await visitor.page.evaluate(() => document.activeElement.id), "live-state");
    await visitor.page.keyboard.press("Space");
    assert.ok(await visitor.text("#live-connect"));
  });

  test("hanging up ends both directions with a final chunk", async () => {
    await visitor.click("#live-hang-up");
    assert.match(await ended(), /^Ended by both sides/);
    assert.equal(
      (await wire()).filter((row) => /chunk \d+ final length 4 00 00 00 10 tag 16/.test(row))
        .length,
      2,
    );
  });

  for (const [fault, index] of [
    ["drop", 1],
    ["repeat", 2],
    ["swap", 1],
    ["flip", 1],
  ]) {
    test(`${fault}: refused at chunk ${index}, and what came before stays`, async () => {
      await visitor.page.type("#ben-types", "a");
      await sees("ada", "a");
      await visitor.click(`#live-${fault}`);
      await visitor.page.type("#ben-types", "bc");
      assert.match(await ended(), new RegExp(`^Ada refused chunk ${index}:`));
      await sees("ada", fault === "repeat" ? "ab" : "a");
    });
  }

  test("dropping the final chunk is noticed as a cut", async () => {
    await visitor.click("#live-drop");
    await visitor.click("#live-hang-up");
    assert.match(await ended(), /noticed that the line was cut/);
  });

  test("nothing was complained of", () => {
    assert.deepEqual(visitor.complaints, []);
  });
});
