import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import * as everything from "age-rt-wasm";
import { root } from "../../../js/tooling/lib/run.mjs";

const SOCKETS = new Set(["fromWebSocket", "fromDataChannel"]);

export default {
  name: "weight",
  title: "page weight, gzip, everything but sockets",
  unit: "KB",
  atMost: 26,
  async run() {
    const names = Object.keys(everything).filter((name) => !SOCKETS.has(name));
    const median = await weight(`export { ${names.join(", ")} } from "age-rt-wasm"`);
    return {
      median,
      low: median,
      high: median,
      all: await weight('export * from "age-rt-wasm"'),
      theirs: await weight('export * from "age-encryption"'),
    };
  },
};

/** What a page loads for it, in thousands of bytes. */
async function weight(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    write: false,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
}
