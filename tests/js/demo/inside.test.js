/**
 * A look into an encrypted file in the demo page, what is saved of a damaged one, and archives
 * unpacked.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { ciphertextSize, encrypt } from "age-rt-wasm";
import { splitHeader } from "age-rt-wasm/header";
import { python } from "../lib/repository.js";
import { startSite } from "./lib/site.js";
import { load } from "./lib/source.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };
const CHUNK = 65_536;
const execute = promisify(execFile);
/** Some files of these names, one of which would lead out of the folder. */
const ZIP = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    for name in sys.argv[2:]: z.writestr(name, "in " + name)
`;
const TAR = `
import io, sys, tarfile
with tarfile.open(sys.argv[1], "w") as t:
    for name in sys.argv[2:]:
        data = ("in " + name).encode()
        info = tarfile.TarInfo(name)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
`;

/**
 * A folder in the private storage, or the error that its name is for: nobody can answer the dialog.
 */
function withFolderPicker() {
  delete Window.prototype.showSaveFilePicker;
  delete window.showSaveFilePicker;
  window.showDirectoryPicker = async () => {
    if (window.answer) throw new DOMException("it was not picked", window.answer);
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle("picked", { create: true });
  };
}

/** Run in the page: what is in that folder, by its paths. */
async function picked() {
  const found = {};
  const walk = async (folder, path) => {
    for await (const [name, handle] of folder)
      if (handle.kind === "directory") await walk(handle, `${path}${name}/`);
      else found[path + name] = await (await handle.getFile()).text();
  };
  const root = await navigator.storage.getDirectory();
  await walk(await root.getDirectoryHandle("picked", { create: true }), "");
  return found;
}

describe("inside a file in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-inside-"));
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  const back = () => visitor.click("#inside-back");
  async function choose(name, contents) {
    const path = join(folder, `${name}.age`);
    const encrypted =
      typeof contents === "function"
        ? await contents()
        : await encrypt(contents, PASSPHRASE, QUICK);
    await writeFile(path, encrypted);
    // Whatever the test before has left.
    if (await visitor.text("#inside-back")) await back();
    await visitor.choose(path);
    await visitor.type(PASSPHRASE);
  }
  async function look(button = "#look") {
    await visitor.click(button);
    // What was said before is still to be seen until the part is there.
    const shown = button === "#look" ? ", #failure:not([hidden])" : "";
    await visitor.page.waitForSelector(`#inside:not([hidden])${shown}`);
    return visitor.text("#inside");
  }

  test("what the file says of itself is there before it is opened", async () => {
    await choose("note.txt", "x".repeat(1000));
    // Not with the mouse: what the page finds out about the file moves this.
    await visitor.page.evaluate(() => document.querySelector("#about summary").click());
    await visitor.page.waitForSelector("#about-facts dd");
    assert.match(
      await visitor.text("#about"),
      /Format\s+age\s+Opens with\s+a passphrase\s+Work factor\s+1\s[^]*1 kB/,
    );
  });

  test("a text is shown, and no markup in it is run", async () => {
    await choose("page.txt", "<img src=x onerror=alert(1)> & more");
    assert.match(await look(), /<img src=x onerror=alert\(1\)> & more/);
    await back();
    await choose("page.html", "<script>alert(1)</script>");
    assert.match(await look(), /cannot show this kind of file/);
    await back();
  });

  test("a picture is shown", async () => {
    await choose("dot.png", await png());
    await look();
    await visitor.page.waitForFunction(
      () => document.querySelector("#inside-body img")?.naturalWidth === 3,
    );
    await back();
    assert.equal(await visitor.page.$("#inside-body img"), null);
  });

  test("sound is played from any place without the whole being read, and its address ends with it", async () => {
    await choose("tone.wav", wav(20));
    await look();
    await visitor.page.waitForFunction(
      () =>
        document.querySelector("#inside-body :not(audio)") ||
        document.querySelector("#inside-body audio")?.duration === 20,
    );
    assert.doesNotMatch(await visitor.text("#inside-body"), /cannot play/);
    const at = await visitor.page.$eval(
      "#inside-body audio",
      (audio) =>
        new Promise((resolve) => {
          audio.onseeked = () => resolve(audio.currentTime);
          audio.currentTime = 15;
        }),
    );
    assert.equal(at, 15);
    const url = await visitor.page.$eval("#inside-body audio", ({ src }) => src);
    assert.match(url, /preview\/[0-9a-f-]{36}$/);
    assert.equal(await visitor.page.evaluate(async (url) => (await fetch(url)).status, url), 200);
    await back();
    const gone = await visitor.page.evaluate(async (url) => (await fetch(url)).status, url);
    assert.equal(gone, 404);
    // The browser says so itself.
    visitor.complaints = visitor.complaints.filter((text) => !text.includes("404"));
  });

  for (const type of ["zip", "tar"]) {
    test(`a .${type} of others is listed, its names are checked, and one file of it is saved`, async () => {
      const archive = join(folder, `others.${type}`);
      if (type === "zip")
        await execute(python(), ["-c", ZIP, archive, "a/b.txt", "../out.txt", "c.txt", "con.txt"]);
      else {
        await mkdir(join(folder, "a"), { recursive: true });
        for (const name of ["a/b.txt", "c.txt", "con.txt", `a/${"long".repeat(40)}.txt`])
          await writeFile(join(folder, name), `in ${name}`);
        const args = ["-C", folder, "--transform", "s,^c.txt,../out.txt,", "-cf", archive];
        const names = ["a/b.txt", "c.txt", "con.txt", `a/${"long".repeat(40)}.txt`];
        await execute("tar", [...args.slice(0, 4), "-P", ...args.slice(4), ...names]);
      }
      await choose(`others.${type}`, await readFile(archive));
      await look();
      const rows = await visitor.page.$$eval(".members li", (all) =>
        all.map((row) => [
          row.querySelector("bdi").textContent,
          !row.querySelector("button").hidden,
        ]),
      );
      const safe = Object.fromEntries(rows);
      assert.equal(safe["a/b.txt"], true);
      assert.equal(safe["../out.txt"], false);
      assert.equal(safe["con.txt"], false);
      const saved = await visitor.download(() => visitor.click(".members button"));
      assert.equal(basename(saved), "b.txt");
      assert.equal(await readFile(saved, "utf8"), "in a/b.txt");
      await rm(saved);
      await back();
    });
  }

  for (const type of ["zip", "tar"])
    test(`a .${type} is unpacked into a folder: what is there stays, and what leads out of it is left out`, async () => {
      const archive = join(folder, `all.${type}`);
      const names = ["a/b.txt", "a/c/d.txt", "e.txt", "../out.txt"];
      await execute(python(), ["-c", type === "zip" ? ZIP : TAR, archive, ...names]);
      const other = await Visitor.arrive(site.url, withFolderPicker);
      try {
        const path = join(folder, `all.${type}.age`);
        await writeFile(path, await encrypt(await readFile(archive), PASSPHRASE, QUICK));
        await other.choose(path);
        await other.type(PASSPHRASE);
        await other.click("#look");
        await other.page.waitForSelector(".members li");
        const unpack = async (said) => {
          await other.click("#inside-body > button");
          await other.page.waitForFunction(
            (text) => document.querySelector("#inside-said").textContent.includes(text),
            {},
            said,
          );
        };
        for (const [answer, said] of [
          ["AbortError", "Cancelled"],
          ["SecurityError", "could not be saved"],
          ["", "3 files saved, 1 left out because of their names"],
          ["", "3 files saved, 1 left out because of their names"],
        ]) {
          await other.page.evaluate((name) => {
            window.answer = name;
            document.querySelector("#inside-said").textContent = "";
          }, answer);
          await unpack(said);
        }
        assert.deepEqual(await other.page.evaluate(picked), {
          "a/b.txt": "in a/b.txt",
          "a/b (2).txt": "in a/b.txt",
          "a/c/d.txt": "in a/c/d.txt",
          "a/c/d (2).txt": "in a/c/d.txt",
          "e.txt": "in e.txt",
          "e (2).txt": "in e.txt",
        });
        // A file where a folder has to be.
        await other.page.evaluate(async () => {
          window.answer = "";
          const root = await (
            await navigator.storage.getDirectory()
          ).getDirectoryHandle("picked", { create: true });
          await root.removeEntry("a", { recursive: true });
          await root.getFileHandle("a", { create: true });
        });
        await unpack("could not be saved");
        assert.deepEqual(other.complaints, []);
      } finally {
        await other.leave();
      }
    });

  test("of a file in an archive that is damaged nothing is kept, and the archive is named", async () => {
    const archive = join(folder, "damaged.zip");
    await execute(python(), ["-c", ZIP.replace("DEFLATED", "STORED"), archive, "a.txt"]);
    const bytes = await readFile(archive);
    bytes[bytes.indexOf("in a.txt")] ^= 1;
    const other = await Visitor.arrive(site.url, withFolderPicker);
    try {
      const path = join(folder, "damaged.zip.age");
      await writeFile(path, await encrypt(bytes, PASSPHRASE, QUICK));
      await other.choose(path);
      await other.type(PASSPHRASE);
      await other.click("#look");
      await other.page.waitForSelector(".members li");
      await other.click("#inside-body > button");
      await other.page.waitForFunction(() =>
        /A file in the archive is damaged/.test(document.querySelector("#inside-said").textContent),
      );
      assert.deepEqual(await other.page.evaluate(picked), {});
    } finally {
      await other.leave();
    }
  });

  test("names that lead out of a folder, or mean something else on some system, are no names", async () => {
    const { safePath } = await load("src/archives/safe-path.ts");
    for (const name of ["a", "a/b.txt", "./a/b", "naïve 🐎", ".hidden"])
      assert.ok(safePath(name), name);
    for (const name of [
      ..."/ .. ../a a/../b /a a//b a/ . a\\b C:a a:b nul com1.txt LPT9 a. a?".split(" "),
      "",
      " a",
      "a ",
      "a\u0000",
      "a\u202egpj.exe",
      "x".repeat(256),
      "a/".repeat(100) + "b",
    ])
      assert.equal(safePath(name), undefined, JSON.stringify(name));
  });

  test("of a damaged file every part that is right is saved, and what is not is listed", async () => {
    const original = Buffer.alloc(4 * CHUNK + 100, 7);
    await choose("disk.bin", async () => {
      const encrypted = await encrypt(original, PASSPHRASE, QUICK);
      const header = encrypted.length - ciphertextSize(original.length) + headerLength();
      encrypted[header + 16 + CHUNK + 16 + 5] ^= 1;
      return encrypted;
    });
    await visitor.submit();
    assert.match(await visitor.failure(), /^The file is damaged/);
    const said = await look("#salvage");
    assert.match(said, /197 kB of 262 kB are undamaged[^]*65,536 to 131,071/);
    const saved = await visitor.download(() => visitor.click("#inside-body button"));
    assert.equal(basename(saved), "disk (damaged).bin");
    original.fill(0, CHUNK, 2 * CHUNK);
    assert.ok((await readFile(saved)).equals(original));
    await back();
  });

  test("of a file that was cut short its beginning is saved", async () => {
    const original = Buffer.alloc(4 * CHUNK, 7);
    await choose("log.txt", async () =>
      (await encrypt(original, PASSPHRASE, QUICK)).subarray(0, 2.5 * CHUNK),
    );
    await visitor.submit();
    await visitor.failure();
    assert.match(await look("#salvage"), /The first 131 kB are undamaged/);
    const saved = await visitor.download(() => visitor.click("#inside-body button"));
    assert.equal(basename(saved), "log (damaged).txt");
    assert.ok((await readFile(saved)).equals(original.subarray(0, 2 * CHUNK)));
    await back();
  });

  for (const [fault, spoil, failure, right, kept] of [
    [
      "a chunk whose length no chunk has",
      (bytes, second) => bytes.writeUInt32BE(2 ** 31, second),
      /^The file is damaged[^]*whole up to 65\.5 kB/,
      /^Inside[^]*The first 65\.5 kB are undamaged[^]*cannot be recovered/,
      ["live (damaged).txt", CHUNK],
    ],
    [
      "a chunk whose length is another chunk's",
      (bytes, second) => bytes.writeUInt32BE(1000, second),
      /^The file is damaged[^]*whole up to 65\.5 kB/,
      /^Inside[^]*The first 65\.5 kB are undamaged/,
      ["live (damaged).txt", CHUNK],
    ],
    [
      "an end that is missing",
      (bytes, second) => bytes.subarray(0, second + 2),
      /^The file is incomplete[^]*first 65\.5 kB are whole/,
      /^Inside[^]*The first 65\.5 kB are undamaged/,
      ["live (damaged).txt", CHUNK],
    ],
    [
      "more than its end",
      (bytes) => Buffer.concat([bytes, Buffer.alloc(9)]),
      /^Something was added to the file[^]*intact \(150 kB\)/,
      /^Inside[^]*All of its contents are undamaged: 150 kB/,
      ["live.txt", 150_000],
    ],
  ])
    test(`of an age-rt file with ${fault} what is right is saved`, async () => {
      const original = Buffer.alloc(150_000, 7);
      await choose("live.txt", async () => {
        const bytes = Buffer.from(
          await encrypt(original, PASSPHRASE, { ...QUICK, format: "age-rt" }),
        );
        const { payload } = await splitHeader(new Blob([bytes]));
        const first = bytes.length - payload.size + 16;
        const spoilt = spoil(bytes, first + 4 + bytes.readUInt32BE(first));
        return Buffer.isBuffer(spoilt) ? spoilt : bytes;
      });
      await visitor.submit();
      assert.match(await visitor.failure(), failure);
      assert.match(await look("#salvage"), right);
      const saved = await visitor.download(() => visitor.click("#inside-body button"));
      const [name, size] = kept;
      assert.equal(basename(saved), name);
      assert.ok((await readFile(saved)).equals(original.subarray(0, size)));
      await rm(saved);
      await back();
    });

  test("a wrong passphrase opens nothing", async () => {
    await choose("note.txt", "x");
    await visitor.type("another one");
    await look();
    assert.match(await visitor.failure(), /^Wrong passphrase/);
  });

  test("nothing was complained of", () => assert.deepEqual(visitor.complaints, []));

  /** Made by a browser, which knows how. */
  async function png() {
    const url = await visitor.page.evaluate(() => {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 3;
      return canvas.toDataURL("image/png");
    });
    return Buffer.from(url.split(",")[1], "base64");
  }
});

/** The difference of what the whole takes and what its chunks take. */
function headerLength() {
  return ciphertextSize(0) - 16 - 16;
}

/** Silence of so many seconds. */
function wav(seconds) {
  const rate = 8000;
  const bytes = Buffer.alloc(44 + seconds * rate, 128);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(seconds * rate, 40);
  return bytes;
}
