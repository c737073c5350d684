/**
 * eslint's import plugin, and others, look for a folder or a file where `exports` names something
 * else. tests/hosts has the plugin itself.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../lib/repository.js";

const home = join(root, "node_modules", "age-rt-wasm");
const { exports } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
const entries = Object.keys(exports)
  .map((name) => name.replace(/^\.\/?/, ""))
  .filter((name) => name !== "" && !/[.*]/.test(name));

test("there are entries", () => assert.ok(entries.includes("passphrase")));

for (const entry of entries)
  test(`age-rt-wasm/${entry}`, () => {
    const folder = join(home, entry);
    if (existsSync(`${folder}.js`)) return;
    const { main, types } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    for (const file of [main, types]) assert.ok(existsSync(join(folder, file)), file);
  });
