/**
 * Files, pipes and disks, all of it at a terminal: what a person sees who types these lines, and
 * what is left afterwards.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { atTerminal, done, folder, ours, oursAtTerminal, SHELL } from "./lib/command.js";

const MIB = 2 ** 20;
const PLAIN = "attack at dawn\n";
/** At the beginning of a line, from which the bar was taken away. */
const error = (message) => new RegExp(`(^|\\r\\x1b\\[K)age-rt-wasm: error: ${message}\\r\\n`);

describe("files at a terminal", { concurrency: 2 }, () => {
  /** A key, a file for it, and what runs there. */
  async function prepared(t) {
    const cwd = await folder(t);
    await done(ours(["keygen", "-o", "key.txt"], { cwd }));
    const key = String(await done(ours(["keygen", "-y", "key.txt"], { cwd }))).trim();
    await writeFile(join(cwd, "plain"), PLAIN);
    return {
      cwd,
      key,
      seal: (args, steps) => oursAtTerminal(["-r", key, ...args], steps, { cwd }),
      shell: (line) => atTerminal(["bash", "-c", line], [], { cwd }),
      opened: async (name) => String(await done(ours(["-d", "-i", "key.txt", name], { cwd }))),
      left: async () => (await readdir(cwd)).filter((name) => name !== "key.txt").sort(),
    };
  }

  /** A file that takes a while, and no disk: it is a hole. */
  async function hole(cwd, size) {
    const file = await open(join(cwd, "hole"), "w");
    await file.truncate(size);
    await file.close();
  }

  test("a disk that is full", async (t) => {
    const { seal, shell, key, left } = await prepared(t);
    const named = await seal(["-o", "/dev/full", "plain"]);
    assert.equal(named.status, 1);
    assert.match(named.said, error("/dev/full: the disk is full \\(ENOSPC\\)"));
    const redirected = await shell(`${SHELL} -r ${key} plain > /dev/full`);
    assert.equal(redirected.status, 1);
    assert.match(redirected.said, error("standard output: the disk is full \\(ENOSPC\\)"));
    assert.deepEqual(await left(), ["plain"]);
  });

  test("an output that exists is kept, the passphrase is not even asked for, and -f replaces it", async (t) => {
    const { cwd, seal, opened } = await prepared(t);
    await writeFile(join(cwd, "sealed.age"), "what was there");
    const kept = await seal(["-o", "sealed.age", "plain"]);
    assert.equal(kept.status, 1);
    assert.match(kept.said, error("sealed\\.age: it exists already"));
    assert.match(kept.said, /hint: -f replaces it/);
    const unasked = await oursAtTerminal(["-p", "-o", "sealed.age", "plain"], [], { cwd });
    assert.equal(unasked.status, 1);
    assert.ok(!/passphrase/i.test(unasked.said), unasked.said);
    assert.equal(await readFile(join(cwd, "sealed.age"), "utf8"), "what was there");
    const { status, said } = await seal(["-f", "-o", "sealed.age", "plain"]);
    assert.equal(status, 0, said);
    assert.equal(await opened("sealed.age"), PLAIN);
  });

  test("an input that is not there", async (t) => {
    const { seal, left } = await prepared(t);
    const { status, said } = await seal(["-o", "sealed.age", "none"]);
    assert.equal(status, 1);
    assert.match(said, error("none: there is no such file or directory \\(ENOENT\\)"));
    assert.deepEqual(await left(), ["plain"]);
  });

  test("an input that vanishes from under it makes no file", async (t) => {
    const { cwd, seal, left } = await prepared(t);
    await hole(cwd, 4096 * MIB);
    const { status, said } = await seal(
      ["-o", "sealed.age", "hole"],
      [[" [1-9] %", "", ": > hole; rm hole"]],
    );
    assert.equal(status, 1, said);
    assert.match(said, /error: hole: it was cut short while it was read, to \d+ of 4294967296/);
    assert.deepEqual(await left(), ["plain"]);
  });

  test("an input whose name alone vanishes is read to its end", async (t) => {
    const { cwd, seal, left } = await prepared(t);
    await hole(cwd, 256 * MIB);
    const { status, said } = await seal(
      ["-o", "sealed.age", "hole"],
      [[" [1-9] %", "", "rm hole"]],
    );
    assert.equal(status, 0, said);
    assert.deepEqual(await left(), ["plain", "sealed.age"]);
    const { sizes } = JSON.parse(
      String(await done(ours(["inspect", "--json", "sealed.age"], { cwd }))),
    );
    assert.equal(sizes.max_payload, 256 * MIB);
  });

  test("a pipe that closes early", async (t) => {
    const { shell, key } = await prepared(t);
    const { status, said } = await shell(
      `${SHELL} -r ${key} /dev/zero | head -c 300 | wc -c; echo "\${PIPESTATUS[0]}"`,
    );
    assert.equal(status, 0);
    assert.equal(said, "300\r\n141\r\n");
  });

  test("-o onto a link writes where it leads", async (t) => {
    const { cwd, seal, opened } = await prepared(t);
    await mkdir(join(cwd, "elsewhere"));
    await symlink("elsewhere/new.age", join(cwd, "link"));
    for (const flags of [[], ["-f"]]) {
      const { status, said } = await seal([...flags, "-o", "link", "plain"]);
      assert.equal(status, 0, said);
      assert.equal(await readlink(join(cwd, "link")), "elsewhere/new.age");
      assert.equal(await opened("elsewhere/new.age"), PLAIN);
    }
  });

  test("-o onto a FIFO writes into it", async (t) => {
    const { cwd, shell, key, opened } = await prepared(t);
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    const { status, said } = await shell(
      `cat pipe > sealed.age & ${SHELL} -r ${key} -o pipe plain; status=$?; wait; exit $status`,
    );
    assert.equal(status, 0, said);
    assert.ok((await lstat(join(cwd, "pipe"))).isFIFO());
    assert.equal(await opened("sealed.age"), PLAIN);
  });

  test("-o /dev/stdout is the terminal for armor, refused for binary, and a file where the shell says so", async (t) => {
    const { cwd, seal, shell, key, opened } = await prepared(t);
    const armored = await seal(["-a", "-o", "/dev/stdout", "plain"]);
    assert.equal(armored.status, 0);
    await writeFile(join(cwd, "pasted.age"), armored.said);
    assert.equal(await opened("pasted.age"), PLAIN);
    const binary = await seal(["-o", "/dev/stdout", "plain"]);
    assert.equal(binary.status, 1);
    assert.match(binary.said, error("binary output does not go to a terminal"));
    const { status, said } = await shell(`${SHELL} -r ${key} -o /dev/stdout plain > sealed.age`);
    assert.equal(status, 0, said);
    assert.equal(await opened("sealed.age"), PLAIN);
  });

  test("a passphrase that is typed, in the midst of a pipeline with a file that exists", async (t) => {
    const { cwd } = await prepared(t);
    const line = `cat plain | ${SHELL} -p -a > sealed.age && ${SHELL} -d sealed.age`;
    const { status, said } = await atTerminal(
      ["bash", "-c", line],
      [
        ["Enter passphrase", "one passphrase\n"],
        ["Confirm passphrase", "one passphrase\n"],
        ["Enter passphrase", "one passphrase\n"],
      ],
      { cwd },
    );
    assert.equal(status, 0, said);
    assert.match(said, /attack at dawn\r\n$/);
  });
});
