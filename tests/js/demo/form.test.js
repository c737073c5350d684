/**
 * The page as it is first seen: what its address names, what is on the first screen, what is alive;
 * and the way back.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

describe("the form of the demo page", { timeout: 600_000 }, () => {
  let site;
  let visitor;
  before(async () => {
    site = await startSite();
    visitor = await Visitor.arrive(site.url);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
  });

  for (const tab of ["files", "text", "live"]) {
    test(`the address #${tab} does not scroll past the heading`, async () => {
      await visitor.page.setViewport({ width: 390, height: 600 });
      await visitor.page.goto("about:blank");
      await visitor.page.goto(`${site.url}#${tab}`, { waitUntil: "networkidle0" });
      assert.equal(await visitor.page.evaluate(() => scrollY), 0);
      assert.equal(await visitor.page.$eval(`#${tab}`, (panel) => panel.hidden), false);
    });
  }

  for (const [width, height] of [
    [1280, 900],
    [390, 844],
  ])
    test(`the main button is on the first screen of ${width} x ${height}`, async () => {
      await visitor.page.setViewport({ width, height });
      await visitor.page.goto("about:blank");
      await visitor.page.goto(site.url, { waitUntil: "networkidle0" });
      const bottom = (selector) =>
        visitor.page.$eval(selector, (button) => button.getBoundingClientRect().bottom);
      assert.ok((await bottom("#file-submit")) <= height);
      await visitor.click("#tab-text");
      assert.ok((await bottom("#text-submit")) <= height);
    });

  test("Back leads to the tab before", async () => {
    await visitor.click("#tab-live");
    await visitor.page.goBack();
    await visitor.page.waitForSelector("#text:not([hidden])");
    await visitor.page.goBack();
    await visitor.page.waitForSelector("#files:not([hidden])");
  });

  test("no width of the window makes the page wider than itself", async () => {
    for (const width of [320, 390, 1280]) {
      await visitor.page.setViewport({ width, height: 800 });
      for (const tab of ["files", "text", "live"]) {
        await visitor.click(`#tab-${tab}`);
        assert.ok(
          (await visitor.page.evaluate(() => document.documentElement.scrollWidth)) <= width,
          `${tab} at ${width}`,
        );
      }
    }
  });

  test("nothing was complained of", () => assert.deepEqual(visitor.complaints, []));

  test("where the script is blocked nothing looks alive, and the page says so", async () => {
    const page = await visitor.page.browser().newPage();
    const session = await page.createCDPSession();
    await session.send("Network.enable");
    await session.send("Network.setBypassServiceWorker", { bypass: true });
    await session.send("Network.setBlockedURLs", { urls: ["*main-*.js"] });
    await page.goto(site.url);
    assert.equal(await page.$eval("#tool", (tool) => tool.inert), true);
    const visibility = (selector) =>
      page.$eval(selector, (element) => getComputedStyle(element).visibility);
    await page.waitForFunction(
      () => getComputedStyle(document.querySelector("#unloaded")).visibility === "visible",
    );
    assert.equal(await visibility("#tool"), "hidden");
    assert.match(await page.$eval("#unloaded", (text) => text.innerText), /did not load/);
    await page.close();
  });
});
