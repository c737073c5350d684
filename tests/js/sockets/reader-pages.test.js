/**
 * AgeReader in a page, over HTTP from another origin: what the browser asks for by itself, and what
 * it keeps from the page.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { ENGINES, launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";
import { encrypt } from "age-rt-wasm";

const PASSPHRASE = "a passphrase";
const SIZE = 300_000;

let file;
let server;
let origin;
/** What the server was asked, by method and path. */
const asked = [];

before(async () => {
  file = Buffer.from(await encrypt(new Uint8Array(SIZE).fill(7), PASSPHRASE, { workFactor: 1 }));
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    asked.push(`${request.method} ${pathname}`);
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.method !== "GET") return response.writeHead(403).end();
    if (pathname === "/signed")
      return response.writeHead(302, { Location: "/file?signature=x" }).end();
    if (pathname !== "/hidden")
      response.setHeader("Access-Control-Expose-Headers", "Content-Range, ETag");
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range).map(Number);
    const part = file.subarray(start, end + 1);
    response.writeHead(206, {
      "Content-Range": `bytes ${start}-${start + part.length - 1}/${file.length}`,
      "Content-Length": part.length,
      ETag: '"one"',
    });
    response.end(part);
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  origin = `http://localhost:${server.address().port}`;
});
after(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));

for (const engine of ENGINES) {
  describe(`AgeReader in a page of another origin, in ${engine}`, () => {
    let pages;
    let browser;
    let page;
    before(async () => {
      pages = await site();
      browser = await launch(engine);
      page = await browser.newPage();
      await page.goto(`${pages.origin}/page`);
    });
    after(async () => {
      await browser?.close();
      await pages?.close();
    });

    /** @returns the size and some bytes, or the error's code. */
    async function read(path, options = {}) {
      asked.length = 0;
      return page.evaluate(
        async (url, passphrase, options) => {
          const { AgeReader } = await import("age-rt-wasm/reader");
          try {
            const reader = await AgeReader.open(url, passphrase, options);
            const bytes = await reader.read(131_000, 131_005);
            reader.close();
            return [reader.size, [...bytes].join()];
          } catch (error) {
            return error.code ?? String(error);
          }
        },
        origin + path,
        PASSPHRASE,
        options,
      );
    }
    const right = [SIZE, "7,7,7,7,7"];

    test("a server that shows its headers: three requests, none of them a preflight", async () => {
      assert.deepEqual(await read("/file"), right);
      assert.deepEqual(asked, ["GET /file", "GET /file", "GET /file"]);
    });

    test("a signed URL that is reached by a redirect and forbids HEAD", async () => {
      assert.deepEqual(await read("/signed"), right);
      assert.ok(asked.every((one) => one.startsWith("GET ")));
    });

    test("a server that shows no headers: range-not-supported, and the option size stands in for them", async () => {
      assert.equal(await read("/hidden"), "range-not-supported");
      assert.deepEqual(await read("/hidden", { size: file.length }), right);
      assert.ok(asked.every((one) => one.startsWith("GET ")));
    });
  });
}
