/** The backup script does what it is there to show, with what goes wrong in it. */
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { backup, restore } from "../../examples/backup/backup.mjs";

const PASSPHRASE = "correct horse battery staple";
const FILES = { "a.txt": "attack at dawn", empty: "", "folder/b.bin": "x".repeat(200_000) };

let home;
const at = (...names) => join(home, ...names);
const list = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

before(async () => {
  home = mkdtempSync(join(tmpdir(), "age-rt-wasm-backup-"));
  mkdirSync(at("from", "folder"), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(at("from", name), text);
  assert.equal(await backup(at("from"), at("to"), PASSPHRASE), 3);
});
after(() => rmSync(home, { recursive: true, force: true }));

test("what is restored is what was backed up", async () => {
  assert.deepEqual(await restore(at("to"), at("back"), PASSPHRASE), []);
  for (const [name, text] of Object.entries(FILES))
    assert.equal(readFileSync(at("back", name), "utf8"), text);
});

test("a second backup writes what has changed in size, and nothing else", async () => {
  assert.equal(await backup(at("from"), at("to"), PASSPHRASE), 0);
  writeFileSync(at("from", "a.txt"), "attack at noon, or so");
  assert.equal(await backup(at("from"), at("to"), PASSPHRASE), 1);
  assert.deepEqual(await restore(at("to"), at("again"), PASSPHRASE), []);
  assert.equal(readFileSync(at("again", "a.txt"), "utf8"), "attack at noon, or so");
});

test("a wrong passphrase ends both ways before anything is written", async () => {
  await assert.rejects(restore(at("to"), at("wrong"), "wrong"), { code: "wrong-passphrase" });
  await assert.rejects(backup(at("from"), at("to"), "wrong"), { code: "wrong-passphrase" });
  assert.throws(() => list(at("wrong")), { code: "ENOENT" });
});

test("a file that was cut is named, the others are restored, and none is half there", async () => {
  truncateSync(at("to", "folder", "b.bin.age"), 100_000);
  const failed = await restore(at("to"), at("cut"), PASSPHRASE);
  assert.deepEqual(
    failed.map(({ name, error }) => [name, error.code]),
    [[join("folder", "b.bin.age"), "chunk-authentication"]],
  );
  assert.deepEqual(list(at("cut")), ["a.txt", "empty"]);
});

test("an abort rejects with its reason and leaves no part behind", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(restore(at("to"), at("aborted"), PASSPHRASE, { signal }), reason);
  await assert.rejects(backup(at("from"), at("none"), PASSPHRASE, { signal }), reason);
  assert.ok(!list(home).some((name) => name.endsWith(".part")));
});
