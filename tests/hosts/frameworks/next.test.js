/**
 * Next.js, and the download route of tests/examples in the same application: building one takes
 * long.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, describe, test } from "node:test";
import { encrypt } from "age-rt-wasm";
import { launch } from "../../js/browser/engines.mjs";
import { root } from "../../js/lib/repository.js";
import { until } from "../../js/lib/wait.js";
import { host } from "../judge.mjs";
import { environment, nodes, output } from "../programs.mjs";
import { consumer, project } from "../project.mjs";

const next = join(project("frameworks"), "node_modules", "next", "dist", "bin", "next");
const folder = consumer("frameworks", "next");
cpSync(join(root, "tests", "examples", "download", "app"), join(folder, "app"), {
  recursive: true,
});
const files = join(folder, "files");
mkdirSync(files);
await output(nodes[24], [next, "build"], folder);
const server = spawn(nodes[24], [next, "start", "--port", "0"], {
  cwd: folder,
  env: { ...environment, FILES: files },
  stdio: ["ignore", "pipe", "pipe"],
});
let logged = "";
server.stderr.on("data", (piece) => (logged += piece));
const origin = await new Promise((resolve, reject) => {
  let text = "";
  server
    .once("error", reject)
    .once("exit", (status) =>
      reject(new Error(`next start ended with status ${status}: ${logged}`)),
    );
  server.stdout.on("data", (piece) => {
    text += piece;
    const port = /http:\/\/localhost:(\d+)/.exec(text)?.[1];
    if (port) resolve(`http://localhost:${port}`);
  });
});
const browser = await launch("chromium");
const page = await browser.newPage();
const opened = page.goto(origin, { timeout: 300_000 });

after(async () => {
  await browser.close();
  server.kill();
});

host(220, "Next.js, page rendered on the server", () => shown("#server"));
host(221, "Next.js, client component", () => shown("#client"));
host(222, "Next.js, route handler", async () => (await fetch(`${origin}/job`)).json());
host(
  223,
  "Next.js, edge runtime",
  async () => (await fetch(`${origin}/edge`)).json(),
  "calling thread",
);

async function shown(selector) {
  await opened;
  const element = await page.waitForSelector(selector, { timeout: 300_000 });
  return JSON.parse(await element.evaluate(({ textContent }) => textContent));
}

describe("the download route of tests/examples", () => {
  const PASSPHRASE = "correct horse battery staple";
  const plaintext = new Uint8Array(5_000_000).fill(7);

  /** A file on the server's disk. */
  async function keep(name, change = (file) => file) {
    const file = await encrypt(plaintext, PASSPHRASE, { workFactor: 1 });
    writeFileSync(join(files, `${name}.age`), change(file));
  }

  const macOf = (file) => Buffer.from(file).indexOf("\n--- ") + "\n--- ".length;
  const ask = (name, passphrase = PASSPHRASE, init = {}) =>
    fetch(`${origin}/download/${name}`, {
      method: "POST",
      body: new URLSearchParams({ passphrase }),
      ...init,
    });

  test("the file comes, under its name, and the page lists it", async () => {
    await keep("report.pdf");
    const response = await ask("report.pdf");
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-disposition"), /filename="report\.pdf"/);
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), plaintext);
    assert.match(await (await fetch(`${origin}/download`)).text(), /report\.pdf/);
  });

  for (const [what, passphrase, status] of [
    ["a wrong passphrase", "wrong", 403],
    ["an empty passphrase", "", 400],
  ])
    test(`${what} is a ${status}, before any byte`, async () => {
      await keep("report.pdf");
      const response = await ask("report.pdf", passphrase);
      assert.equal(response.status, status);
      assert.match(await response.text(), /passphrase/);
    });

  for (const name of ["nothing", "..%2Freport.pdf", ".hidden"])
    test(`${name} is a 404`, async () => assert.equal((await ask(name)).status, 404));

  for (const [what, change] of [
    ["no age file", () => "text"],
    ["one whose header's MAC was changed", (file) => file.fill(0x41, macOf(file), macOf(file) + 2)],
  ])
    test(`${what} is a 500`, async () => {
      await keep("damaged", change);
      assert.equal((await ask("damaged")).status, 500);
    });

  for (const [what, change] of [
    ["was changed", (file) => file.fill(0, 4_000_000, 4_000_001)],
    ["was cut", (file) => file.subarray(0, 4_000_000)],
  ])
    test(`a file that ${what} is no whole download`, async () => {
      await keep("damaged", change);
      const response = await ask("damaged");
      assert.equal(response.status, 200);
      await assert.rejects(response.arrayBuffer());
    });

  test("whoever leaves lets go of the file", async () => {
    await keep("large");
    const controller = new AbortController();
    const response = await ask("large", PASSPHRASE, { signal: controller.signal });
    const reader = response.body.getReader();
    await reader.read();
    controller.abort();
    await assert.rejects(reader.read(), { name: "AbortError" });
    await until(() => !openFiles(server.pid).some((path) => basename(path) === "large.age"));
  });
});

/** What a process has open. */
function openFiles(pid) {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
