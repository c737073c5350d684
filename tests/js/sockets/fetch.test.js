/** Files over HTTP: decrypted while they arrive, encrypted while they leave. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";
import { program } from "../lib/repository.js";
import { inRuntime } from "./lib/hosts.js";
import * as transfer from "./lib/transfer.js";
import { Transfers } from "./lib/transfer-server.js";

const MB = 1_000_000;
const DOWNLOAD_LEN = 100 * MB;
const UPLOAD_LEN = 20 * MB;
const CHILD = fileURLToPath(new URL("lib/transfer-child.js", import.meta.url));

/** Each runs one of the functions of transfer.js. */
const hosts = {
  Node: async () => ({ run: (name, ...args) => transfer[name](...args), close: () => undefined }),
  ...Object.fromEntries(
    ["Deno", "Bun"].map((name) => [
      name,
      async () => ({
        run: (task, ...args) => inRuntime(name, CHILD, [task, ...args]),
        close: () => undefined,
      }),
    ]),
  ),
  ...Object.fromEntries(
    ["chromium", "firefox", "webkit"].map((engine) => [engine, (origin) => page(engine, origin)]),
  ),
};

async function page(engine, origin, flags = []) {
  const browser = await launch(engine, { flags });
  const page = await browser.newPage();
  await page.goto(`${origin}/page`);
  return {
    run: (name, ...args) =>
      page.evaluate(
        async (name, args) => (await import("/tests/js/sockets/lib/transfer.js"))[name](...args),
        name,
        args,
      ),
    close: () => browser.close(),
  };
}

for (const [name, start] of Object.entries(hosts)) {
  describe(name, () => {
    test("the first plaintext of a download of 100 MB is out while 99 MB are unsent, and all of it arrives", async () => {
      const transfers = new Transfers(DOWNLOAD_LEN);
      const server = await site({ page: transfers.handle });
      const host = await start(server.origin);
      try {
        assert.equal(await host.run("download", server.origin, DOWNLOAD_LEN), DOWNLOAD_LEN);
        assert.ok(transfers.unsentAtFirst >= 99 * MB, `${transfers.unsentAtFirst} bytes unsent`);
      } finally {
        await host.close();
        await server.close();
      }
    });

    // Chromium sends streams over HTTP/2 only, the other engines not at all.
    const way = ["Node", "Deno", "Bun"].includes(name) ? "upload" : "uploadBlob";
    test(
      way === "upload"
        ? "an upload as a stream"
        : "an upload as a Blob, of the size that was announced",
      async () => {
        const server = await site({ page: new Transfers(UPLOAD_LEN).handle });
        const host = await start(server.origin);
        try {
          assert.equal(await host.run(way, server.origin, UPLOAD_LEN), String(UPLOAD_LEN));
        } finally {
          await host.close();
          await server.close();
        }
      },
    );
  });
}

test("an upload as a stream from Chromium, over HTTP/2", async () => {
  const folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-certificate-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  const openssl = program("openssl", "install it with your system's package manager");
  execFileSync(
    openssl,
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      key,
      "-out",
      cert,
      "-days",
      "1",
      "-subj",
      "/CN=localhost",
    ],
    { stdio: "ignore" },
  );
  const transfers = new Transfers(UPLOAD_LEN);
  const versions = [];
  const secure = createSecureServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (request, response) => {
      versions.push(request.httpVersion);
      void transfers.handle(new URL(request.url, "https://localhost"), response, request);
    },
  );
  await new Promise((resolve) => secure.listen(0, "127.0.0.1", resolve));
  const server = await site();
  const host = await page("chromium", server.origin, ["--ignore-certificate-errors"]);
  try {
    assert.equal(
      await host.run("upload", `https://127.0.0.1:${secure.address().port}`, UPLOAD_LEN),
      String(UPLOAD_LEN),
    );
    assert.ok(versions.every((version) => version === "2.0"));
  } finally {
    await host.close();
    await server.close();
    secure.close();
    rmSync(folder, { recursive: true });
  }
});
