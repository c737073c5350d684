/** Where no worker can be had the calling thread derives, by itself and with the least memory. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { runChild } from "../lib/child.js";

const MIB = 2 ** 20;

test("a process without permission for workers derives all the same", async () => {
  const permission = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  const { report } = await runChild(new URL("children/no-permission.js", import.meta.url), {
    flags: [permission, "--allow-fs-read=*"],
  });
  assert.deepEqual(report, { refusal: "ERR_ACCESS_DENIED", text: "text" });
});

test("a worker that is silent once is asked for again", async () => {
  const { report } = await runChild(new URL("children/silent-workers.js", import.meta.url), {
    args: [1],
  });
  assert.deepEqual(report, [1, 2, 3, 4]);
});

test("a host whose workers stay silent is asked twice", async () => {
  const { report } = await runChild(new URL("children/silent-workers.js", import.meta.url), {
    args: [9],
  });
  assert.deepEqual(report, [1, 2, 2, 2]);
});

test("a thread that is blocked for longer than a worker may be silent keeps its workers", async () => {
  const { report } = await runChild(new URL("children/blocked-thread.js", import.meta.url));
  assert.deepEqual(report, [1, 2, 3, 4]);
});

test("a host that refuses a worker is asked again, but not before a minute", async () => {
  const { report } = await runChild(new URL("children/refused-workers.js", import.meta.url));
  assert.deepEqual(report, [1, 1, 2]);
});

describe("a process without workers", () => {
  let seen;
  before(
    async () =>
      void (seen = (
        await runChild(new URL("children/calling-thread.js", import.meta.url), {
          flags: ["--expose-gc"],
        })
      ).report),
  );

  test("derives several keys, asked for at once", () =>
    assert.deepEqual(seen.texts, ["one", "two", "three"]));

  test("uses one instance for all, apart from the main one", () => assert.equal(seen.made, 2));

  test("drops it after a second of idleness", (t) => {
    t.diagnostic(
      `before: ${mib(seen.before)} MiB, peak: ${mib(seen.peak)} MiB, after a collection: ${mib(seen.after)} MiB`,
    );
    assert.equal(seen.alive, 1);
  });

  test("keeps no object", () => assert.equal(seen.live, 0));
});

test("small derivations, one after the other, do not keep the instance of a large one", async () => {
  const { report } = await runChild(new URL("children/small-after-large.js", import.meta.url));
  assert.ok(report.more > 0);
});

describe("a derivation on the calling thread that is aborted", () => {
  let seen;
  let msToExit;
  before(
    async () =>
      void ({ report: seen, msToExit } = await runChild(
        new URL("children/calling-thread-abort.js", import.meta.url),
      )),
  );

  test("ends with the reason", () => assert.equal(seen.read, "the reason"));

  test("keeps no object", () => assert.equal(seen.live, 0));

  test("keeps nothing that would keep the process", (t) => {
    t.diagnostic(`ended ${msToExit.toFixed(0)} ms later`);
    assert.ok(msToExit < 500);
  });
});

function mib(bytes) {
  return (bytes / MIB).toFixed(0);
}
