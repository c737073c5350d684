/** Uploads from pages: as a stream where the browser streams them, which takes HTTP/2, and in parts of a known size where it does not. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AgeDecryptStream, ciphertextSize } from "age-rt-wasm";
import { ENGINES, launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";
import { root } from "../lib/repository.js";
import { closed, digest, gate, listening, MB, source } from "./lib/http.js";

const PASSPHRASE = "up there";
const SIZE = 20 * MB;
const INDEX = "/node_modules/age-rt-wasm/dist/index.js";
const PIECES = "/tests/js/sockets/lib/pieces.js";

async function collected(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

async function assertIsTheFile(received) {
  assert.equal(received.length, ciphertextSize(SIZE, { workFactor: 1 }));
  const decrypted = new Blob([received]).stream().pipeThrough(new AgeDecryptStream(PASSPHRASE));
  assert.deepEqual(await digest(decrypted), await digest(source(SIZE).readable));
}

describe("in parts", { timeout: 600_000 }, () => {
  for (const engine of ENGINES) {
    test(engine, async (t) => {
      let received;
      const server = await site({
        async page({ pathname }, response, request) {
          if (pathname !== "/upload") return false;
          received = await collected(request);
          response.end();
          return true;
        },
      });
      const browser = await launch(engine);
      t.after(async () => {
        await browser.close();
        await server.close();
      });
      const page = await browser.newPage();
      await page.goto(`${server.origin}/page`);
      const promised = await page.evaluate(inParts, INDEX, PIECES, PASSPHRASE, SIZE);
      assert.equal(promised, received.length);
      await assertIsTheFile(received);
    });
  }
});

describe("as a stream", { timeout: 600_000 }, () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-certificate-"));
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", ...subject], { cwd: folder, stdio: "ignore" });
  });
  after(() => rmSync(folder, { recursive: true }));

  test("Chromium", async (t) => {
    const { open, passed } = gate();
    let received;
    const server = createSecureServer({ key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "cert.pem")) }, async (request, response) => {
      if (request.url === INDEX || request.url === PIECES) {
        response.setHeader("Content-Type", "text/javascript");
        response.end(readFileSync(join(root, request.url)));
      } else if (request.url === "/upload") {
        const parts = [];
        for await (const part of request) {
          parts.push(part);
          open();
        }
        received = Buffer.concat(parts);
        response.end();
      } else if (request.url === "/passed") {
        // Answered once the server has something of the upload.
        await passed;
        response.end();
      } else {
        response.setHeader("Content-Type", "text/html");
        response.end('<!doctype html><link rel="icon" href="data:,">');
      }
    });
    const port = await listening(server);
    const browser = await launch("chromium", { flags: ["--ignore-certificate-errors"] });
    t.after(async () => {
      await browser.close();
      await closed(server);
    });
    const page = await browser.newPage();
    await page.goto(`https://localhost:${port}/`);
    await page.evaluate(asStream, INDEX, PIECES, PASSPHRASE, SIZE);
    await assertIsTheFile(received);
  });
});

// Run in pages.

async function inParts(index, pieces, passphrase, size) {
  const { AgeEncryptStream, ciphertextSize } = await import(index);
  const { source } = await import(pieces);
  const options = { workFactor: 1 };
  const parts = [];
  await source(size)
    .readable.pipeThrough(new AgeEncryptStream(passphrase, options))
    .pipeTo(new WritableStream({ write: (chunk) => void parts.push(new Blob([chunk])) }));
  await fetch("/upload", { method: "POST", body: new Blob(parts) });
  return ciphertextSize(size, options);
}

async function asStream(index, pieces, passphrase, size) {
  const { AgeEncryptStream } = await import(index);
  const { source } = await import(pieces);
  const file = source(size, (made) => (made === 0 ? fetch("/passed") : undefined));
  const body = file.readable.pipeThrough(new AgeEncryptStream(passphrase, { workFactor: 1 }));
  await fetch("/upload", { method: "POST", body, duplex: "half" });
}
