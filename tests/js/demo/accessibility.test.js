/**
 * axe-core finds nothing, in every state of the page, light and dark, on a desk and on a phone.
 * With SCREENSHOTS=folder it leaves a picture of each.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { encrypt } from "age-rt-wasm";
import { startSite } from "./lib/site.js";
import { load } from "./lib/source.js";
import { Visitor } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };

/**
 * A person who answers the dialog with a disk that takes some chunks and then no more: the page
 * stays in the middle of its work.
 */
function withDiskThatStalls() {
  let room = Infinity;
  window.stall = () => (room = 20);
  const write = () => (room-- > 0 ? Promise.resolve() : new Promise(() => undefined));
  // However long the key takes on a busy machine, the click still counts.
  Object.defineProperty(UserActivation.prototype, "isActive", {
    get: () => true,
    configurable: true,
  });
  window.showSaveFilePicker = async () => ({
    createWritable: async () => ({
      write,
      close: async () => undefined,
      abort: async () => undefined,
    }),
    getFile: async () => new File(["x"], "x"),
  });
}

function withoutWebAssembly() {
  delete window.WebAssembly;
}

const files = {};

/** How a person comes from the fresh page to each state. */
const states = {
  start: () => undefined,
  "a file is chosen, with a weak passphrase": async (visitor) => {
    await visitor.choose(files.plain);
    await visitor.type("Summer2024");
    await visitor.strength();
  },
  "ten words are suggested": async (visitor) => {
    await visitor.click("#files [data-part=suggest]");
    await visitor.click("#files [data-part=show]");
  },
  "nothing is filled in": async (visitor) => {
    await visitor.submit();
    await visitor.choose(files.plain);
    await visitor.submit();
    await visitor.page.waitForSelector("#files .problem:not([hidden])");
  },
  "an encrypted file is chosen": (visitor) => visitor.choose(files.encrypted),
  "a wrong passphrase": async (visitor) => {
    await visitor.choose(files.encrypted);
    await visitor.type("not this one");
    await visitor.submit();
    await visitor.failure();
  },
  "a damaged file": async (visitor) => {
    await visitor.choose(files.damaged);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.failure();
  },
  "several files, for a key that was made here": async (visitor) => {
    await visitor.choose(files.plain, files.large);
    await visitor.click("#by-key");
    await visitor.page.$$eval("#options, #keys-encrypt details, .code", (all) =>
      all.forEach((details) => (details.open = true)),
    );
    await visitor.click("#make-keys");
    await visitor.page.waitForSelector(".pair");
  },
  "a public key is none": async (visitor) => {
    await visitor.choose(files.plain);
    await visitor.click("#by-key");
    await visitor.submit();
    await visitor.page.waitForSelector("#public-problem:not([hidden])");
    await visitor.page.type("#public-keys", "age1");
    await visitor.submit();
    await visitor.failure();
  },
  "a key file that is encrypted, for a file that says what it is": async (visitor) => {
    await visitor.choose(files.encrypted);
    await visitor.click("#by-key");
    const input = await visitor.page.$("#key-file");
    await input.uploadFile(files.encrypted);
    await visitor.page.waitForSelector("#key-locked:not([hidden])");
    await visitor.click("#about summary");
    await visitor.page.waitForSelector("#about-facts dd");
  },
  "a new passphrase, with a slip in it": async (visitor) => {
    await visitor.choose(files.encrypted);
    await visitor.click("#change");
    await visitor.page.waitForSelector("#changing:not([hidden])");
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.page.waitForSelector("#files .problem:not([hidden])");
  },
  "other keys for a file, encrypted anew": async (visitor) => {
    await visitor.choose(files.encrypted);
    await visitor.click("#change");
    await visitor.page.waitForSelector("#changing:not([hidden])");
    await visitor.click("#how-anew");
    await visitor.click("#new-by-key");
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.page.waitForSelector("#public-problem:not([hidden])");
    await visitor.page.$eval("#options", (options) => (options.open = true));
  },
  "inside an archive": async (visitor) => {
    await visitor.choose(files.archive);
    await visitor.type(PASSPHRASE);
    await visitor.click("#look");
    await visitor.page.waitForSelector(".members li");
  },
  "inside a text": async (visitor) => {
    await visitor.choose(files.encrypted);
    await visitor.type(PASSPHRASE);
    await visitor.click("#look");
    await visitor.page.waitForSelector("#inside-body pre");
  },
  "what is right of a damaged file": async (visitor) => {
    await visitor.choose(files.holed);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.failure();
    await visitor.click("#salvage");
    await visitor.page.waitForSelector("#inside-body li");
  },
  running: async (visitor) => {
    await visitor.page.evaluate(() => window.stall());
    await visitor.choose(files.large);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.page.waitForFunction(
      () => document.querySelector("#progress-left").textContent !== "",
    );
  },
  "the dialog waits for a click": async (visitor) => {
    await visitor.page.evaluate(
      () => void Object.defineProperty(UserActivation.prototype, "isActive", { get: () => false }),
    );
    await visitor.choose(files.encrypted);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.page.waitForSelector("#where:not([hidden])");
  },
  "encrypted, with what comes next": async (visitor) => {
    await visitor.choose(files.plain);
    await visitor.click("#files [data-part=suggest]");
    await visitor.submit();
    await visitor.done();
  },
  finished: async (visitor) => {
    await visitor.choose(files.encrypted);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.done();
  },
  "the text tab, with a result": async (visitor) => {
    await visitor.click("#tab-text");
    await visitor.paste("#text-input", "a text");
    await visitor.type(PASSPHRASE);
    await visitor.click("#text-submit");
    await visitor.page.waitForSelector("#text-result:not([hidden])");
  },
  "the text tab, with a failure": async (visitor) => {
    await visitor.click("#tab-text");
    await visitor.paste("#text-input", "-----BEGIN AGE ENCRYPTED FILE-----\n");
    await visitor.type(PASSPHRASE);
    await visitor.click("#text-submit");
    await visitor.page.waitForSelector("#text-failure:not([hidden])");
  },
  "the live tab, with messages": connected,
  "the live tab, with a message refused": async (visitor) => {
    await connected(visitor);
    await visitor.click("#live-flip");
    await visitor.page.type("#ada-types", "!");
    await visitor.page.waitForSelector("#live-connect:not([hidden])");
  },
  "the live tab, with a fault armed on a session with keys": async (visitor) => {
    await connected(visitor);
    await visitor.click("#live-session");
    await visitor.click("#live-keys");
    await visitor.page.waitForSelector("#ada .public-key:not([hidden])");
    await visitor.page.waitForSelector("#ada-types:not([disabled])");
    await visitor.click("#live-flip-tag");
  },
  "the live tab, with a recording accepted": async (visitor) => {
    await connected(visitor);
    await visitor.click("#live-replay");
    await visitor.page.waitForSelector("#live-verdict.problem");
  },
  "the live tab, with a reflection refused": async (visitor) => {
    await connected(visitor);
    await visitor.click("#live-session");
    await visitor.page.waitForSelector("#ada-types:not([disabled])");
    await visitor.click("#live-reflect");
    await visitor.page.waitForFunction(() =>
      document.querySelector("#live-verdict").textContent.includes("(reflected)"),
    );
  },
};

async function connected(visitor) {
  await visitor.click("#tab-live");
  await visitor.page.waitForSelector("#ada-types:not([disabled])");
  await visitor.page.type("#ada-types", "Hello");
  await visitor.page.type("#ben-types", "Hi");
  await visitor.page.waitForFunction(
    () => document.querySelector("#ada output").textContent === "Hi",
  );
}

describe("the demo page is accessible", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-accessibility-"));
    const encrypted = await encrypt(new Uint8Array(100_000), PASSPHRASE, QUICK);
    const damaged = encrypted.slice();
    damaged[90_000] ^= 1;
    // Its last chunk is right, its first is not.
    const holed = encrypted.slice();
    holed[1000] ^= 1;
    const { tar } = await load("src/tar.ts");
    const entries = ["a long name ".repeat(10) + ".txt", "../b.txt"].map((path) => ({
      path,
      file: new File(["x"], "x"),
    }));
    const archive = await encrypt(tar(entries), PASSPHRASE, QUICK);
    const contents = { encrypted, damaged, holed, archive };
    const names = { archive: "archive.tar.age", plain: "plain.txt", large: "large.txt" };
    Object.assign(contents, { plain: "x", large: Buffer.alloc(20_000_000) });
    for (const [name, bytes] of Object.entries(contents)) {
      files[name] = join(folder, names[name] ?? `${name}.txt.age`);
      await writeFile(files[name], bytes);
    }
    visitor = await Visitor.arrive(site.url, withDiskThatStalls);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  for (const [name, reach] of Object.entries(states)) {
    test(name, async () => {
      await fresh(visitor.page);
      await reach(visitor);
      await examine(visitor.page, name);
    });
  }

  test("no WebAssembly", async () => {
    const deprived = await Visitor.arrive(site.url, withoutWebAssembly);
    try {
      await examine(deprived.page, "no WebAssembly");
    } finally {
      await deprived.leave();
    }
  });

  async function fresh(page) {
    const [path] = site.url.split("#");
    // A running transfer asks before it is left.
    page.once("dialog", (dialog) => dialog.accept().catch(() => undefined));
    await page.goto("about:blank");
    page.removeAllListeners("dialog");
    await page.goto(path, { waitUntil: "networkidle0" });
  }
});

async function examine(page, name) {
  await page.evaluate(axe.source);
  for (const theme of ["light", "dark"]) {
    // Colours in the middle of a transition are nobody's choice.
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: theme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    for (const [device, width] of [
      ["desk", 1200],
      ["phone", 360],
    ]) {
      await page.setViewport({ width, height: 800 });
      await picture(page, `${name} ${theme} ${device}`);
      const { violations, passes } = await page.evaluate(() => window.axe.run());
      assert.ok(passes.length > 15, `axe looked at ${passes.length} rules`);
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
        [],
        `${theme}, ${device}`,
      );
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(overflow, 0, `wider than the ${device}`);
    }
  }
}

async function picture(page, name) {
  const { SCREENSHOTS } = process.env;
  if (!SCREENSHOTS) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({
    path: join(SCREENSHOTS, `${name.replaceAll(/\W+/g, "-")}.png`),
    fullPage: true,
  });
}
