/** Pages that do the job, and what they complain of. */
import assert from "node:assert/strict";
import { serve } from "../../../js/tooling/serve.mjs";

/** Opens a page of `globalThis.report`, which may complain of nothing. @returns what the report resolves to */
export async function report(browser, url) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    await page.goto(url);
    const value = await page.evaluate(() => globalThis.report);
    assert.deepEqual(complaints, []);
    assert.ok(value, "the page has made no report");
    return value;
  } finally {
    await page.close();
  }
}

/** The same of a page in a folder that any static server serves. */
export async function reportServed(browser, mounts, path = "/") {
  const server = await serve(mounts);
  try {
    return await report(browser, `http://localhost:${server.address().port}${path}`);
  } finally {
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
  }
}
