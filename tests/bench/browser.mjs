/** The rows that a page can run: served for people, or driven in a browser. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../js/tooling/lib/run.mjs";
import { serve } from "../../js/tooling/lib/serve.mjs";
import { distributionPackages, ENGINE_PACKAGES } from "../../js/tooling/lib/setup.mjs";
import { besideRows } from "./rows/index.js";

/** Whether `--before` has put an earlier release there. */
const hasBefore = () => existsSync(join(root, "node_modules", "age-rt-wasm-before"));

/** Serves `/bench`, with the rivals bundled as any page would have them. */
export async function serveRows() {
  const folder = join(root, "target", "bench", "page");
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(root, "tests", "bench", "page.js")],
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    // libsodium names Node's modules for the case that it is there.
    external: ["crypto", "fs", "path", "url", "module", "node:*"].concat(
      hasBefore() ? [] : "age-rt-wasm-before",
    ),
    target: "es2022",
    outdir: folder,
    logLevel: "error",
  });
  const server = await serve(
    { "/bench/": folder },
    {
      page(url, response) {
        if (url.pathname !== "/bench") return false;
        response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
        response.end(PAGE);
        return true;
      },
    },
  );
  return {
    origin: `http://localhost:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>age-rt-wasm: benchmark</title>
<link rel="icon" href="data:,">
<h1>Ours and the rivals, in turn</h1>
<p><button id="start">Run all rows</button> <span id="status" role="status"></span></p>
<pre id="table"></pre>
<script type="module" src="/bench/page.js"></script>
</html>
`;

/** Runs rows in a browser, each in a page of its own. */
export async function inBrowser(engine, { names, quick, report }) {
  if (ENGINE_PACKAGES[engine]) distributionPackages(ENGINE_PACKAGES[engine]);
  const { launch } = await import("../js/browser/engines.mjs");
  const { origin, close } = await serveRows();
  const browser = await launch(engine);
  /** What the page gives, in a page of its own. */
  const inPage = async (call, ...args) => {
    const page = await browser.newPage();
    // How long tasks of the page's thread have taken so far, by Chromium's count.
    if (engine === "chromium")
      await page.exposeFunction("taskSeconds", async () => (await page.metrics()).TaskDuration);
    await page.goto(`${origin}/bench`);
    await page.evaluate(async () => {
      while (globalThis.runRow === undefined)
        await new Promise((resolve) => setTimeout(resolve, 10));
    });
    const result = await page.evaluate((call, ...args) => globalThis[call](...args), call, ...args);
    await page.close();
    return result;
  };
  try {
    for (const name of names) {
      const { default: row } = await import(`./rows/${name}.js`);
      if (!row.side) {
        const before = hasBefore() && besideRows.includes(name);
        report(await inPage("runRow", name, { quick, before }));
        continue;
      }
      const fresh = (side) => inPage("runSide", name, side, { quick });
      const { run, side: _, ...about } = row;
      report({ ...about, result: await run({ quick, fresh }) });
    }
  } finally {
    await browser.close();
    await close();
  }
}
