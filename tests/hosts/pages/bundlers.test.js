/** What bundlers make of a page that imports the package, in Chromium. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { launch } from "../../js/browser/engines.mjs";
import { host } from "../judge.mjs";
import { consumer } from "../project.mjs";
import { BUNDLERS, bundle, viteServer } from "./bundlers.mjs";
import { report, reportServed } from "./visit.mjs";

/**
 * The page as everybody writes it, and one that brings the derivation's worker along since its
 * policy forbids others.
 */
const PAGES = [
  { source: "app", suffix: "", order: 300, entries: ["./main.js"] },
  {
    source: "own-worker",
    suffix: ", a worker of the page's own",
    order: 310,
    entries: ["./main.js", "./kdf-worker.js"],
  },
];

let chromium;
before(async () => void (chromium = await launch("chromium")));
after(() => chromium?.close());

for (const { source, suffix, order, entries } of PAGES) {
  host(order, `Vite, development server${suffix}`, async () => {
    const folder = consumer("pages", source, `${source}-vite-server`);
    // What it has prepared of an earlier package.
    rmSync(join(folder, "..", "node_modules", ".vite"), { recursive: true, force: true });
    const server = await viteServer(folder);
    try {
      return await report(chromium, server.url);
    } finally {
      await server.close();
    }
  });

  for (const [i, [name, bundler]] of Object.entries(BUNDLERS).entries()) {
    host(order + 1 + i, `${name}${suffix}`, async () => {
      const folder = consumer("pages", source, `${source}-${name.replaceAll(" ", "-")}`);
      return reportServed(chromium, { "/": await bundle(bundler, folder, entries) });
    });
  }
}
