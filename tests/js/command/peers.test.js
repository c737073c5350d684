/** Every flag of `age`, against age and rage in both directions, with files and with pipes. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { program } from "../lib/repository.js";
import { seeded } from "../lib/random.js";
import { atTerminal, done, folder, ours, oursAtTerminal, PASSPHRASE, run } from "./lib/command.js";

/** More than a chunk. */
const SIZE = 150_001;

/** Keys of the peer's own making, and a file to encrypt. */
async function prepared(t, keygen) {
  const cwd = await folder(t);
  const keys = [];
  for (const name of ["key", "other"]) {
    await done(run([program(keygen, "`npm test` installs it"), "-o", `${name}.txt`], { cwd }));
    const text = await readFile(join(cwd, `${name}.txt`), "utf8");
    keys.push(/public key: (age1\w+)/.exec(text)[1]);
  }
  const plain = Buffer.from(seeded(t).bytes(SIZE));
  await writeFile(join(cwd, "plain"), plain);
  await writeFile(join(cwd, "team"), `# the team\n\n${keys.join("\n")}\n`);
  return { cwd, keys, plain };
}

for (const [name, keygen] of [
  ["age", "age-keygen"],
  ["rage", "rage-keygen"],
]) {
  const theirs = program(name, "`npm test` installs it");
  const peer = (args, options) => run([theirs, ...args], options);

  describe(`flags, with ${name} at the other end`, { concurrency: 2 }, () => {
    /** What encrypts, by its flags, which are the same on both sides; which key opens it. */
    const WAYS = [
      ["-r", ({ keys }) => ["-r", keys[0]], "key.txt"],
      ["-r twice", ({ keys }) => ["-r", keys[0], "-r", keys[1]], "other.txt"],
      ["-e --recipient", ({ keys }) => ["-e", "--recipient", keys[0]], "key.txt"],
      ["-R", () => ["-R", "team"], "other.txt"],
      ["-R and -r", ({ keys }) => ["-R", "team", "-r", keys[0]], "key.txt"],
      ["-a", ({ keys }) => ["-a", "-r", keys[0]], "key.txt"],
      ["-e -i", () => ["-e", "-i", "key.txt"], "key.txt"],
    ];

    for (const [what, flags, key] of WAYS) {
      test(`${what}: ours is opened there, and theirs here; files`, async (t) => {
        const given = await prepared(t, keygen);
        const { cwd, plain } = given;
        await done(ours([...flags(given), "-o", "ours.age", "plain"], { cwd }));
        assert.deepEqual(await done(peer(["-d", "-i", key, "ours.age"], { cwd })), plain);
        await done(peer([...flags(given), "-o", "theirs.age", "plain"], { cwd }));
        await done(ours(["-d", "-i", key, "-o", "back", "theirs.age"], { cwd }));
        assert.deepEqual(await readFile(join(cwd, "back")), plain);
      });

      test(`${what}: ours is opened there, and theirs here; pipes`, async (t) => {
        const given = await prepared(t, keygen);
        const { cwd, plain } = given;
        const sealed = await done(ours(flags(given), { cwd, input: plain }));
        assert.deepEqual(await done(peer(["-d", "-i", key], { cwd, input: sealed })), plain);
        const other = await done(peer(flags(given), { cwd, input: plain }));
        assert.deepEqual(
          await done(ours(["--decrypt", "--identity", key], { cwd, input: other })),
          plain,
        );
      });
    }

    test("an armored file is told by itself, with several identities and one that fits", async (t) => {
      const given = await prepared(t, keygen);
      const { cwd, keys, plain } = given;
      const sealed = await done(peer(["-a", "-r", keys[1]], { cwd, input: plain }));
      const back = ours(["-d", "-i", "key.txt", "-i", "other.txt", "-"], { cwd, input: sealed });
      assert.deepEqual(await done(back), plain);
    });

    test("-p: a passphrase that is typed here opens there, and the other way", async (t) => {
      const { cwd, plain } = await prepared(t, keygen);
      const { status, said } = await oursAtTerminal(
        ["-p", "-o", "ours.age", "plain"],
        [
          ["Enter passphrase", `${PASSPHRASE}\n`],
          ["Confirm passphrase", `${PASSPHRASE}\n`],
        ],
        { cwd },
      );
      assert.equal(status, 0, said);
      const opened = await atTerminal(
        [theirs, "-d", "-o", "there", "ours.age"],
        [["(?i)(passphrase|password).*: ", `${PASSPHRASE}\n`]],
        { cwd },
      );
      assert.equal(opened.status, 0, opened.said);
      assert.deepEqual(await readFile(join(cwd, "there")), plain);

      const sealed = await atTerminal(
        [theirs, "-p", "-o", "theirs.age", "plain"],
        [
          ["(?i)(passphrase|password).*: ", `${PASSPHRASE}\n`],
          ["(?i)confirm.*: ", `${PASSPHRASE}\n`],
        ],
        { cwd },
      );
      assert.equal(sealed.status, 0, sealed.said);
      const back = await oursAtTerminal(
        ["-d", "-o", "here", "theirs.age"],
        [["Enter passphrase: ", `${PASSPHRASE}\n`]],
        { cwd },
      );
      assert.equal(back.status, 0, back.said);
      assert.deepEqual(await readFile(join(cwd, "here")), plain);
    });

    test("-j batchpass: what a script encrypts opens there", async (t) => {
      const { cwd, plain } = await prepared(t, keygen);
      const env = { AGE_PASSPHRASE: PASSPHRASE, AGE_PASSPHRASE_WORK_FACTOR: "4" };
      await done(ours(["-e", "-j", "batchpass", "-o", "ours.age", "plain"], { cwd, env }));
      const opened = await atTerminal(
        [theirs, "-d", "-o", "there", "ours.age"],
        [["(?i)(passphrase|password).*: ", `${PASSPHRASE}\n`]],
        { cwd },
      );
      assert.equal(opened.status, 0, opened.said);
      assert.deepEqual(await readFile(join(cwd, "there")), plain);
    });

    test("an identity file that is itself encrypted asks for its passphrase", async (t) => {
      const { cwd, keys, plain } = await prepared(t, keygen);
      const env = { AGE_PASSPHRASE: PASSPHRASE, AGE_PASSPHRASE_WORK_FACTOR: "4" };
      await done(ours(["-e", "-j", "batchpass", "-a", "-o", "key.age", "key.txt"], { cwd, env }));
      await writeFile(
        join(cwd, "theirs.age"),
        await done(peer(["-r", keys[0]], { cwd, input: plain })),
      );
      for (const [command, out] of [
        [[theirs], "there"],
        [undefined, "here"],
      ]) {
        const args = ["-d", "-i", "key.age", "-o", out, "theirs.age"];
        const steps = [["(?i)passphrase.*: ", `${PASSPHRASE}\n`]];
        const { status, said } = command
          ? await atTerminal([...command, ...args], steps, { cwd })
          : await oursAtTerminal(args, steps, { cwd });
        assert.equal(status, 0, said);
        assert.deepEqual(await readFile(join(cwd, out)), plain);
      }
    });

    for (const [what, flags] of [
      ["keygen", []],
      ["keygen -y", ["-y"]],
    ]) {
      test(`${what}: the key of our making works there`, async (t) => {
        const { cwd, plain } = await prepared(t, keygen);
        await done(ours(["keygen", "-o", "mine.txt"], { cwd }));
        const text = await readFile(join(cwd, "mine.txt"), "utf8");
        const [, key] = /^# public key: (age1\w+)$/m.exec(text);
        if (flags.length > 0) {
          const told = await done(ours(["keygen", ...flags, "mine.txt"], { cwd }));
          assert.equal(String(told), `${key}\n`);
          assert.equal(
            String(await done(run([program(keygen), "-y", "mine.txt"], { cwd }))),
            `${key}\n`,
          );
        }
        const sealed = await done(ours(["-r", key], { cwd, input: plain }));
        assert.deepEqual(await done(peer(["-d", "-i", "mine.txt"], { cwd, input: sealed })), plain);
      });
    }

    test("keys that come through standard input", async (t) => {
      const { cwd, plain } = await prepared(t, keygen);
      const team = await readFile(join(cwd, "team"));
      await done(ours(["-R", "-", "-o", "ours.age", "plain"], { cwd, input: team }));
      assert.deepEqual(await done(peer(["-d", "-i", "other.txt", "ours.age"], { cwd })), plain);
      const key = await readFile(join(cwd, "key.txt"));
      const opened = ours(["-d", "-i", "-", "ours.age"], { cwd, input: key });
      assert.deepEqual(await done(opened), plain);
    });

    test("a file of many batches, which several cores share: ours there, theirs here", async (t) => {
      const { cwd, keys } = await prepared(t, keygen);
      // Each MiB differs, so that none can stand for another.
      const large = Buffer.alloc(40 * 2 ** 20 + 7, 1);
      for (let at = 0; at < large.length; at += 4096) large.writeUInt32LE(at / 4096, at);
      await writeFile(join(cwd, "large"), large);
      await done(ours(["-r", keys[0], "-o", "ours.age", "large"], { cwd }));
      await done(peer(["-d", "-i", "key.txt", "-o", "there", "ours.age"], { cwd }));
      assert.ok(large.equals(await readFile(join(cwd, "there"))));
      await done(peer(["-r", keys[0], "-o", "theirs.age", "large"], { cwd }));
      await done(ours(["-d", "-i", "key.txt", "-o", "here", "theirs.age"], { cwd }));
      assert.ok(large.equals(await readFile(join(cwd, "here"))));
    });

    test("SSH keys, both ways", async (t) => {
      const { cwd, plain } = await prepared(t, keygen);
      await done(run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "id"], { cwd }));
      const sealed = await done(ours(["-R", "id.pub"], { cwd, input: plain }));
      assert.deepEqual(await done(peer(["-d", "-i", "id"], { cwd, input: sealed })), plain);
      const other = await done(peer(["-R", "id.pub"], { cwd, input: plain }));
      assert.deepEqual(await done(ours(["-d", "-i", "id"], { cwd, input: other })), plain);
    });
  });
}
