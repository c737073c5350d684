/**
 * A static file server for the demo page and the browser tests. Serves what lies below its folders
 * and nothing else.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/**
 * @param mounts folders by URL prefix, the longest prefix wins: { "/": dir, "/vectors/": dir }
 * @param page called first with (request URL, response); true if it has answered
 * @returns the server, listening on localhost
 */
export async function serve(mounts, { port = 0, headers = {}, page } = {}) {
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request, response) {
    const url = new URL(request.url, "http://localhost");
    for (const [name, value] of Object.entries({
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "no-cache",
      ...headers,
    }))
      response.setHeader(name, value);
    if (await page?.(url, response, request)) return;
    const prefix = prefixes.find((candidate) => url.pathname.startsWith(candidate));
    const file = prefix && fileAt(mounts[prefix], url.pathname.slice(prefix.length));
    if (!file) {
      response.writeHead(404, { "Content-Type": "text/plain" }).end("not found\n");
      return;
    }
    // Browsers ask again for what they have: a page's service worker for every file of it.
    response.setHeader("ETag", file.tag);
    if (request.headers["if-none-match"] === file.tag) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, {
      "Content-Type": TYPES[extname(file.path)] ?? "application/octet-stream",
      "Content-Length": file.size,
    });
    if (request.method === "HEAD") response.end();
    else await pipeline(createReadStream(file.path), response);
  }

  await new Promise((resolve, reject) =>
    server.once("error", reject).listen(port, "localhost", resolve),
  );
  return server;
}

/** The file behind a URL path, or undefined. */
function fileAt(folder, urlPath) {
  let path;
  try {
    path = normalize(join(folder, decodeURIComponent(urlPath)));
  } catch {
    return undefined;
  }
  if (path.includes("\0") || (path !== folder && !path.startsWith(folder + sep))) return undefined;
  let stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory())
    stat = statSync((path = join(path, "index.html")), { throwIfNoEntry: false });
  return stat?.isFile()
    ? { path, size: stat.size, tag: `"${stat.size.toString(36)}-${stat.mtimeMs.toString(36)}"` }
    : undefined;
}
