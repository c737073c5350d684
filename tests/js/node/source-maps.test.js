/** The source maps of the package: a stack trace of a user, or a debugger, leads to the source. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../lib/repository.js";

const dist = join(root, "node_modules", "age-rt-wasm", "dist");

for (const name of ["index.js", "index.cjs", "index.workerd.js"]) {
  describe(name, () => {
    const code = readFileSync(join(dist, name), "utf8");
    const map = JSON.parse(readFileSync(join(dist, `${name}.map`), "utf8"));

    test("it names its map", () => assert.ok(code.trimEnd().endsWith(`//# sourceMappingURL=${name}.map`)));

    test("the map holds the text of every source, as it is in the repository", () => {
      assert.ok(map.sources.length > 20);
      assert.equal(map.sourcesContent.length, map.sources.length);
      map.sources.forEach((source, i) => {
        const file = join(root, "js", "src", source.slice(source.indexOf("js/src/") + "js/src/".length));
        assert.ok(source.includes("js/src/") && existsSync(file), source);
        assert.equal(map.sourcesContent[i], readFileSync(file, "utf8"), source);
      });
    });

    test("a place in the code leads to the line that it comes from", () => {
      const message = "The passphrase does not open this file";
      const lines = code.split("\n");
      const line = lines.findIndex((text) => text.includes(message));
      const entry = new SourceMap(map).findEntry(line, lines[line].indexOf(message));
      assert.match(entry.originalSource, /core-errors\.ts$/);
      const source = map.sourcesContent[map.sources.indexOf(entry.originalSource)];
      assert.ok(source.split("\n")[entry.originalLine].includes(message));
    });
  });
}
