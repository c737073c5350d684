/**
 * One bundle takes one copy of the package; where there are two all the same, the message names
 * them, and Trusted Types let both have a worker.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";
import * as age from "age-rt-wasm";

const here = dirname(fileURLToPath(import.meta.url));
const installed = dirname(dirname(createRequire(import.meta.url).resolve("age-rt-wasm")));
const folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-copies-"));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const platform of ["browser", "node"])
  test(`import and require in one bundle for ${platform} are one copy`, async () => {
    const outfile = join(folder, `${platform}.mjs`);
    await build({
      stdin: {
        contents: `import * as a from "age-rt-wasm"; const b = require("age-rt-wasm"); export const same = a.AgeRtError === b.AgeRtError;`,
        resolveDir: here,
      },
      bundle: true,
      format: "esm",
      platform,
      outfile,
    });
    assert.equal((await import(pathToFileURL(outfile))).same, true);
  });

test("an encoder or decoder of another copy is named as such", async () => {
  cpSync(installed, join(folder, "copy"), { recursive: true });
  const other = await import(pathToFileURL(join(folder, "copy", "dist", "index.js")));
  await Promise.all([age.init(), other.init()]);
  const twoCopies = { name: "TypeError", message: /another copy of age-rt-wasm/ };
  const encoder = await other.AgeEncoder.create("pw", { workFactor: 1 });
  assert.throws(() => new age.AgeEncryptStream(encoder), twoCopies);
  assert.throws(() => age.encodeBytes([], encoder), twoCopies);
  assert.throws(() => new age.AgeDecryptStream(new other.AgeDecoder("pw")), twoCopies);
  assert.throws(
    () => [...age.decodeBytes(new Uint8Array(3), new other.AgeDecoder("pw"))],
    twoCopies,
  );
});

test("two copies under Trusted Types that allow the policy once both have a worker", async () => {
  // A page, as far as the package asks for one: its policy can be had once, and its workers take
  // trusted URLs only.
  const code = `
    import { Worker as Thread } from "node:worker_threads";
    import { resolveObjectURL } from "node:buffer";
    const texts = new Map();
    const create = URL.createObjectURL;
    URL.createObjectURL = (blob) => { const url = create(blob); texts.set(url, blob); return url; };
    let policies = 0;
    let workers = 0;
    class Trusted { constructor(url) { this.url = url; } }
    globalThis.trustedTypes = { createPolicy(name, rules) {
      if ((policies += 1) > 1) throw new TypeError("the policy exists");
      return { createScriptURL: (url) => new Trusted(rules.createScriptURL(url)) };
    } };
    globalThis.Worker = class {
      constructor(url) {
        if (!(url instanceof Trusted)) throw new TypeError("no trusted URL");
        workers += 1;
        this.ready = texts.get(url.url).text().then((text) => {
          this.thread = new Thread('const self = require("node:worker_threads").parentPort;' + text, { eval: true });
          this.thread.on("message", (data) => this.onmessage({ data }));
        });
      }
      postMessage(...args) { this.thread.postMessage(...args); }
      terminate() { this.ready.then(() => this.thread.terminate()); }
    };
    const first = await import(${JSON.stringify(String(pathToFileURL(join(installed, "dist", "index.js"))))});
    const second = await import(${JSON.stringify(String(pathToFileURL(join(folder, "copy", "dist", "index.js"))))});
    for (const age of [first, second])
      (await age.AgeEncoder.create("a passphrase", { workFactor: 9 })).free();
    console.log(JSON.stringify({ workers, policies }));`;
  if (!existsSync(join(folder, "copy")))
    cpSync(installed, join(folder, "copy"), { recursive: true });
  const script = join(folder, "page.mjs");
  writeFileSync(script, code);
  const text = execFileSync(process.execPath, [script], { encoding: "utf8", timeout: 30_000 });
  assert.equal(JSON.parse(text).workers, 2);
});

test("the same in Chromium, whose Trusted Types are real", async () => {
  const server = await site({
    // A second address is a second copy.
    page(url) {
      url.pathname = url.pathname.replace(/^\/copy\//, "/node_modules/");
      return false;
    },
  });
  const browser = await launch("chromium");
  try {
    const page = await browser.newPage();
    const csp = "require-trusted-types-for 'script'; trusted-types age-rt-wasm";
    await page.goto(`${server.origin}/page?csp=${encodeURIComponent(csp)}`);
    const said = [];
    page.on("console", (message) => said.push(message.text()));
    const workers = [];
    page.on("workercreated", (worker) => workers.push(worker.url()));
    const same = await page.evaluate(async () => {
      const first = await import("/node_modules/age-rt-wasm/dist/index.js");
      const second = await import("/copy/age-rt-wasm/dist/index.js");
      for (const copy of [first, second])
        (await copy.AgeEncoder.create("a passphrase", { workFactor: 12 })).free();
      return first.AgeRtError === second.AgeRtError;
    });
    assert.equal(same, false, "there are two copies");
    assert.equal(workers.length, 2, "each has a worker");
    assert.deepEqual(said, []);
  } finally {
    await browser.close();
    await server.close();
  }
});
