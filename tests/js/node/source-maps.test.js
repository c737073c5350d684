/** The source maps of the package: a stack trace of a user, or a debugger, leads to the source. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../lib/repository.js";

const dist = join(root, "node_modules", "age-rt-wasm", "dist");

/** A text that is in each, and the source that it comes from. */
const FILES = {
  ...Object.fromEntries(
    [
      ...["index.js", "index.cjs", "index.workerd.js", "index.edge-light.js"],
      ...["index.min.js", "age-rt.iife.js"],
    ].map((name) => [name, ["The passphrase does not open this file", "engine/core-errors.ts"]]),
  ),
  ...Object.fromEntries(
    [
      ...["recipients.js", "recipients.cjs", "recipients.workerd.js"],
      ...["recipients.edge-light.js", "age-rt-recipients.iife.js"],
    ].map((name) => [name, ["The file holds no key", "recipients.ts"]]),
  ),
  ...Object.fromEntries(
    Object.entries({
      header: ["min_padding: 0", "header/inspect.ts"],
      reader: ["This is an age-rt stream, whose messages", "reader/age-reader.ts"],
      session: ["padding that is not zero", "session/messages.ts"],
    }).flatMap(([entry, [text, source]]) =>
      [".js", ".cjs", ".workerd.js", ".edge-light.js"].map((extension) => [
        `${entry}${extension}`,
        [text, source],
      ]),
    ),
  ),
  "command.js": ["and does not go to a terminal", "command/output.ts"],
  ...Object.fromEntries(
    ["passphrase.js", "passphrase.cjs"].map((name) => [name, ["wordlist.length", "passphrase.ts"]]),
  ),
  ...Object.fromEntries(
    ["workers.js", "workers.cjs"].map((name) => [name, ["it is silent", "workers/batches.ts"]]),
  ),
};

test("every script but the two texts has a map", () => {
  const scripts = readdirSync(dist).filter(
    (name) => /\.c?js$/.test(name) && !name.includes(".text."),
  );
  assert.deepEqual(scripts.sort(), Object.keys(FILES).sort());
});

for (const [name, [message, origin]] of Object.entries(FILES)) {
  describe(name, () => {
    const code = readFileSync(join(dist, name), "utf8");
    const map = JSON.parse(readFileSync(join(dist, `${name}.map`), "utf8"));

    test("it names its map", () =>
      assert.ok(code.trimEnd().endsWith(`//# sourceMappingURL=${name}.map`)));

    test("the map holds the text of every source, as it is in the repository", () => {
      assert.ok(map.sources.length > 1);
      assert.equal(map.sourcesContent.length, map.sources.length);
      map.sources.forEach((source, i) => {
        // As the build saw them, from pkg/dist.
        const file = join(root, "pkg", "dist", source);
        assert.ok(existsSync(file), source);
        assert.equal(map.sourcesContent[i], readFileSync(file, "utf8"), source);
      });
    });

    test("a place in the code leads to the line that it comes from", () => {
      const lines = code.split("\n");
      const line = lines.findIndex((text) => text.includes(message));
      const entry = new SourceMap(map).findEntry(line, lines[line].indexOf(message));
      assert.ok(entry.originalSource.endsWith(`js/src/${origin}`), entry.originalSource);
      const source = map.sourcesContent[map.sources.indexOf(entry.originalSource)];
      assert.ok(source.split("\n")[entry.originalLine].includes(message));
    });
  });
}
