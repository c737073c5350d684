/**
 * The page as something to keep: installed, as one file beside another, and the code that it shows.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import * as main from "age-rt-wasm";
import * as session from "age-rt-wasm/session";
import { root } from "../lib/repository.js";
import { pair } from "../portable/lib/session-line.js";
import { startSite } from "./lib/site.js";
import { load } from "./lib/source.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const library = { ...main, ...session };

describe("the demo page is kept", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let note;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-kept-"));
    note = join(folder, "note.txt");
    await writeFile(note, "a note");
  });
  after(async () => {
    await site?.close();
    await rm(folder, { recursive: true });
  });

  async function visited(url, visit) {
    const visitor = await Visitor.arrive(url, withoutSavePicker);
    try {
      await visit(visitor);
      assert.deepEqual(visitor.complaints, []);
    } finally {
      await visitor.leave();
    }
  }

  test("a browser finds nothing wrong with its manifest, which names .age files and a place to share with", () =>
    visited(site.url, async ({ page }) => {
      const session = await page.createCDPSession();
      const { url, errors, data } = await session.send("Page.getAppManifest");
      assert.deepEqual(errors, []);
      assert.match(url, /page-[0-9a-f]{16}\.webmanifest$/);
      const { file_handlers, share_target, icons } = JSON.parse(data);
      assert.deepEqual(file_handlers[0].accept, { "application/vnd.age": [".age"] });
      assert.equal(share_target.method, "POST");
      const icon = new URL(icons[0].src, url).href;
      assert.equal(await page.evaluate(async (icon) => (await fetch(icon)).status, icon), 200);
    }));

  test("what is shared with it is chosen once, and kept nowhere", () =>
    visited(site.url, async ({ page }) => {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.reload({ waitUntil: "networkidle0" });
      await page.evaluate(async () => {
        const form = new FormData();
        form.append("files", new File(["shared"], "naïve.txt"));
        await fetch("share", { method: "POST", body: form });
      });
      await page.reload({ waitUntil: "networkidle0" });
      await page.waitForSelector("#chosen li");
      assert.equal(await page.$eval("#chosen bdi", (name) => name.textContent), "naïve.txt");
      await page.reload({ waitUntil: "networkidle0" });
      assert.equal(await page.$("#chosen li"), null);
    }));

  test("as one file it encrypts, packs, estimates and decrypts without a server", () =>
    visited(pathToFileURL(join(root, "www", "dist", "age-page.html")).href, async (visitor) => {
      await visitor.choose(note);
      await visitor.type(PASSPHRASE);
      await visitor.strength();
      const encrypted = await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      });
      const opened = await library.decrypt(await readFile(encrypted), PASSPHRASE);
      assert.equal(Buffer.from(opened).toString(), "a note");
      assert.match(await visitor.text("#next-list"), /opens this page from its file/);
      await visitor.click("#again");
      await visitor.choose(encrypted);
      await visitor.type(PASSPHRASE);
      const decrypted = await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      });
      assert.equal(await readFile(decrypted, "utf8"), "a note");
      await visitor.click("#again");
      await visitor.choose(note, encrypted);
      await visitor.type(PASSPHRASE);
      await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      });
    }));

  test("the code under each tab runs", async () => {
    const { strings } = await load("src/strings.ts");
    const run = async (code, names, values) => {
      const body = code.replace(
        /^import \{([^}]*)\} from "age-rt-wasm(?:\/session)?";/,
        (_, imported) => {
          return `const {${imported}} = library;`;
        },
      );
      assert.ok(!body.includes("import"));
      const AsyncFunction = Object.getPrototypeOf(run).constructor;
      return new AsyncFunction(
        "library",
        "passphrase",
        ...values.map(([name]) => name),
        `${body}\nreturn {${names}};`,
      )(library, PASSPHRASE, ...values.map(([, value]) => value));
    };
    const parts = [];
    const destination = new WritableStream({ write: (part) => void parts.push(part) });
    await run(strings.code.files, "", [
      ["file", new Blob(["a file"])],
      ["destination", destination],
    ]);
    assert.equal(Buffer.concat(parts).toString(), "a file");
    const { text } = await run(strings.code.text, "text", []);
    assert.equal(text, "a text");
    const { messages } = await run(strings.code.live, "messages", []);
    const reader = messages.getReader();
    assert.equal(Buffer.from((await reader.read()).value).toString(), "Hello");
    const [socket, peer] = pair().map((end) => end.socket);
    const [, ben] = await Promise.all([
      run(strings.code.session, "", [["socket", socket]]),
      library.openSession(peer, { key: PASSPHRASE, role: "ben", peerRole: "ada" }),
    ]);
    const { value } = await ben.readable.getReader().read();
    assert.equal(Buffer.from(value).toString(), "Hello");
  });

  test("its foot leads to the package, its source, the protocol and what is said of security", () =>
    visited(site.url, async ({ page }) => {
      const links = await page.$$eval("footer a", (all) =>
        Object.fromEntries(all.map(({ textContent, href }) => [textContent, href])),
      );
      assert.match(links["npm package"], /npmjs\.com\/package\/age-rt-wasm$/);
      assert.match(links.Source, /npmjs\.com/);
      for (const name of ["Protocol", "Security", "the page as one file"])
        assert.equal(
          await page.evaluate(async (url) => (await fetch(url)).status, links[name]),
          200,
          name,
        );
    }));
});
