/** A module of the page by itself, for what needs no browser. */
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../lib/repository.js";

/** @param path - below www. */
export async function load(path) {
  const { outputFiles } = await build({
    entryPoints: [join(root, "www", path)],
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  return import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
}
