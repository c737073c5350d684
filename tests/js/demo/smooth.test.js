/**
 * Nothing freezes: from the drop to the saved file, no task of the page's main thread computes
 * for 50 ms. `npm run test:large` looks at Long Tasks, too.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeLargeFile } from "./lib/large-file.js";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const SIZE = 100_000_000;
const LIMIT_MS = 50;
// A host may stop a virtual machine within any task, and its clock of the processor goes on.
// What the page itself does for so long, it does each time.
const RUNS = 3;

Visitor.patience = 180_000;

test("100 MB, encrypted and decrypted", { timeout: 900_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-smooth-"));
  const site = await startSite();
  try {
    const path = join(folder, "large.bin");
    await makeLargeFile(path, SIZE);
    const longest = [];
    while (longest.length < RUNS && !(longest.at(-1) < LIMIT_MS)) {
      const tasks = await tasksOfBothWays(site.url, path);
      longest.push(Math.max(...tasks));
      t.diagnostic(`${tasks.length} tasks, the longest ${longest.at(-1)} ms`);
      assert.ok(tasks.length > 1000);
    }
    assert.ok(longest.at(-1) < LIMIT_MS);
  } finally {
    await site.close();
    await rm(folder, { recursive: true });
  }
});

async function tasksOfBothWays(url, path) {
  const visitor = await Visitor.arrive(url, withoutSavePicker);
  try {
    await visitor.page.tracing.start({ categories: ["-*", "toplevel", "__metadata"] });
    const decrypted = await throughPage(await throughPage(path));
    const trace = Buffer.from(await visitor.page.tracing.stop()).toString();
    assert.ok((await readFile(decrypted)).equals(await readFile(path)));
    return mainThreadTasks(JSON.parse(trace));
  } finally {
    await visitor.leave();
  }

  async function throughPage(from) {
    await visitor.drop(from);
    await visitor.page.waitForFunction(
      (name) => document.querySelector("#chosen bdi")?.textContent === name,
      {},
      from.slice(from.lastIndexOf("/") + 1),
    );
    await visitor.type("a passphrase");
    const saved = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    await visitor.click("#again");
    return saved;
  }
}

/**
 * What each took of the processor, in milliseconds: how long the machine let it wait is another's
 * doing.
 */
function mainThreadTasks({ traceEvents }) {
  const thread = ({ pid, tid }) => `${pid}:${tid}`;
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(thread),
  );
  // Those without a length of the processor are the ones that were too short to be measured.
  const tasks = traceEvents.filter(
    (event) =>
      event.ph === "X" &&
      event.name.endsWith("RunTask") &&
      mains.has(thread(event)) &&
      event.tdur !== undefined,
  );
  return tasks.map(({ tdur }) => tdur / 1000);
}
