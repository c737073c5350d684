/**
 * The applications of tests/examples that are built as a stranger would build them, each with what
 * goes wrong in it.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { serve } from "../../../js/tooling/lib/serve.mjs";
import { fileServer } from "../../examples/files/server.mjs";
import { site } from "../../examples/site.mjs";
import { launch } from "../browser/engines.mjs";
import { python, root } from "../lib/repository.js";

const PASSPHRASE = "correct horse battery staple";
const EXAMPLES = join(root, "tests", "examples");
/** Derivations take half a second each on a machine that does nothing else. */
const LIMIT = { timeout: 60_000, polling: 50 };

let pages;
let browser;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-applications-"));
  pages = await site();
  browser = await launch("chromium");
});
after(async () => {
  await browser?.close();
  await new Promise((resolve) => pages?.close(resolve).closeAllConnections());
  rmSync(folder, { recursive: true, force: true });
});

async function visit(url) {
  const page = await browser.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    // What the browser says by itself of an answer that is no success.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
      page.complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

const example = (name) => visit(`http://localhost:${pages.address().port}/${name}/index.html`);

function fill(page, fields) {
  return page.evaluate((fields) => {
    for (const [name, value] of Object.entries(fields))
      document.querySelector(`[name=${name}]`).value = value;
  }, fields);
}

async function statusIs(page, text) {
  await page.waitForFunction(
    (text) => document.querySelector("#status")?.textContent.startsWith(text),
    LIMIT,
    text,
  );
}

async function left(page) {
  assert.deepEqual(page.complaints, []);
  await page.close();
}

for (const name of ["files", "log", "backup", "download", "records"])
  test(`${name} is built in under 120 lines of its own`, () => {
    const lines = readdirSync(join(EXAMPLES, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8").split("\n"))
      .filter((line) => line.trim() !== "" && !/^\s*(?:\/\/|\/?\*|#)/.test(line));
    assert.ok(lines.length > 10 && lines.length < 120, `${lines.length} lines`);
  });

describe("a thousand records in IndexedDB", () => {
  const press = (page, value) => page.$eval(`[value=${value}]`, (button) => button.click());

  test("are kept, read, and opened with a new passphrase; a wrong one opens none", async () => {
    const page = await example("records");
    await fill(page, { passphrase: PASSPHRASE, next: "another one" });
    await press(page, "fill");
    await statusIs(page, "Kept 1000");
    await press(page, "read");
    await statusIs(page, "Read 1000, 7890 characters");
    await press(page, "change");
    await statusIs(page, "Changed");
    await press(page, "read");
    await statusIs(page, "Wrong passphrase");
    await fill(page, { passphrase: "another one" });
    await press(page, "read");
    await statusIs(page, "Read 1000");
    await left(page);
  });

  test("one that was changed, and one in another's place, are errors", async () => {
    const page = await example("records");
    const seen = await page.evaluate(async () => {
      const { Records } = await import("./store.js");
      const records = await Records.open("another one");
      const database = await new Promise((resolve) => {
        const request = indexedDB.open("encrypted-records");
        request.onsuccess = () => resolve(request.result);
      });
      const store = database.transaction("records", "readwrite").objectStore("records");
      const bytes = await new Promise((resolve) => {
        const request = store.get("note-1");
        request.onsuccess = () => resolve(request.result);
      });
      store.put(bytes, "note-2");
      const changed = bytes.slice();
      changed[changed.length - 1] ^= 1;
      store.put(changed, "note-3");
      await new Promise((resolve) => (store.transaction.oncomplete = resolve));
      database.close();
      const told = (id) =>
        records.get(id).then(
          ({ text }) => text,
          (error) => error.code ?? error.message,
        );
      const answers = [await told("note-1"), await told("note-2"), await told("note-3")];
      records.close();
      return answers;
    });
    assert.deepEqual(seen, [
      "Note 1",
      "The record note-2 was exchanged for another",
      "chunk-authentication",
    ]);
    await left(page);
  });
});

describe("a drop box", () => {
  let server;
  let kept;
  let path;
  before(async () => {
    kept = join(folder, "kept");
    mkdirSync(kept);
    server = fileServer(kept);
    await new Promise((resolve) => server.listen(0, "localhost", resolve));
    path = join(folder, "plan.txt");
    writeFileSync(path, "attack at dawn\n".repeat(20_000));
  });
  after(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));

  async function dropped({ passphrase = PASSPHRASE, to = server } = {}) {
    const page = await example("files");
    await fill(page, { server: `http://localhost:${to.address().port}/`, passphrase });
    await (await page.$("[name=file]")).uploadFile(path);
    await page.$eval("form", (form) => (form.noValidate = true) && form.requestSubmit());
    return page;
  }

  test("shows progress, and gives the file back", async () => {
    const page = await dropped();
    await statusIs(page, "Here it is again");
    assert.equal(await page.$eval("#progress", ({ value }) => value), 1);
    await left(page);
  });

  test("cancelled while the key is derived, nothing is kept and nothing complains", async () => {
    const before = readdirSync(kept).length;
    const page = await dropped();
    await statusIs(page, "Encrypting");
    await page.$eval("#cancel", (button) => button.click());
    await statusIs(page, "Cancelled");
    assert.equal(readdirSync(kept).length, before);
    await left(page);
  });

  test("a server that keeps a part of the file only", async () => {
    // A file of age has no length: what is missing shows where its last chunk should verify.
    const cutting = createServer(async (request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Access-Control-Allow-Methods", "GET, PUT");
      const parts = [];
      for await (const part of request) parts.push(part);
      if (request.method === "PUT") cutting.body = Buffer.concat(parts).subarray(0, 100_000);
      response.end(request.method === "GET" ? cutting.body : "");
    });
    await new Promise((resolve) => cutting.listen(0, "localhost", resolve));
    const page = await dropped({ to: cutting });
    await statusIs(page, "Failed: The server has changed the file, or kept a part of it");
    await left(page);
    await new Promise((resolve) => cutting.close(resolve).closeAllConnections());
  });

  test("an empty passphrase", async () => {
    const page = await dropped({ passphrase: "" });
    await statusIs(page, "Failed: Choose a passphrase");
    await left(page);
  });
});

describe("a live log from Python to React", () => {
  let server;
  let port;
  let app;
  before(async () => {
    await build({
      entryPoints: [join(EXAMPLES, "log", "page.jsx")],
      outfile: join(folder, "log", "page.js"),
      bundle: true,
      format: "esm",
      jsx: "automatic",
      define: { "process.env.NODE_ENV": '"development"' },
      logLevel: "error",
    });
    writeFileSync(
      join(folder, "log", "index.html"),
      readFileSync(join(EXAMPLES, "log", "index.html")),
    );
    app = await serve({ "/": join(folder, "log") });
    server = spawn(python(), [join(EXAMPLES, "log", "server.py"), "0"], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, PASSPHRASE },
    });
    [port] = await once(createInterface({ input: server.stdout }), "line");
  });
  after(async () => {
    await new Promise((resolve) => server.once("exit", resolve) && server.kill());
    await new Promise((resolve) => app.close(resolve).closeAllConnections());
  });

  function open({ path = "/", passphrase = PASSPHRASE } = {}) {
    const hash = new URLSearchParams({ server: `ws://localhost:${port}${path}`, passphrase });
    return visit(`http://localhost:${app.address().port}/#${hash}`);
  }

  test("every line once, in order, though strict mode mounts twice; and its end", async () => {
    const page = await open();
    await statusIs(page, "The log has ended");
    assert.deepEqual(
      await page.$$eval("#lines li", (items) => items.map(({ textContent }) => textContent)),
      Array.from({ length: 20 }, (_, i) => `line ${i + 1}`),
    );
    await left(page);
  });

  test("a wrong passphrase", async () => {
    const page = await open({ passphrase: "wrong" });
    await statusIs(page, "Wrong passphrase");
    await left(page);
  });

  test("a server that is restarted is not the end", async () => {
    const page = await open({ path: "/broken" });
    await statusIs(page, "Cut short: socket-closed");
    await left(page);
  });
});
