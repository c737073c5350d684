/** Pages that do the job, and what they complain of. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "../../../js/tooling/lib/serve.mjs";

/** How long a page may take before it counts as stuck, in milliseconds. */
const PATIENCE = 180_000;

/**
 * Opens a page of `globalThis.report`, which may complain of nothing.
 *
 * @returns what the report resolves to
 */
export async function report(browser, url, patience = PATIENCE) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    await page.goto(url);
    const value = await Promise.race([page.evaluate(() => globalThis.report), stuck(patience)]);
    assert.deepEqual(complaints, []);
    assert.ok(value, "the page has made no report");
    return value;
  } finally {
    await page.close();
  }
}

/** The same of a page in a folder that any static server serves. */
export async function reportServed(browser, mounts, path = "/", patience = PATIENCE) {
  const server = await serve(mounts);
  try {
    return await report(browser, `http://localhost:${server.address().port}${path}`, patience);
  } finally {
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
  }
}

export class Stuck extends Error {}

async function stuck(patience) {
  await sleep(patience, undefined, { ref: false });
  throw new Stuck("the page makes no report");
}
