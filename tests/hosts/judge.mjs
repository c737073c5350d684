/** Judges what the job gave in a host, with the package in this Node. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decrypt } from "age-rt-wasm";
import { record } from "./table.mjs";

const PASSPHRASE = "correct horse battery staple";
const PLAINTEXT = "attack at dawn";
const FORMATS = ["age", "age-rt"];
const vectors = JSON.parse(
  readFileSync(new URL("../vectors/index.json", import.meta.url), "utf8"),
).vectors;

/** A timer of 5 ms that is held up for the half second of a derivation fires once or twice. */
const TICKS = 10;

const judges = {
  async encrypt(files) {
    for (const format of FORMATS) assert.equal(await opened(files[format]), PLAINTEXT, format);
  },
  decrypt(plaintexts) {
    assert.equal(sha256(plaintexts.age), vectors.age_1.sha256);
    assert.equal(sha256(plaintexts["age-rt"]), vectors.rt_hello_world.sha256);
  },
  wrongPassphrase(errors) {
    for (const format of FORMATS)
      assert.deepEqual(errors[format], { code: "wrong-passphrase", ofItsClass: true }, format);
  },
  stream(streams) {
    assert.deepEqual(streams.age, { same: 2 ** 20, pieces: 16 });
    assert.deepEqual(streams["age-rt"], { same: 2 ** 20, pieces: 21 });
  },
  async derivation({ answers, ticksMeanwhile, file }, where) {
    assert.equal(await opened(file), PLAINTEXT);
    assert.equal(answers, where === "worker" ? 1 : 0, "workers that answered");
    if (where === "worker")
      assert.ok(ticksMeanwhile >= TICKS, `the timer fired ${ticksMeanwhile} times meanwhile`);
  },
};

/**
 * Registers a host's tests, one per job, and records its row of the table.
 *
 * @param run does the job in the host. @returns what job() gave there
 * @param derivation where the key is expected to be derived: "worker" or "calling thread"
 */
export function host(order, name, run, derivation = "worker") {
  test(name, async (t) => {
    const jobs = {};
    let report;
    try {
      report = await run();
    } finally {
      if (!report) record(order, name, jobs);
    }
    for (const [job, judge] of Object.entries(judges)) {
      await t.test(`${name}: ${job}`, async () => {
        try {
          const { value, error } = report[job];
          assert.equal(error, undefined);
          await judge(value, derivation);
          jobs[job] = job === "derivation" ? derivation : true;
        } catch (failure) {
          jobs[job] = failure.message;
          throw failure;
        }
      });
    }
    record(order, name, jobs);
  });
}

async function opened(file) {
  return new TextDecoder().decode(await decrypt(Buffer.from(file, "base64"), PASSPHRASE));
}

function sha256(base64) {
  return createHash("sha256").update(base64, "base64").digest("hex");
}
