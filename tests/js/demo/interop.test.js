/**
 * What the page made opens with age, rage and the reference, and the reverse. demo.test.js does it
 * with 100 MB, text.test.js with messages.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Reference } from "../interop/lib/reference.js";
import { atTerminal } from "../interop/lib/terminal.js";
import { seeded } from "../lib/random.js";
import { program } from "../lib/repository.js";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "correct horse, batterie de cuisine: æøå 🐎";
const CHUNK = 65_536;
/** Two chunks and a bit. */
const SIZE = 150_000;

const tools = {
  age: "install it with your system's package manager (Debian: apt-get install age)",
  rage: "`npm test` installs it; or run `cargo install rage`",
};

describe("the demo page and other programs", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;
  let reference;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-programs-"));
    reference = await Reference.start();
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await reference?.stop();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  /** Lets the page do what it proposes. @returns the path of the result. */
  async function throughPage(path, format = "age") {
    await visitor.choose(path);
    await visitor.type(PASSPHRASE);
    if (await visitor.text("#options")) await visitor.chooseFormat(format);
    const saved = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    await visitor.click("#again");
    return saved;
  }

  async function file(name, bytes) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  }

  for (const [tool, howToInstall] of Object.entries(tools)) {
    test(`${tool} opens the page's file, and the page ${tool}'s`, async (t) => {
      const plaintext = seeded(t).bytes(SIZE);
      const original = await file(`${tool}.bin`, plaintext);
      const path = program(tool, howToInstall);
      const [opened, theirs] = [
        join(folder, `${tool}-opened`),
        join(folder, `${tool}-theirs.bin.age`),
      ];
      await atTerminal(
        [path, "--decrypt", "--output", opened, await throughPage(original)],
        [PASSPHRASE],
      );
      assert.deepEqual(new Uint8Array(await readFile(opened)), plaintext);
      await atTerminal(
        [path, "--passphrase", "--output", theirs, original],
        [PASSPHRASE, PASSPHRASE],
      );
      assert.deepEqual(new Uint8Array(await readFile(await throughPage(theirs))), plaintext);
    });
  }

  for (const format of ["age", "age-rt"]) {
    test(`the reference opens the page's ${format} file, and the page the reference's`, async (t) => {
      const random = seeded(t);
      const plaintext = random.bytes(SIZE);
      const ours = await readFile(
        await throughPage(await file(`page-${format}.bin`, plaintext), format),
      );
      assert.deepEqual(
        Buffer.concat(await reference.decode(format, PASSPHRASE, ours)),
        Buffer.from(plaintext),
      );
      const messages =
        format === "age"
          ? [0, CHUNK, 2 * CHUNK].map((at) => plaintext.subarray(at, at + CHUNK))
          : random.cut(plaintext, CHUNK);
      const theirs = await file(
        `reference-${format}.bin.age`,
        await reference.encode(format, PASSPHRASE, messages),
      );
      assert.deepEqual(new Uint8Array(await readFile(await throughPage(theirs))), plaintext);
    });
  }

  test("nothing was complained of", () => {
    assert.deepEqual(visitor.complaints, []);
  });
});
