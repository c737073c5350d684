/**
 * The command from the packed tarball, by npx in an empty folder, on each runtime; and the library
 * without it.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { bun, nodes } from "../../hosts/programs.mjs";
import { tarball } from "../../../js/tooling/lib/packed.mjs";
import { program, root } from "../lib/repository.js";
import { atTerminal, BATCH, done, folder, PASSPHRASE, run } from "./lib/command.js";

const npx = join(dirname(realpathSync(program("npm", "it comes with Node"))), "npx-cli.js");

/** How a runtime calls the command in an empty folder, as its documentation says. */
function callers() {
  const callers = Object.entries(nodes).map(([major, node]) => ({
    name: `Node ${major}`,
    program: node,
    args: [npx, "--yes", `--package=${tarball()}`, "age-rt-wasm"],
    as: "node",
  }));
  const args = ["x", "--bun", `--package=${tarball()}`, "age-rt-wasm"];
  return [...callers, { name: "Bun", program: bun, args, as: "bun" }];
}

/** Where the program is linked to, below a folder. */
function installedIn(folder) {
  const end = join(".bin", "age-rt-wasm");
  return readdirSync(folder, { recursive: true }).find((path) => path.endsWith(end));
}

for (const { name, program: path, args, as } of callers()) {
  describe(`from the tarball, on ${name}`, () => {
    test("keys, files, a typed passphrase and a live stream", async (t) => {
      const cwd = await folder(t);
      const own = join(cwd, "own");
      const empty = join(cwd, "empty");
      for (const made of [own, empty]) mkdirSync(made);
      symlinkSync(path, join(own, as));
      const env = {
        ...BATCH,
        HOME: own,
        TMPDIR: own,
        npm_config_cache: join(own, "cache"),
        npm_config_offline: "true",
        npm_config_update_notifier: "false",
        PATH: [own, process.env.PATH].join(delimiter),
      };
      await done(run([path, ...args, "keygen", "-o", "key.txt"], { cwd: empty, env }));
      // What it has installed, without the seconds that npx takes itself.
      const command = [path, join(own, installedIn(own))];
      const call = (...words) => run([...command, ...words], { cwd: empty, env });
      const [key] = /age1\w+/.exec(await readFile(join(empty, "key.txt"), "utf8"));
      const plain = Buffer.alloc(200_000, "abc");
      await writeFile(join(empty, "plain"), plain);
      await done(call("-r", key, "-o", "plain.age", "plain"));
      assert.deepEqual(await done(call("-d", "-i", "key.txt", "plain.age")), plain);
      const inspection = JSON.parse(String(await done(call("inspect", "--json", "plain.age"))));
      assert.equal(inspection.sizes.max_payload, plain.length);

      await done(call("-e", "-j", "batchpass", "-o", "locked.age", "key.txt"));
      const { said, status, echo, echoedAt } = await atTerminal(
        [...command, "-d", "locked.age"],
        [["Enter passphrase: ", `${PASSPHRASE}\n`]],
        { cwd: empty, env },
      );
      assert.equal(status, 0, said);
      assert.match(said, /AGE-SECRET-KEY-1/);
      assert.ok(!said.includes(PASSPHRASE));
      assert.deepEqual([echoedAt, echo], [[false], true]);

      const live = (words, input) => run([...command, ...words], { cwd: empty, env, input });
      const wire = await done(live(["-e", "-j", "batchpass", "--rt"], "one\n"));
      assert.equal(String(await done(live(["-d", "-j", "batchpass", "--rt"], wire))), "one\n");

      const failed = await call("-d", "-i", "key.txt", "none");
      assert.equal(failed.status, 1);
      assert.match(failed.said, /none: there is no such file or directory \(ENOENT\)/);
    });
  });
}

describe("the library", () => {
  test("loads no byte of the command: every entry works where its file is not there", async (t) => {
    const cwd = await folder(t);
    const copy = join(cwd, "node_modules", "age-rt-wasm");
    cpSync(join(root, "node_modules", "age-rt-wasm"), copy, { recursive: true });
    for (const name of ["command.js", "command.js.map"]) rmSync(join(copy, "dist", name));
    const { exports } = JSON.parse(await readFile(join(copy, "package.json"), "utf8"));
    const entries = Object.keys(exports)
      .filter((name) => exports[name].import && !/wasm|worker/.test(name))
      .map((name) => join("age-rt-wasm", name));
    assert.ok(entries.includes("age-rt-wasm/header"), String(entries));
    const script = `
      for (const entry of ${JSON.stringify(entries)}) await import(entry);
      const { decrypt, encrypt } = await import("age-rt-wasm");
      const file = await encrypt("attack at dawn", "a passphrase", { workFactor: 1 });
      console.log(new TextDecoder().decode(await decrypt(file, "a passphrase")));`;
    await writeFile(join(cwd, "script.mjs"), script);
    const out = await done(run([process.execPath, "script.mjs"], { cwd }));
    assert.equal(String(out), "attack at dawn\n");
  });

  test("names it in no file but package.json", async () => {
    const found = [];

    const dist = join(root, "node_modules", "age-rt-wasm", "dist");
    for (const name of readdirSync(dist)) {
      if (!/\.(c?js|d\.c?ts)$/.test(name) || name === "command.js") continue;
      if (/command\.js/.test(await readFile(join(dist, name), "utf8"))) found.push(name);
    }
    assert.deepEqual(found, []);
  });

  test("cannot be made to import it by its name", async () => {
    await assert.rejects(import("age-rt-wasm/dist/command.js"), {
      code: "ERR_PACKAGE_PATH_NOT_EXPORTED",
    });
  });
});
