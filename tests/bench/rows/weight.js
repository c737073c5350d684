import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "../../../js/tooling/lib/run.mjs";
import { weight, WEIGHTS } from "../../../js/tooling/lib/weight.mjs";

const [alone, everything] = WEIGHTS;

export default {
  name: "weight",
  title: "page weight, gzip, everything but sockets",
  unit: "KB",
  atMost: 26,
  async run() {
    const median = (await weight(everything.names)).gzip / 1000;
    return {
      median,
      low: median,
      high: median,
      alone: (await weight(alone.names)).gzip / 1000,
      theirs: await theirs(),
    };
  },
};

/** What age-encryption weighs, in thousands of bytes. */
async function theirs() {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "age-encryption"', resolveDir: root },
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
