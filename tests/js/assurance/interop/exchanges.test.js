/**
 * Random keys and file keys, wrapped by us and unwrapped by what @noble/curves and
 * @noble/post-quantum make of them, and the other way round. `npm run exchanges` does 10,000 of
 * each kind, in a process for each (KIND).
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { identity, recipient } from "age-rt-wasm/recipients";
import { KINDS } from "../../lib/noble-keys.js";
import { seeded } from "../../lib/random.js";

const COUNT = Number(process.env.EXCHANGES ?? 60);

describe(`${COUNT} random exchanges with the noble packages`, () => {
  const { KIND } = process.env;
  for (const [type, make] of Object.entries(KINDS).filter(([type]) => !KIND || type === KIND))
    test(type, async (t) => {
      const random = seeded(t);
      for (let i = 0; i < COUNT; i += 1) {
        const theirs = make(random);
        const fileKey = random.bytes(16);
        const [stanza] = await recipient(theirs.recipient).wrapFileKey(fileKey.slice());
        assert.equal(stanza.args[0], type);
        assert.deepEqual(theirs.unwrap(stanza.args, stanza.body), fileKey);
        if (!theirs.wrap) continue;
        const opened = await identity(theirs.identity).unwrapFileKey([theirs.wrap(fileKey)]);
        assert.deepEqual(opened, fileKey);
      }
    });
});
