/** Bytes that come and go over HTTP, and servers on a free port of this machine. */
import { createHash } from "node:crypto";

export { MB, source } from "./pieces.js";

/** What makes two streams the same: how many bytes, and their hash. */
export async function digest(readable) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of readable) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

export async function listening(server) {
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return server.address().port;
}

export function closed(server) {
  server.closeAllConnections?.();
  return new Promise((resolve) => server.close(resolve));
}

/** A promise and what resolves it. */
export function gate() {
  let open;
  const passed = new Promise((resolve) => (open = resolve));
  return { open, passed };
}
