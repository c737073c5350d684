/** The examples' pages, and the package that they import: `node site.mjs [port]`. */
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { serve } from "../../js/tooling/lib/serve.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const age = join(dirname(fileURLToPath(import.meta.resolve("age-rt-wasm"))), "..");

/** @returns the server */
export function site(port = 0) {
  return serve({ "/": here, "/age-rt-wasm/": age }, { port });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await site(Number(process.argv[2] ?? 8080));
  console.log(`http://localhost:${server.address().port}/chat/index.html`);
}
