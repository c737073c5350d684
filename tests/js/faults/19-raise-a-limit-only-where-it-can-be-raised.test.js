/**
 * Where the work factor is above what can be derived at all, the message does not say to raise
 * `maxWorkFactor`, which would be refused.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, encrypt } from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";

/** The largest that may be set. */
async function largest(file) {
  for (let factor = 30; factor > 0; factor -= 1) {
    const { code, name } = await decrypt(file, PASSPHRASE, { maxWorkFactor: factor }).catch(
      (error) => error,
    );
    if (name !== "RangeError" || code !== undefined) return factor;
  }
  return 0;
}

function asking(file, factor) {
  const text = Buffer.from(file).toString("latin1");
  return Buffer.from(text.replace(/^(-> scrypt \S+) \d+$/m, `$1 ${factor}`), "latin1");
}

test("the message depends on whether the limit can be raised", async () => {
  const file = await encrypt("x", PASSPHRASE, { workFactor: 2 });
  const most = await largest(file);
  assert.ok(most >= 20);
  for (const [factor, options, raise] of [
    [most, { maxWorkFactor: most - 1 }, true],
    [19, { maxWorkFactor: 18 }, true],
    [most + 1, {}, false],
    [most + 1, { maxWorkFactor: most }, false],
    [most + 1, { maxWorkFactor: 10 }, false],
    [63, {}, false],
  ]) {
    const error = await decrypt(asking(file, factor), PASSPHRASE, options).catch(
      (thrown) => thrown,
    );
    assert.equal(error.code, "excessive-work-factor", String(error));
    assert.equal(error.workFactor, factor);
    assert.equal(error.message.includes("maxWorkFactor"), raise, error.message);
  }
});
