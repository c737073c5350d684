/** keygen, inspect and rekey, beside what age's own programs write. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { program } from "../lib/repository.js";
import { seeded } from "../lib/random.js";
import {
  atTerminal,
  BATCH,
  COMMAND,
  done,
  folder,
  ours,
  oursAtTerminal,
  PASSPHRASE,
  refused,
  run,
} from "./lib/command.js";

const age = (args, options) => run([program("age", "`npm test` installs it"), ...args], options);

/** A pair of keys of ours. */
async function keyPair(cwd, name, ...flags) {
  await done(ours(["keygen", ...flags, "-o", name], { cwd }));
  return String(await done(ours(["keygen", "-y", name], { cwd }))).trim();
}

describe("keygen", { concurrency: 2 }, () => {
  test("writes the lines of age-keygen, and the public key on standard error", async () => {
    const mine = await ours(["keygen"]);
    const theirs = await run([program("age-keygen", "`npm test` installs it")]);
    const shape = ({ out }) =>
      String(out)
        .replace(/created: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/m, "created: DATE")
        .replace(/age1\w{58}$/m, "PUBLIC")
        .replace(/AGE-SECRET-KEY-1\w{58}$/m, "SECRET");
    assert.equal(shape(mine), "# created: DATE\n# public key: PUBLIC\nSECRET\n");
    assert.equal(shape(mine), shape(theirs));
    const [, key] = /public key: (age1\w+)/.exec(String(mine.out));
    assert.equal(mine.said, `Public key: ${key}\n`);
  });

  test("-pq makes a key that encrypts and opens, and -y tells both keys of a file", async (t) => {
    const cwd = await folder(t);
    const classic = await keyPair(cwd, "classic.txt");
    const hybrid = await keyPair(cwd, "hybrid.txt", "-pq");
    assert.match(hybrid, /^age1pq1/);
    await writeFile(
      join(cwd, "both.txt"),
      (await readFile(join(cwd, "classic.txt"), "utf8")) +
        (await readFile(join(cwd, "hybrid.txt"), "utf8")),
    );
    const both = String(await done(ours(["keygen", "-y", "both.txt"], { cwd })));
    assert.equal(both, `${classic}\n${hybrid}\n`);
    const sealed = await done(ours(["-r", hybrid], { cwd, input: "attack at dawn\n" }));
    const opened = await done(ours(["-d", "-i", "both.txt"], { cwd, input: sealed }));
    assert.equal(String(opened), "attack at dawn\n");
    const { said } = await refused(["-r", hybrid, "-r", classic], { cwd, input: "plain" });
    assert.match(said, /\[incompatible-recipients\]/);
  });
});

describe("inspect", { concurrency: 2 }, () => {
  /** age 1.1.1 has no age-inspect: the sizes are held against the file itself. */
  for (const armor of [[], ["-a"]]) {
    test(`--json has the names of age-inspect in their order${armor.length ? ", armored" : ""}`, async (t) => {
      const cwd = await folder(t);
      const key = await keyPair(cwd, "key.txt");
      await writeFile(join(cwd, "plain"), Buffer.from(seeded(t).bytes(150_000)));
      await done(age(["-r", key, ...armor, "-o", "theirs.age", "plain"], { cwd }));
      const text = String(await done(ours(["inspect", "--json", "theirs.age"], { cwd })));
      const told = JSON.parse(text);
      assert.equal(text, `${JSON.stringify(told, undefined, 4)}\n`);
      assert.deepEqual(Object.keys(told), [
        "version",
        "postquantum",
        "armor",
        "stanza_types",
        "sizes",
      ]);
      assert.equal(told.armor, armor.length > 0);
      assert.equal(told.postquantum, "no");
      const { header, armor: around, overhead, max_payload: payload } = told.sizes;
      const { length } = await readFile(join(cwd, "theirs.age"));
      assert.equal(header + around + overhead + payload, length);
      assert.equal(payload, 150_000);
    });
  }

  test("tells a person the same, of a file and of a pipe", async (t) => {
    const cwd = await folder(t);
    const seal = ["-e", "-j", "batchpass"];
    const sealed = await done(ours(seal, { cwd, env: BATCH, input: "attack at dawn\n" }));
    await writeFile(join(cwd, "sealed.age"), sealed);
    const file = String(await done(ours(["inspect", "sealed.age"], { cwd })));
    assert.match(file, /^sealed\.age is an age file, version "age-encryption\.org\/v1"\.\n/);
    assert.match(file, /scrypt, work factor 1\./);
    assert.match(file, /payload +15\n/);
    const pipe = String(await done(ours(["inspect"], { cwd, input: sealed })));
    assert.match(pipe, /^standard input is an age file/);
    assert.ok(!/payload/.test(pipe));
    const live = await done(
      ours([...seal, "--rt"], { cwd, env: BATCH, input: "attack at dawn\n" }),
    );
    assert.match(String(await done(ours(["inspect"], { input: live }))), /is an age-rt file/);
  });

  test("what is no age file fails with its code", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "plain"), "attack at dawn\n");
    assert.match((await refused(["inspect", "plain"], { cwd })).said, /\[not-age\]/);
    const sealed = await done(
      ours(["-e", "-j", "batchpass"], { cwd, env: BATCH, input: "attack at dawn\n" }),
    );
    await writeFile(join(cwd, "cut.age"), sealed.subarray(0, 100));
    assert.match((await refused(["inspect", "cut.age"], { cwd })).said, /\[truncated\]/);
  });
});

describe("rekey", { concurrency: 2 }, () => {
  test("from age's key to ours, which age opens: a file, a pipe, armor", async (t) => {
    const cwd = await folder(t);
    const [old, next] = [await keyPair(cwd, "old.txt"), await keyPair(cwd, "next.txt")];
    const plain = Buffer.from(seeded(t).bytes(150_000));
    const sealed = await done(age(["-r", old], { cwd, input: plain }));
    await writeFile(join(cwd, "old.age"), sealed);
    await done(ours(["rekey", "-i", "old.txt", "-r", next, "-o", "next.age", "old.age"], { cwd }));
    assert.deepEqual(await done(age(["-d", "-i", "next.txt", "next.age"], { cwd })), plain);
    assert.equal((await age(["-d", "-i", "old.txt", "next.age"], { cwd })).status, 1);
    for (const [flags, input] of [
      [["-a"], sealed],
      [[], await done(age(["-a", "-r", old], { cwd, input: plain }))],
    ]) {
      const piped = ["rekey", "-i", "old.txt", ...flags, "-r", next];
      const out = await done(ours(piped, { cwd, input }));
      assert.equal(out.toString("latin1").startsWith("-----BEGIN"), flags.length > 0);
      assert.deepEqual(await done(age(["-d", "-i", "next.txt"], { cwd, input: out })), plain);
    }
  });

  test("in its own place with -f, from a script's passphrase to recipients", async (t) => {
    const cwd = await folder(t);
    const next = await keyPair(cwd, "next.txt");
    const seal = ["-e", "-j", "batchpass", "-o", "file.age"];
    await done(ours(seal, { cwd, env: BATCH, input: "attack at dawn\n" }));
    const args = ["rekey", "-j", "batchpass", "-r", next, "-f", "-o", "file.age", "file.age"];
    await done(ours(args, { cwd, env: BATCH }));
    const opened = await done(age(["-d", "-i", "next.txt", "file.age"], { cwd }));
    assert.equal(String(opened), "attack at dawn\n");
  });

  test("from one typed passphrase to another, which is asked for twice", async (t) => {
    const cwd = await folder(t);
    const seal = ["-e", "-j", "batchpass", "-o", "old.age"];
    await done(ours(seal, { cwd, env: BATCH, input: "attack at dawn\n" }));
    const { status, said } = await oursAtTerminal(
      ["rekey", "-p", "-o", "next.age", "old.age"],
      [
        ["Enter passphrase: ", `${PASSPHRASE}\n`],
        ["Enter new passphrase", "another one\n"],
        ["Confirm new passphrase: ", "another one\n"],
      ],
      { cwd },
    );
    assert.equal(status, 0, said);
    const opened = await atTerminal(
      [process.execPath, COMMAND, "-d", "next.age"],
      [["Enter passphrase: ", "another one\n"]],
      { cwd },
    );
    assert.match(opened.said, /attack at dawn/);
  });

  test("a key that does not open the file makes no file", async (t) => {
    const cwd = await folder(t);
    const [old, next] = [await keyPair(cwd, "old.txt"), await keyPair(cwd, "next.txt")];
    await done(age(["-r", old, "-o", "old.age"], { cwd, input: "attack at dawn\n" }));
    const args = ["rekey", "-i", "next.txt", "-r", next, "-o", "next.age", "old.age"];
    assert.match((await refused(args, { cwd })).said, /\[no-identity-match\]/);
    await assert.rejects(readFile(join(cwd, "next.age")), { code: "ENOENT" });
  });
});
