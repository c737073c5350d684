/** What a first visit costs: everything that goes over the network until the page works offline. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

const LIMIT = 110_000;

test(
  "at most 110 KB, compressed as servers do, with the service worker's own requests",
  { timeout: 600_000 },
  async (t) => {
    const sent = [];
    const site = await startSite({ onAnswer: (path, status) => status === 200 && sent.push(path) });
    const visitor = await Visitor.arrive(site.url);
    try {
      await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      const weights = sent.map((path) => gzipSync(readFileSync(path), { level: 9 }).length);
      t.diagnostic(sent.map((path, i) => `${basename(path)} ${weights[i]}`).join(", "));
      const kinds = new Set(sent.map((path) => basename(path).replace(/-[0-9a-f]{16}\./, ".")));
      for (const kind of ["index.html", "main.js", "style.css", "icon.svg", "service-worker.js"])
        assert.ok(kinds.has(kind), kind);
      assert.ok(weights.reduce((sum, weight) => sum + weight) <= LIMIT);
    } finally {
      await visitor.leave();
      await site.close();
    }
  },
);
