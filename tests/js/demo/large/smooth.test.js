/**
 * The page stays smooth: from the drop of 1 GiB to the saved file, nothing holds its main thread
 * for 50 ms. In Chromium, which can tell.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeLargeFile } from "../lib/large-file.js";
import { startSite } from "../lib/site.js";
import { Visitor, withoutSavePicker } from "../lib/visitor.js";

const SIZE = Number(process.env.SIZE ?? 2 ** 30);
const RUNS = 3;
const PASSPHRASE = "a passphrase";
Visitor.patience = 1_800_000;

// Another program may take the processor away in the middle of any task, so that one of the runs
// need not count.
test(`no long task in most of ${RUNS} runs`, { timeout: 1_800_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-smooth-"));
  const site = await startSite();
  try {
    const path = join(folder, "large.bin");
    await makeLargeFile(path, SIZE);
    const runs = [];
    for (let i = 0; i < RUNS; i += 1) runs.push(await longTasks(site.url, path));
    for (const tasks of runs) t.diagnostic(`long tasks: ${JSON.stringify(tasks)}`);
    assert.ok(runs.filter((tasks) => tasks.length === 0).length * 2 > RUNS);
  } finally {
    await site.close();
    await rm(folder, { recursive: true });
  }
});

async function longTasks(url, path) {
  const visitor = await Visitor.arrive(url, withoutSavePicker);
  try {
    await visitor.page.evaluate(() => {
      window.longTasks = [];
      const note = ({ startTime, duration }) =>
        window.longTasks.push({
          at: Math.round(startTime),
          for: Math.round(duration),
          stage: document.querySelector("#stage").textContent,
        });
      new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({
        type: "longtask",
      });
    });
    await visitor.drop(path);
    await visitor.page.waitForSelector("#drop.filled");
    await visitor.type(PASSPHRASE);
    const saved = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    await rm(saved);
    return await visitor.page.evaluate(() => window.longTasks);
  } finally {
    await visitor.leave();
  }
}
