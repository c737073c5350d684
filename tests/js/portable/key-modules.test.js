/** The modules of keys: each comes with the first key that needs it, and again after a failure. */
import * as age from "age-rt-wasm";
import {
  generateIdentity,
  identity,
  identityFile,
  readIdentities,
  recipient,
  recipientOf,
} from "age-rt-wasm/recipients";
import { assert } from "../harness.js";
import { utf8 } from "./lib/bytes.js";
import { assertError, coded } from "./lib/errors.js";
import { test } from "./lib/groups.js";

/** What only one of the modules exports. */
const OF = { x25519Wrap: "recipients", hybridEncapsulate: "hybrid", p256Exchange: "p256" };
/** The modules of keys that were compiled, and what the next one of a name fails with. */
const compiled = [];
let refused = {};

const { compile } = WebAssembly;
WebAssembly.compile = async (bytes) => {
  const module = await compile.call(WebAssembly, bytes);
  const name = WebAssembly.Module.exports(module)
    .map((each) => OF[each.name])
    .find(Boolean);
  if (name) compiled.push(name);
  if (refused[name]) throw refused[name];
  return module;
};

const TEXT = utf8("attack at dawn");
const FORMATS = ["age", "age-rt"];
const [classic, hybrid] = [await generateIdentity(), await generateIdentity("hybrid")];
/** A stanza of that type, which is none. */
const malformed = { args: ["mlkem768x25519", "AAAA"], body: new Uint8Array(32) };

async function thereAndBack(secret, format = "age") {
  const file = await age.encrypt(TEXT, recipient(await recipientOf(secret)), { format });
  assert.deepEqual(await age.decrypt(file, identity(secret)), TEXT);
  return file;
}

test("keys that are made and read load nothing", async () => {
  assert.equal((await generateIdentity("hybrid")).slice(0, 18), "AGE-SECRET-KEY-PQ-");
  identity(hybrid);
  identity(classic);
  assert.deepEqual(compiled, []);
});

test("X25519 keys load their own module alone, whoever else is asked", async () => {
  for (const format of FORMATS) {
    const file = await thereAndBack(classic, format);
    for (const identities of [
      [identity(hybrid), identity(classic)],
      [identity(classic), identity(hybrid)],
    ])
      assert.deepEqual(await age.decrypt(file, identities), TEXT);
    await assert.rejects(age.decrypt(file, identity(hybrid)), coded("no-identity-match"));
  }
  assert.deepEqual(compiled, ["recipients"]);
});

for (const [what, error, code] of [
  ["no memory", new RangeError("no memory"), "out-of-memory"],
  ["a policy", new WebAssembly.CompileError("a policy"), "wasm-blocked"],
])
  test(`${what} keeps the hybrid's module away: every caller hears it, X25519 keys work, and the next call tries again`, async () => {
    refused = { hybrid: error };
    const before = compiled.length;
    const calls = [recipientOf(hybrid), identityFile(hybrid), recipientOf(hybrid)];
    for (const { reason } of await Promise.allSettled(calls)) assertError(reason, code);
    await thereAndBack(classic);
    await assert.rejects(identity(hybrid).unwrapFileKey([malformed]), coded(code));
    assert.deepEqual(compiled.slice(before), ["hybrid", "hybrid"]);
    refused = {};
  });

test("calls while the hybrid's module loads share one load; who is aborted meanwhile gets the reason", async () => {
  const before = compiled.length;
  const controller = new AbortController();
  const reason = new Error("enough");
  const aborted = identity(hybrid).unwrapFileKey([malformed], { signal: controller.signal });
  const calls = [recipientOf(hybrid), recipientOf(hybrid), thereAndBack(classic)];
  controller.abort(reason);
  await assert.rejects(aborted, (error) => error === reason);
  const [one, two] = await Promise.all(calls);
  assert.equal(one, two);
  assert.deepEqual(compiled.slice(before), ["hybrid"]);
});

test("hybrid keys need that module and no further one", async () => {
  const before = compiled.length;
  for (const format of FORMATS) await thereAndBack(hybrid, format);
  const [mine] = await readIdentities(await identityFile(hybrid));
  const stanzas = await recipient(await recipientOf(hybrid)).wrapFileKey(new Uint8Array(16));
  assert.deepEqual(await mine.unwrapFileKey(stanzas), new Uint8Array(16));
  await assert.rejects(mine.unwrapFileKey([malformed]), coded("invalid-header"));
  assert.deepEqual(compiled.slice(before), []);
});

test("a file for one of two identities opens, whichever it is and in whatever order they are", async () => {
  const both = [identity(classic), identity(hybrid)];
  for (const secret of [classic, hybrid]) {
    const file = await thereAndBack(secret);
    for (const identities of [both, [...both].reverse()])
      assert.deepEqual(await age.decrypt(file, identities), TEXT);
  }
});

test("a file with stanzas of both kinds opens with either, and with neither for strangers", async () => {
  const to = await Promise.all(
    [classic, hybrid].map(async (each) => recipient(await recipientOf(each))),
  );
  // Not what this package would write: labels keep it from that. Others may have.
  const everybody = {
    wrapFileKey: async (fileKey) =>
      (await Promise.all(to.map((each) => each.wrapFileKey(fileKey)))).flat(),
  };
  const strangers = [await generateIdentity(), await generateIdentity("hybrid")];
  for (const format of FORMATS) {
    const file = await age.encrypt(TEXT, everybody, { format });
    for (const secrets of [
      [classic],
      [hybrid],
      [hybrid, classic],
      [...strangers, classic],
      [...strangers, hybrid],
    ])
      assert.deepEqual(await age.decrypt(file, secrets.map(identity)), TEXT);
    await assert.rejects(
      age.decrypt(file, strangers.map(identity)),
      (error) =>
        coded("no-identity-match")(error) && error.stanzaTypes.join() === "X25519,mlkem768x25519",
    );
  }
});

test("a hardware key loads its module of its own, and only then", async () => {
  const before = compiled.length;
  const tag = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";
  assert.equal((await recipient(tag).wrapFileKey(new Uint8Array(16)))[0].args[0], "p256tag");
  assert.deepEqual(compiled.slice(before), ["p256"]);
});
