/** Workers and Content-Security-Policies: a page gets its key under every policy, off its thread wherever one allows that. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Chromium, roundTrip, WORKER_PATH } from "../lib/chromium.js";

/** As strict as a page can be that runs WebAssembly. */
const STRICT = "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

describe("a page in Chromium", () => {
  let chromium;
  before(async () => void (chromium = await Chromium.start()));
  after(() => chromium?.stop());

  test("without a policy has a worker for each derivation, from a blob", async () => {
    const { page, started } = await chromium.open();
    await roundTrip(page, 10);
    assert.deepEqual(started.map((url) => new URL(url).protocol), ["blob:", "blob:"]);
  });

  test("that forbids workers derives all the same", async () => {
    const { page } = await chromium.open(`${STRICT}; worker-src 'none'`);
    assert.equal(await roundTrip(page, 18), "text");
  });

  test("that allows no blobs derives all the same", async () => {
    const { page } = await chromium.open(`${STRICT}; worker-src 'self'`);
    assert.equal(await roundTrip(page, 10), "text");
  });

  for (const type of ["module", "classic"]) {
    test(`that allows no blobs uses the ${type} worker that it has configured`, async () => {
      const { page, started } = await chromium.open(`${STRICT}; worker-src 'self'`);
      await page.evaluate((path, type) => globalThis.age.configure({ worker: () => new Worker(path, { type }) }), WORKER_PATH, type);
      await roundTrip(page, 10);
      assert.deepEqual(started, Array(2).fill(chromium.origin + WORKER_PATH));
    });
  }

  test("that configures a worker which its policy forbids derives all the same", async () => {
    const { page } = await chromium.open(`${STRICT}; worker-src 'none'`);
    await page.evaluate((path) => globalThis.age.configure({ worker: () => new Worker(path) }), WORKER_PATH);
    assert.equal(await roundTrip(page, 10), "text");
  });

  test("that wants trusted types has its worker, by a policy of the package's name", async () => {
    const { page, started } = await chromium.open("require-trusted-types-for 'script'; trusted-types age-rt-wasm");
    await roundTrip(page, 10);
    assert.equal(started.length, 2);
  });

  test("that trusts no policy of ours derives all the same", async () => {
    const { page } = await chromium.open("require-trusted-types-for 'script'; trusted-types 'none'");
    assert.equal(await roundTrip(page, 10), "text");
  });
});
