/**
 * Whatever ends the command before its work is done: nothing is left behind, and a script can tell
 * why.
 */
import assert from "node:assert/strict";
import { open, readdir, readFile, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { BATCH, folder, ours, oursAtTerminal, refused, run, SHELL } from "./lib/command.js";

const MIB = 2 ** 20;

/** A file that takes a while, and no disk: it is a hole. */
async function hole(cwd, size) {
  const file = await open(join(cwd, "hole"), "w");
  await file.truncate(size);
  await file.close();
}

/** Waits until a folder holds so many names. */
async function aFile(cwd, count) {
  while ((await readdir(cwd)).length < count) await new Promise((go) => setTimeout(go, 5));
}

const SEAL = ["-e", "-j", "batchpass"];

describe("before the work is done", { concurrency: 2 }, () => {
  test("Ctrl-C at 30 % of a file ends it by the signal and leaves nothing", async (t) => {
    const cwd = await folder(t);
    // Large enough for many a line about it, and for time after the one that is waited for.
    await hole(cwd, 2048 * MIB);
    const { status, said, echo } = await oursAtTerminal(
      [...SEAL, "-o", "sealed.age", "hole"],
      [[" [3-5][0-9] %", "\x03"]],
      { cwd, env: BATCH },
    );
    assert.equal(status, -2, said);
    assert.equal(echo, true);
    assert.ok(!said.includes("100 %"));
    assert.deepEqual(await readdir(cwd), ["hole"]);
  });

  test("Ctrl-C while the key is derived ends it by the signal and leaves nothing", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "plain"), "attack at dawn\n");
    const { status, said } = await oursAtTerminal(
      [...SEAL, "-o", "sealed.age", "plain"],
      [["deriving the key", "\x03"]],
      { cwd, env: { ...BATCH, AGE_PASSPHRASE_WORK_FACTOR: "19" } },
    );
    assert.equal(status, -2, said);
    assert.deepEqual(await readdir(cwd), ["plain"]);
  });

  for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU"]) {
    test(`${signal} in the midst of a file leaves nothing, and keeps what -f would replace`, async (t) => {
      const cwd = await folder(t);
      await writeFile(join(cwd, "sealed.age"), "what was there");
      const { status } = await ours([...SEAL, "-f", "-o", "sealed.age", "/dev/zero"], {
        cwd,
        env: BATCH,
        started: async (child) => {
          await aFile(cwd, 2);
          child.kill(signal);
        },
      });
      assert.equal(status, signal);
      assert.deepEqual(await readdir(cwd), ["sealed.age"]);
      assert.equal(await readFile(join(cwd, "sealed.age"), "utf8"), "what was there");
    });
  }

  test("a signal that does not end it, as in the first process of a container, ends it by its number", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "deaf.cjs"), "process.kill = () => true;");
    const { status } = await ours([...SEAL, "-o", "sealed.age", "/dev/zero"], {
      cwd,
      env: { ...BATCH, NODE_OPTIONS: `--require=${join(cwd, "deaf.cjs")}` },
      started: async (child) => {
        await aFile(cwd, 2);
        child.kill("SIGTERM");
      },
    });
    assert.equal(status, 128 + 15);
    assert.deepEqual(await readdir(cwd), ["deaf.cjs"]);
  });

  test("a disk that is full: /dev/full", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "plain"), "attack at dawn\n");
    const { said } = await refused([...SEAL, "-o", "/dev/full", "plain"], { cwd, env: BATCH });
    assert.match(said, /\/dev\/full: the disk is full \(ENOSPC\)/);
    const line = `${SHELL} -e -j batchpass plain > /dev/full`;
    const redirected = await run(["sh", "-c", line], { cwd, env: BATCH });
    assert.equal(redirected.status, 1);
    assert.match(redirected.said, /standard output: the disk is full \(ENOSPC\)/);
  });

  test("a file that may grow no further leaves nothing", async (t) => {
    const cwd = await folder(t);
    await hole(cwd, 4 * MIB);
    // In blocks of 512 bytes: 2.4 MiB.
    const line = `ulimit -f 5000; ${SHELL} -e -j batchpass -o sealed.age hole`;
    const { status, said } = await run(["sh", "-c", line], { cwd, env: BATCH });
    assert.equal(status, 1, said);
    assert.match(said, /sealed\.age: the file would be larger than it may be \(EFBIG\)/);
    assert.deepEqual(await readdir(cwd), ["hole"]);
  });

  test("a small disk that fills up leaves nothing, where one can be made", async (t) => {
    const cwd = await folder(t);
    await hole(cwd, 4 * MIB);
    const mounted = `mkdir disk && mount -t tmpfs -o size=2m none disk`;
    const line = `${mounted} || exit 99; ${SHELL} -e -j batchpass -o disk/sealed.age hole; status=$?; ls -A disk; exit $status`;
    const { status, said, out } = await run(["unshare", "-rm", "sh", "-c", line], {
      cwd,
      env: BATCH,
    });
    if (status === 99 || /unshare/.test(said))
      return t.diagnostic("this user can mount no disk; the two tests before stand for it");
    assert.equal(status, 1, said);
    assert.match(said, /the disk is full \(ENOSPC\)/);
    assert.equal(String(out), "");
  });

  test("an input that is not there", async (t) => {
    const cwd = await folder(t);
    const { said } = await refused([...SEAL, "-o", "sealed.age", "none"], { cwd, env: BATCH });
    assert.match(said, /none: there is no such file or directory \(ENOENT\)/);
    assert.match(
      (await refused([...SEAL, "."], { cwd, env: BATCH })).said,
      /\.: it is a directory/,
    );
    assert.deepEqual(await readdir(cwd), []);
  });

  /** Runs `vanish` once a part of a large hole is sealed. */
  async function vanishing(t, size, vanish) {
    const cwd = await folder(t);
    await hole(cwd, size);
    const running = ours([...SEAL, "-o", "sealed.age", "hole"], { cwd, env: BATCH });
    await aFile(cwd, 2);
    await vanish(join(cwd, "hole"));
    return { cwd, ...(await running) };
  }

  test("an input that is cut short while it is read does not become a whole file", async (t) => {
    // It ends where it is cut: its size takes no time, and leaves enough for the cut.
    const { cwd, status, said } = await vanishing(t, 2 ** 34, (path) => truncate(path, 0));
    assert.equal(status, 1, said);
    assert.match(said, /hole: it was cut short while it was read, to \d+ of 17179869184 bytes/);
    assert.deepEqual(await readdir(cwd), ["hole"]);
  });

  test("an input whose name is taken away while it is read is read to its end", async (t) => {
    const { cwd, status, said } = await vanishing(t, 128 * MIB, unlink);
    assert.equal(status, 0, said);
    assert.deepEqual(await readdir(cwd), ["sealed.age"]);
    const opened = `${SHELL} -d -j batchpass sealed.age | wc -c`;
    const { out } = await run(["sh", "-c", opened], { cwd, env: BATCH });
    assert.equal(Number(out), 128 * MIB);
  });

  for (const [what, task] of [
    ["encrypting", `${SHELL} -e -j batchpass /dev/zero`],
    ["decrypting", `${SHELL} -d -j batchpass large.age`],
    ["telling", `yes | ${SHELL} -e -j batchpass --rt`],
  ]) {
    test(`a pipe that closes early ends ${what} quietly, with the status of SIGPIPE`, async (t) => {
      const cwd = await folder(t);
      if (what === "decrypting") {
        await hole(cwd, 16 * MIB);
        const { status } = await ours([...SEAL, "-o", "large.age", "hole"], { cwd, env: BATCH });
        assert.equal(status, 0);
      }
      const line = `(${task}; echo $? > status) | head -c 300 | wc -c`;
      const { said, out } = await run(["sh", "-c", line], { cwd, env: BATCH });
      assert.equal(said, "");
      assert.equal(Number(out), 300);
      assert.equal(await readFile(join(cwd, "status"), "utf8"), "141\n");
    });
  }

  test("a pipe that breaks does not wait for an input that never comes", async (t) => {
    const cwd = await folder(t);
    const line = `(${SHELL} -e -j batchpass --rt; echo $? > status) | head -c 1 > /dev/null`;
    await run(["sh", "-c", line], {
      cwd,
      env: BATCH,
      open: true,
      started: async ({ stdin }) => {
        // It ends while its input is still open.
        while (!(await readdir(cwd)).includes("status")) {
          stdin.write("a line\n");
          await new Promise((go) => setTimeout(go, 20));
        }
        stdin.end();
      },
    });
    assert.equal(await readFile(join(cwd, "status"), "utf8"), "141\n");
  });

  test("a damaged chunk ends the output after what was verified, and says so", async (t) => {
    const cwd = await folder(t);
    await hole(cwd, 4 * MIB);
    await ours([...SEAL, "-o", "sealed.age", "hole"], { cwd, env: BATCH });
    const file = await open(join(cwd, "sealed.age"), "r+");
    await file.write(Buffer.from([1]), 0, 1, 2 * MIB);
    await file.close();
    const { said, out } = await refused(["-d", "-j", "batchpass", "sealed.age"], {
      cwd,
      env: BATCH,
    });
    assert.match(said, /\[chunk-authentication\]/);
    assert.equal(out.length % 65536, 0);
    assert.ok(out.length > MIB && out.length < 2 * MIB);
    await refused(["-d", "-j", "batchpass", "-o", "back", "sealed.age"], { cwd, env: BATCH });
    assert.deepEqual((await readdir(cwd)).sort(), ["hole", "sealed.age"]);
  });
});
