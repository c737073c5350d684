/** A long header gives the thread free, while it is read and while its stanzas are searched. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgeDecryptStream, decrypt, encrypt } from "age-rt-wasm";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";

const TEXT = Uint8Array.of(1, 2, 3);

const secret = await generateIdentity();
const key = recipient(await recipientOf(secret));

/** A file for us, whose header has these stanzas before ours. */
function fileBehind(stanzas) {
  return encrypt(TEXT, {
    wrapFileKey: async (fileKey) => [...stanzas, ...(await key.wrapFileKey(fileKey))],
  });
}

/** Counts turns of the event loop until the test ends; calls `then` in each. */
function counted(t, then = () => undefined) {
  const count = { turns: 0 };
  const look = () => {
    count.turns += 1;
    then(count.turns);
    immediate = setImmediate(look);
  };
  let immediate = setImmediate(look);
  t.after(() => clearImmediate(immediate));
  return count;
}

test("a search waits for no timer: Node may run two of them in one turn", async (t) => {
  const other = recipient(await recipientOf(await generateIdentity()));
  const file = await fileBehind(Array(1000).fill((await other.wrapFileKey(new Uint8Array(16)))[0]));
  const seen = counted(t);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  assert.deepEqual(await decrypt(file, identity(secret)), TEXT);
  assert.ok(seen.turns > 3, `${seen.turns} turns`);
});

test("170,000 stanzas are cut apart in more than a hundred turns", async (t) => {
  // Its MAC is of nobody: identities are asked before it is looked at.
  const text = `age-encryption.org/v1\n${"-> a\n\n".repeat(170_000)}--- ${"A".repeat(43)}\n`;
  const seen = counted(t);
  let begun;
  let asked;
  const first = {
    unwrapFileKey() {
      begun = seen.turns;
      return null;
    },
  };
  const second = {
    unwrapFileKey() {
      asked = seen.turns;
      return null;
    },
  };
  await assert.rejects(decrypt(new TextEncoder().encode(text), [first, second]), {
    code: "no-identity-match",
  });
  // Each gets stanzas of its own, and between the two nothing else is done.
  assert.ok(asked - begun > 100, `${asked - begun} turns`);
});

describe("a header of 1 MiB in one piece", async () => {
  // One stanza, so that its search needs no turn.
  const file = await fileBehind([{ args: ["grease"], body: new Uint8Array(750_000) }]);

  test("is read in at least ten turns", async (t) => {
    const seen = counted(t);
    let before;
    const asked = {
      unwrapFileKey() {
        before = seen.turns;
        return null;
      },
    };
    const [writer, ended] = written(new AgeDecryptStream(asked));
    await assert.rejects(writer.write(file), { code: "no-identity-match" });
    await ended;
    assert.ok(before > 10, `${before} turns`);
  });

  test("is given up at an abort, and nobody is asked for its key", async (t) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const asked = t.mock.fn(() => null);
    const stream = new AgeDecryptStream({ unwrapFileKey: asked }, { signal: controller.signal });
    const [writer, ended] = written(stream);
    counted(t, (turns) => turns === 3 && controller.abort(reason));
    await assert.rejects(writer.write(file), reason);
    await ended;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(asked.mock.callCount(), 0);
  });

  test("is taken as it was when it was written", async (t) => {
    const bytes = file.slice();
    counted(t, (turns) => turns === 3 && bytes.fill(0));
    const stream = new AgeDecryptStream(identity(secret));
    const text = new Response(stream.readable).arrayBuffer();
    const writer = stream.writable.getWriter();
    await Promise.all([writer.write(bytes), writer.close()]);
    assert.deepEqual(new Uint8Array(await text), TEXT);
  });
});

/** Its writer, and its readable's end, whichever it is. */
function written(stream) {
  const ended = stream.readable.pipeTo(new WritableStream()).catch(() => undefined);
  return [stream.writable.getWriter(), ended];
}
