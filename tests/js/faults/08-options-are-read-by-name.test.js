/**
 * Options are read by name, inherited ones too, and what does not belong is refused: a limit that
 * is ignored would be taken to hold.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, encrypt } from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";

function workFactorOf(file) {
  return Number(/-> scrypt \S+ (\d+)/.exec(Buffer.from(file).toString("latin1"))[1]);
}

class Defaults {
  get workFactor() {
    return 2;
  }
}

for (const [name, options] of [
  ["its own", { workFactor: 2 }],
  ["inherited", Object.create({ workFactor: 2 })],
  ["of a class", new Defaults()],
]) {
  for (const format of ["age", "age-rt"]) {
    test(`encrypt() to ${format} with a work factor that is ${name}`, async () => {
      const given =
        format === "age" ? options : Object.create(options, { format: { value: format } });
      assert.equal(workFactorOf(await encrypt("x", PASSPHRASE, given)), 2);
    });
  }
}

test("an inherited signal is heard", async () => {
  const reason = new Error("enough");
  const options = Object.create({ signal: AbortSignal.abort(reason), workFactor: 1 });
  await assert.rejects(encrypt("x", PASSPHRASE, options), (error) => error === reason);
});

test("an inherited limit holds", async () => {
  const file = await encrypt("x", PASSPHRASE, { workFactor: 3 });
  const options = Object.create({ maxWorkFactor: 2 });
  await assert.rejects(decrypt(file, PASSPHRASE, options), { code: "excessive-work-factor" });
});

test("maxChunkSize for age, and a misspelt name, are a TypeError", async () => {
  const options = { workFactor: 1 };
  for (const wrong of [{ maxChunkSize: 1000 }, { workfactor: 1 }, { chunksize: 1000 }])
    await assert.rejects(() => encrypt("x", PASSPHRASE, { ...options, ...wrong }), TypeError);
});
