/**
 * An HTTP server that keeps what it is given: `node server.mjs [port] [folder]`. Nothing here knows
 * of encryption.
 */
import { createReadStream, createWriteStream, mkdirSync, renameSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";

export function fileServer(folder) {
  mkdirSync(folder, { recursive: true });
  return createServer((request, response) => {
    answer(request, response, folder).catch(() =>
      response.headersSent ? response.destroy() : response.writeHead(500).end(),
    );
  });
}

async function answer(request, response, folder) {
  response.setHeader("Access-Control-Allow-Origin", "*");
  response.setHeader("Access-Control-Allow-Methods", "GET, PUT");
  // Only names that lead nowhere else.
  const name = /^\/([\w-]{1,64})$/.exec(request.url)?.[1];
  if (request.method === "OPTIONS") response.writeHead(204).end();
  else if (!name) response.writeHead(404).end();
  else if (request.method === "PUT") {
    const path = join(folder, name);
    await pipeline(request, createWriteStream(`${path}.part`));
    renameSync(`${path}.part`, path);
    response.writeHead(201).end();
  } else {
    const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    if (size === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": size });
    await pipeline(createReadStream(join(folder, name)), response);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  fileServer(process.argv[3] ?? "files").listen(Number(process.argv[2] ?? 8084), "localhost");
