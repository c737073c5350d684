/**
 * Where `-o` writes: whole files under their names, links followed, and everything else as it
 * comes.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { openSync } from "node:fs";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { BATCH, done, folder, ours, refused, run, SHELL } from "./lib/command.js";

const PLAIN = "attack at dawn\n";

async function prepared(t) {
  const cwd = await folder(t);
  await writeFile(join(cwd, "plain"), PLAIN);
  const seal = (...args) => ours(["-e", "-j", "batchpass", ...args], { cwd, env: BATCH });
  const open = async (name) =>
    String(await done(ours(["-d", "-j", "batchpass", name], { cwd, env: BATCH })));
  const refuse = (...args) => refused(["-e", "-j", "batchpass", ...args], { cwd, env: BATCH });
  return { cwd, seal, open, refuse };
}

const modeOf = async (path) => (await stat(path)).mode & 0o777;

describe("-o", { concurrency: 2 }, () => {
  test("a new file has the mode of the umask, and nothing lies beside it", async (t) => {
    const { cwd, open } = await prepared(t);
    const line = `umask 027; ${SHELL} -e -j batchpass -o sealed.age plain`;
    await done(run(["sh", "-c", line], { cwd, env: BATCH }));
    assert.equal(await modeOf(join(cwd, "sealed.age")), 0o640);
    assert.equal(await open("sealed.age"), PLAIN);
    assert.deepEqual((await readdir(cwd)).sort(), ["plain", "sealed.age"]);
  });

  test("until it is whole a file has another name and mode 0600", async (t) => {
    const { cwd } = await prepared(t);
    execFileSync("mkfifo", [join(cwd, "input")]);
    const running = ours(["-e", "-j", "batchpass", "-o", "sealed.age", "input"], {
      cwd,
      env: BATCH,
    });
    const writer = openSync(join(cwd, "input"), "w");
    const { createWriteStream } = await import("node:fs");
    const stream = createWriteStream("", { fd: writer });
    await new Promise((resolve) => stream.write(Buffer.alloc(2 ** 22), resolve));
    let temporary;
    for (let tries = 0; !temporary && tries < 1000; tries += 1) {
      temporary = (await readdir(cwd)).find((name) => name.startsWith(".age-rt-wasm-"));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(await modeOf(join(cwd, temporary)), 0o600);
    assert.ok(!(await readdir(cwd)).includes("sealed.age"));
    stream.end();
    await done(running);
    assert.deepEqual((await readdir(cwd)).sort(), ["input", "plain", "sealed.age"]);
  });

  test("an existing file is kept, and replaced with -f, which keeps its mode", async (t) => {
    const { cwd, seal, open, refuse } = await prepared(t);
    await writeFile(join(cwd, "sealed.age"), "what was there");
    await chmod(join(cwd, "sealed.age"), 0o604);
    const { said } = await refuse("-o", "sealed.age", "plain");
    assert.match(said, /sealed\.age: it exists already\n.*-f/);
    assert.equal(await readFile(join(cwd, "sealed.age"), "utf8"), "what was there");
    await done(seal("-f", "-o", "sealed.age", "plain"));
    assert.equal(await modeOf(join(cwd, "sealed.age")), 0o604);
    assert.equal(await open("sealed.age"), PLAIN);
  });

  test("a group that cannot be kept hands its rights to no other", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "plain"), PLAIN);
    await writeFile(join(cwd, "secret"), "what was there");
    const others = process.getgroups().filter((group) => group !== process.getegid());
    const group = process.getuid() === 0 ? 54_321 : others[0];
    if (group === undefined) return t.diagnostic("no file can be given another group here");
    await chown(join(cwd, "secret"), process.getuid(), group);
    // As for somebody who is not in the group, and not root.
    await writeFile(
      join(cwd, "unprivileged.cjs"),
      `const { open } = require("node:fs/promises");
       require("node:fs/promises").open = async (...args) => {
         const file = await open(...args);
         file.chown = async () => { throw Object.assign(new Error("EPERM"), { code: "EPERM" }); };
         return file;
       };
       require("node:module").syncBuiltinESMExports();`,
    );
    const env = { ...BATCH, NODE_OPTIONS: `--require=${join(cwd, "unprivileged.cjs")}` };
    for (const [before, after] of [
      [0o640, 0o600],
      [0o664, 0o644],
      [0o604, 0o644],
    ]) {
      await chown(join(cwd, "secret"), process.getuid(), group);
      await chmod(join(cwd, "secret"), before);
      await done(ours(["-e", "-j", "batchpass", "-f", "-o", "secret", "plain"], { cwd, env }));
      assert.equal((await modeOf(join(cwd, "secret"))).toString(8), after.toString(8));
    }
    // Where it can be kept, its rights are too.
    await chown(join(cwd, "secret"), process.getuid(), group);
    await chmod(join(cwd, "secret"), 0o640);
    await done(ours(["-e", "-j", "batchpass", "-f", "-o", "secret", "plain"], { cwd, env: BATCH }));
    assert.equal(await modeOf(join(cwd, "secret")), 0o640);
    assert.equal((await stat(join(cwd, "secret"))).gid, group);
  });

  test("with -f a failure leaves the old file as it was", async (t) => {
    const { cwd, seal } = await prepared(t);
    await done(seal("-o", "sealed.age", "plain"));
    const bytes = await readFile(join(cwd, "sealed.age"));
    bytes[bytes.length - 1] ^= 1;
    await writeFile(join(cwd, "damaged.age"), bytes);
    await refused(["-d", "-j", "batchpass", "-f", "-o", "plain", "damaged.age"], {
      cwd,
      env: BATCH,
    });
    assert.equal(await readFile(join(cwd, "plain"), "utf8"), PLAIN);
    assert.deepEqual((await readdir(cwd)).sort(), ["damaged.age", "plain", "sealed.age"]);
  });

  test("a file can take the place of its own input", async (t) => {
    const { cwd, seal, open } = await prepared(t);
    await done(seal("-f", "-o", "plain", "plain"));
    assert.equal(await open("plain"), PLAIN);
    assert.deepEqual(await readdir(cwd), ["plain"]);
  });

  test("a link is followed, and stays a link", async (t) => {
    const { cwd, seal, open } = await prepared(t);
    await mkdir(join(cwd, "elsewhere"));
    await writeFile(join(cwd, "elsewhere", "old.age"), "what was there");
    await symlink("elsewhere/old.age", join(cwd, "link"));
    await done(seal("-f", "-o", "link", "plain"));
    assert.equal(await readlink(join(cwd, "link")), "elsewhere/old.age");
    assert.equal(await open("elsewhere/old.age"), PLAIN);
    assert.deepEqual(await readdir(join(cwd, "elsewhere")), ["old.age"]);
  });

  test("so is one that leads to nothing yet, by way of another", async (t) => {
    const { cwd, seal, open } = await prepared(t);
    await mkdir(join(cwd, "elsewhere"));
    await symlink("../new.age", join(cwd, "elsewhere", "second"));
    await symlink("elsewhere/second", join(cwd, "first"));
    await done(seal("-o", "first", "plain"));
    assert.ok((await lstat(join(cwd, "first"))).isSymbolicLink());
    assert.ok((await lstat(join(cwd, "new.age"))).isFile());
    assert.equal(await open("new.age"), PLAIN);
  });

  test("links in a circle are refused", async (t) => {
    const { cwd, refuse } = await prepared(t);
    await symlink("b", join(cwd, "a"));
    await symlink("a", join(cwd, "b"));
    const { said } = await refuse("-o", "a", "plain");
    assert.match(said, /a: its links lead in a circle/);
  });

  test("a folder is refused, and so is a file in one that is not there", async (t) => {
    const { cwd, refuse } = await prepared(t);
    await mkdir(join(cwd, "folder"));
    assert.match((await refuse("-o", "folder", "plain")).said, /folder: it is a directory/);
    assert.match((await refuse("-o", "none/sealed.age", "plain")).said, /\(ENOENT\)/);
  });

  test("a FIFO is written directly", async (t) => {
    const { cwd, seal, open } = await prepared(t);
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    const reading = run(["cat", "pipe"], { cwd });
    await done(seal("-o", "pipe", "plain"));
    await writeFile(join(cwd, "sealed.age"), await done(reading));
    assert.equal(await open("sealed.age"), PLAIN);
    assert.ok((await lstat(join(cwd, "pipe"))).isFIFO());
  });

  // Long enough for many a collection.
  const COLLECTS = {
    ...BATCH,
    AGE_PASSPHRASE_WORK_FACTOR: "15",
    NODE_OPTIONS: `--import ${new URL("./lib/collects.js", import.meta.url)}`,
  };

  test("FIFOs and files stay open while garbage is collected, and are closed by nobody else", async (t) => {
    const { cwd } = await prepared(t);
    for (const name of ["in", "out", "back"]) execFileSync("mkfifo", [join(cwd, name)]);
    const running = (...args) => ours(["-j", "batchpass", ...args], { cwd, env: COLLECTS });
    const quiet = async (work) => {
      const { status, said } = await work;
      assert.equal(status, 0, said);
      assert.doesNotMatch(said, /garbage/);
    };
    const writing = run(["sh", "-c", "(sleep 0.3; cat plain) > in"], { cwd });
    const reading = run(["cat", "out"], { cwd });
    await quiet(running("-e", "-o", "out", "in"));
    await done(writing);
    await writeFile(join(cwd, "sealed.age"), await done(reading));
    const opening = run(["cat", "back"], { cwd });
    await quiet(running("-d", "-o", "back", "sealed.age"));
    assert.equal(String(await done(opening)), PLAIN);
    await quiet(running("-d", "-o", "whole", "sealed.age"));
    await quiet(ours(["inspect", "sealed.age"], { cwd, env: COLLECTS }));
  });

  for (const name of ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-"]) {
    test(`${name} is standard output: a pipe, and a file that is appended to`, async (t) => {
      const { cwd, seal, open } = await prepared(t);
      await writeFile(join(cwd, "sealed.age"), await done(seal("-o", name, "plain")));
      assert.equal(await open("sealed.age"), PLAIN);
      const line = `(printf before; ${SHELL} -e -j batchpass -o ${name} plain) > both`;
      await done(run(["sh", "-c", line], { cwd, env: BATCH }));
      const both = await readFile(join(cwd, "both"), "latin1");
      assert.match(both, /^beforeage-encryption\.org\/v1\n/);
    });
  }

  test("an empty plaintext makes a file, and comes back as one", async (t) => {
    const { cwd, seal } = await prepared(t);
    await writeFile(join(cwd, "empty"), "");
    await done(seal("-o", "sealed.age", "empty"));
    const args = ["-d", "-j", "batchpass", "-o", "back", "sealed.age"];
    await done(ours(args, { cwd, env: BATCH }));
    assert.equal((await stat(join(cwd, "back"))).size, 0);
  });

  test("a secret key's file is for its owner alone, whatever the umask", async (t) => {
    const cwd = await folder(t);
    await done(run(["sh", "-c", `umask 0; ${SHELL} keygen -o key.txt`], { cwd }));
    assert.equal(await modeOf(join(cwd, "key.txt")), 0o600);
    const { said } = await refused(["keygen", "-o", "key.txt"], { cwd });
    assert.match(said, /it exists already/);
  });
});
