/**
 * Passphrases of scripts: what the environment holds counts with `-j batchpass`, and at no other
 * time.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { decrypt } from "age-rt-wasm";
import {
  atTerminal,
  BATCH,
  COMMAND,
  done,
  folder,
  ours,
  PASSPHRASE,
  refused,
  run,
  SHELL,
} from "./lib/command.js";

const PLAIN = "attack at dawn\n";
const SEAL = ["-e", "-j", "batchpass"];
const OPEN = ["-d", "-j", "batchpass"];
const FACTOR = { AGE_PASSPHRASE_WORK_FACTOR: "1" };

const opened = async (sealed, passphrase) =>
  new TextDecoder().decode(await decrypt(sealed, passphrase));

describe("-j batchpass", { concurrency: 2 }, () => {
  test("AGE_PASSPHRASE is taken as it is", async () => {
    const env = { ...FACTOR, AGE_PASSPHRASE: ` ${PASSPHRASE}\n` };
    const sealed = await done(ours(SEAL, { env, input: PLAIN }));
    assert.equal(await opened(sealed, ` ${PASSPHRASE}\n`), PLAIN);
  });

  for (const [what, text, passphrase] of [
    ["a line", `${PASSPHRASE}\n`, PASSPHRASE],
    ["a line of Windows", `${PASSPHRASE}\r\n`, PASSPHRASE],
    ["no line end", PASSPHRASE, PASSPHRASE],
    ["spaces and several lines", " two\nlines \n", " two\nlines "],
  ]) {
    test(`AGE_PASSPHRASE_FD reads ${what}`, async (t) => {
      const cwd = await folder(t);
      await writeFile(join(cwd, "secret"), text);
      const env = { ...FACTOR, AGE_PASSPHRASE_FD: "3" };
      const line = `${SHELL} -e -j batchpass 3< secret`;
      const sealed = await done(run(["sh", "-c", line], { cwd, env, input: PLAIN }));
      assert.equal(await opened(sealed, passphrase), PLAIN);
    });
  }

  test("AGE_PASSPHRASE_FD can be a pipe, and standard input where the data is a file", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "plain"), PLAIN);
    const line = `exec 3< <(sleep 0.2; echo '${PASSPHRASE}'); ${SHELL} -e -j batchpass plain`;
    const env = { ...FACTOR, AGE_PASSPHRASE_FD: "3" };
    assert.equal(
      await opened(await done(run(["bash", "-c", line], { cwd, env })), PASSPHRASE),
      PLAIN,
    );
    const stdin = { ...FACTOR, AGE_PASSPHRASE_FD: "0" };
    const sealed = await done(
      ours([...SEAL, "plain"], { cwd, env: stdin, input: `${PASSPHRASE}\n` }),
    );
    assert.equal(await opened(sealed, PASSPHRASE), PLAIN);
  });

  /** What is wrong, the environment, the message, and the exit code. */
  const WRONG = [
    ["neither variable", {}, /wants AGE_PASSPHRASE_FD/, 2],
    ["both variables", { ...BATCH, AGE_PASSPHRASE_FD: "3" }, /are both set/, 2],
    ["an empty passphrase", { AGE_PASSPHRASE: "" }, /is empty/, 1],
    ["no number", { AGE_PASSPHRASE_FD: "three" }, /must be a descriptor's number/, 2],
    ["a descriptor that is not open", { AGE_PASSPHRASE_FD: "77" }, /=77: .*\(EBADF\)/, 1],
    ["one that holds the data too", { AGE_PASSPHRASE_FD: "0" }, /standard input is INPUT/, 2],
    ["a work factor of 0", { ...BATCH, AGE_PASSPHRASE_WORK_FACTOR: "0" }, /in 1\.\.20/, 2],
    ["a work factor of 21", { ...BATCH, AGE_PASSPHRASE_WORK_FACTOR: "21" }, /in 1\.\.20/, 2],
    ["a limit of 23", { ...BATCH, AGE_PASSPHRASE_MAX_WORK_FACTOR: "23" }, /in 1\.\.22/, 2],
  ];
  for (const [what, env, message, exitCode] of WRONG) {
    test(`${what}: refused`, async () => {
      const { said, out } = await refused(SEAL, { env, input: PLAIN, exitCode });
      assert.match(said, message);
      assert.equal(out.length, 0);
    });
  }

  test("a wrong passphrase and a work factor over the limit open nothing", async () => {
    const sealed = await done(
      ours(SEAL, { env: { ...BATCH, AGE_PASSPHRASE_WORK_FACTOR: "3" }, input: PLAIN }),
    );
    const wrong = await refused(OPEN, { env: { AGE_PASSPHRASE: "another" }, input: sealed });
    assert.match(wrong.said, /\[wrong-passphrase\]/);
    const env = { ...BATCH, AGE_PASSPHRASE_MAX_WORK_FACTOR: "2" };
    const { said } = await refused(OPEN, { env, input: sealed });
    assert.match(said, /\[excessive-work-factor\]/);
  });

  test("without it the variables do not count: -p asks, and so does -d", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "plain"), PLAIN);
    for (const args of [["-p", "plain"], ["plain"], ["-e", "plain"]]) {
      const { said, out } = await refused(args, {
        cwd,
        env: BATCH,
        exitCode: args[0] === "-p" ? 1 : 2,
      });
      assert.match(said, /there is no terminal|nobody could open the file/);
      assert.equal(out.length, 0);
    }
    const sealed = await done(ours(SEAL, { env: BATCH, input: PLAIN }));
    await writeFile(join(cwd, "sealed.age"), sealed);
    const unasked = await refused(["-d", "sealed.age"], { cwd, env: BATCH });
    assert.match(unasked.said, /there is no terminal to ask .*\n.*-j batchpass/);
    const { said, status } = await atTerminal(
      [process.execPath, COMMAND, "-d", "sealed.age"],
      [["Enter passphrase: ", `${PASSPHRASE}\n`]],
      { cwd, env: { AGE_PASSPHRASE: "another" } },
    );
    assert.equal(status, 0, said);
  });

  test("neither workers nor programs that it would start have the variables", async (t) => {
    const cwd = await folder(t);
    // Tells what each thread, this one at its end and each worker at its start, has in its
    // environment.
    await writeFile(
      join(cwd, "spy.cjs"),
      `const { isMainThread } = require("node:worker_threads");
       const tell = () => require("node:fs").writeSync(2, isMainThread + " " + Object.keys(process.env).filter((name) => /^AGE_/.test(name)).length + "\\n");
       if (isMainThread) process.on("exit", tell); else tell();`,
    );
    const env = { ...BATCH, AGE_PASSPHRASE_WORK_FACTOR: "12" };
    const command = [process.execPath, "--require", join(cwd, "spy.cjs"), COMMAND, ...SEAL];
    const { said, status } = await run(command, { cwd, env, input: PLAIN });
    assert.equal(status, 0);
    assert.match(said, /^true 0$/m);
    assert.ok(!/ [1-9]/.test(said), said);
    // The same spy sees them where nobody has taken them away.
    const plain = [process.execPath, "--require", join(cwd, "spy.cjs"), "-e", "0"];
    assert.match((await run(plain, { cwd, env })).said, /^true 2$/m);
  });

  test("a file of identities opens with -i, and what has no passphrase is said to have none", async (t) => {
    const cwd = await folder(t);
    await done(ours(["keygen", "-o", "key.txt"], { cwd }));
    const key = String(await done(ours(["keygen", "-y", "key.txt"], { cwd }))).trim();
    const sealed = await done(ours(["-r", key], { cwd, input: PLAIN }));
    const { said } = await refused(OPEN, { cwd, env: BATCH, input: sealed });
    assert.match(said, /not encrypted with a passphrase/);
    const locked = await done(ours(SEAL, { cwd, env: BATCH, input: PLAIN }));
    const other = await refused(["-d", "-i", "key.txt"], { cwd, input: locked });
    assert.match(other.said, /encrypted with a passphrase, and -i names identities/);
  });
});
