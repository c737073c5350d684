/** A trap in one module of keys ends that one's instance, for all who use it, and no other. */
import { instanceCount, replace, trap } from "../lib/instances.js";
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";

const TRAPPED = { name: "AgeRtError", code: "internal" };
const FILE_KEY = new Uint8Array(16).fill(7);
const kinds = {};

before(async () => {
  for (const name of ["x25519", "hybrid"]) kinds[name] = await keys(name);
});

async function keys(type) {
  const secret = await generateIdentity(type);
  const to = recipient(await recipientOf(secret));
  return { to, from: identity(secret), stanzas: await to.wrapFileKey(FILE_KEY.slice()) };
}

const wrap = ({ to }) => to.wrapFileKey(FILE_KEY.slice());
const unwrap = ({ from, stanzas }) => from.unwrapFileKey(stanzas);
const works = async (kind) => {
  assert.deepEqual(await unwrap({ ...kind, stanzas: await wrap(kind) }), FILE_KEY);
};

/** Each function, the keys that call it, and how; and whether X25519 keys use its module. */
const PLACES = [
  ["x25519Wrap", "x25519", wrap, true],
  ["x25519Unwrap", "x25519", unwrap, true],
  ["hybridSeal", "hybrid", wrap, true],
  ["hybridOpen", "hybrid", unwrap, true],
  ["hybridEncapsulate", "hybrid", wrap, false],
  ["hybridDecapsulate", "hybrid", unwrap, false],
];

for (const [name, kind, call, classic] of PLACES)
  describe(`a trap in ${name}`, () => {
    test("the other modules' instances go on, and the next call starts one of this module", async () => {
      const count = instanceCount();
      const restore = replace(name, trap);
      await assert.rejects(call(kinds[kind]), TRAPPED);
      restore();
      await works(kinds.x25519);
      assert.equal(instanceCount(), count + (classic ? 1 : 0));
      await works(kinds.hybrid);
      assert.equal(instanceCount(), count + 1);
    });

    test("two callers at once: the second never calls the instance that was wiped", async () => {
      let calls = 0;
      const restore = replace(name, () => {
        calls += 1;
        trap();
      });
      const settled = await Promise.allSettled([call(kinds[kind]), call(kinds[kind])]);
      restore();
      for (const { reason } of settled) assert.equal(reason?.code, "internal");
      assert.equal(calls, 1);
      await works(kinds[kind]);
    });
  });

for (const [name, kind, next] of [
  ["x25519Wrap", "x25519", "x25519Unwrap"],
  ["hybridEncapsulate", "hybrid", "hybridDecapsulate"],
  ["hybridSeal", "hybrid", "hybridOpen"],
])
  test(`somebody's trap in ${name} in the midst of a search: it ends, and no stanza is tried with what was wiped`, async () => {
    const { from, stanzas } = kinds[kind];
    const [foreign] = (await keys(kind)).stanzas;
    let looked = 0;
    const watched = {
      get args() {
        looked += 1;
        return foreign.args;
      },
      body: foreign.body,
    };
    let calls = 0;
    const search = from.unwrapFileKey([...Array(5000).fill(watched), ...stanzas]);
    const trapped = new Promise((resolve) => {
      setTimeout(async () => {
        const restore = replace(name, trap);
        const [{ reason }] = await Promise.allSettled([wrap(kinds[kind])]);
        restore();
        const undo = replace(next, () => {
          calls += 1;
          trap();
        });
        resolve([reason, undo]);
      });
    });
    await assert.rejects(search, TRAPPED);
    const [reason, restore] = await trapped;
    restore();
    assert.equal(reason.code, "internal");
    assert.equal(calls, 0);
    assert.ok(looked < 5000, `${looked} looks`);
    await works(kinds[kind]);
  });
