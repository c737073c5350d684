/**
 * What the browser, or something behind it, refuses while a result is saved: never taken for a
 * person's cancellation, and nothing is left.
 */
import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { encrypt } from "age-rt-wasm";
import { withRefusals } from "./lib/refusing.js";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";

/**
 * A file that is cut, or goes on growing, while it is read. Firefox and Bun were seen to end it
 * without an error.
 */
function withAnotherSize() {
  const { stream } = Blob.prototype;
  Blob.prototype.stream = function () {
    const { missing = 0, more = 0 } = window.change ?? {};
    const { size } = this;
    return stream.call(new Blob([this.slice(0, size - missing), new Uint8Array(more)]));
  };
}

describe("a refusal while saving", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let file;
  let visitor;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-refusals-"));
    file = join(folder, "report.pdf.age");
    // Quick to open, so that every refusal costs no more than its own time.
    const plain = randomFillSync(Buffer.alloc(200_000));
    await writeFile(file, await encrypt(plain, PASSPHRASE, { workFactor: 1 }));
    visitor = await Visitor.arrive(site.url, withRefusals, withAnotherSize);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  async function decrypt(settings) {
    await visitor.page.evaluate((settings) => Object.assign(window, settings), {
      refuse: {},
      change: {},
      ...settings,
    });
    await visitor.choose(file);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
  }

  for (const step of ["open", "write", "close"]) {
    for (const name of ["AbortError", "NotAllowedError"]) {
      test(`a ${name} at ${step} is a failure with its reason, and no cancellation`, async () => {
        await decrypt({ refuse: { [step]: name } });
        const said = await visitor.failure();
        assert.match(said, /^The result could not be saved/);
        assert.ok(said.includes(`Blocked at ${step}.`), said);
        assert.equal(await visitor.text("#submit-notice"), "");
        assert.deepEqual(await visitor.page.evaluate(() => window.left), []);
      });
    }
  }

  test("a disk that is full while the file is completed is named as that", async () => {
    await decrypt({ refuse: { close: "QuotaExceededError" } });
    assert.match(await visitor.failure(), /^No room to save/);
  });

  test("the dialog's own AbortError is a cancellation", async () => {
    await decrypt({ refuse: { dialog: "AbortError" } });
    await visitor.page.waitForFunction(() =>
      document.querySelector("#submit-notice").textContent.startsWith("Cancelled"),
    );
    assert.equal(await visitor.text("#failure"), "");
  });

  for (const [what, change] of [
    ["fewer bytes than it said", { missing: 1 }],
    ["no byte any more", { missing: 200_000 }],
    ["more bytes than it said", { more: 1 }],
  ]) {
    test(`a source with ${what} is a failure, and nothing is saved as whole`, async () => {
      await decrypt({ change });
      assert.match(await visitor.failure(), /^The file changed while it was read/);
      assert.deepEqual(await visitor.page.evaluate(() => window.left), []);
    });
  }

  for (const name of ["SecurityError", "NotAllowedError", "TypeError"]) {
    test(`where the dialog fails with ${name} the next way of saving is tried`, async () => {
      const saved = await visitor.download(async () => {
        await decrypt({ refuse: { dialog: name } });
        assert.match(await visitor.done(), /report\.pdf is among your downloads/);
      });
      await visitor.click("#again");
      await rm(saved);
    });
  }

  test("nothing was complained of", () => assert.deepEqual(visitor.complaints, []));
});
