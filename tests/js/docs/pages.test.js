/** The examples that only a page can run, in Chromium. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as age from "age-rt-wasm";
import { build } from "esbuild";
import { serve } from "../../../js/tooling/lib/serve.mjs";
import { launch } from "../browser/engines.mjs";
import { root } from "../lib/repository.js";
import { blocks, promised, runsInPage, withImports } from "./lib/blocks.js";
import { MINE, THEIRS } from "./lib/example-keys.js";
import { REPORT } from "./lib/world.js";

const folder = join(root, "target", "example-pages");
const those = blocks.filter(runsInPage);
const worker = those.find(({ code }) => code.startsWith("// kdf-worker.js"));
const ROUND_TRIP =
  'import { decrypt, encrypt } from "age-rt-wasm";\nconsole.log((await decrypt(await encrypt("text", "pw"), "pw")).length);\n';

let server;
let engine;

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  server = await serve(
    { "/": folder, "/node_modules/": join(root, "node_modules") },
    { headers: { "Content-Security-Policy": "" } },
  );
  engine = await launch("chromium");
});

after(async () => {
  await engine?.close();
  server?.closeAllConnections();
  server?.close();
});

/**
 * Opens a page of the folder.
 *
 * @returns what it printed, once it has printed something, and the URLs of its workers.
 */
async function visit(name) {
  const page = await engine.newPage();
  const workers = [];
  page.on("workercreated", (started) => workers.push(started.url()));
  const printed = new Promise((resolve, reject) => {
    page.on("console", (message) =>
      message.type() === "log" ? resolve(message.text()) : undefined,
    );
    page.on("pageerror", reject);
  });
  await page.goto(`http://localhost:${server.address().port}/${name}`);
  return { printed: await printed, workers };
}

for (const { where, code, language } of those.filter((block) => block !== worker)) {
  const run =
    language === "html"
      ? asPage
      : code.includes("createDataChannel")
        ? withPeer
        : code.includes("document.")
          ? withReport
          : withWorker;
  test(where, { timeout: 120_000 }, () => run(code));
}

async function asPage(code) {
  writeFileSync(join(folder, "page.html"), code);
  const { printed } = await visit("page.html");
  assert.deepEqual([printed], promised(code));
}

/** The page's own file is the worker's, and under a policy that takes no other. */
async function withWorker(code) {
  writeFileSync(join(folder, "kdf-worker.js"), worker.code);
  await bundled(`${withImports(code, Object.keys(age))}\n${ROUND_TRIP}`, ["kdf-worker.js"]);
  const { printed, workers } = await visit("page.html");
  assert.equal(printed, "4");
  assert.ok(workers.length > 0);
  for (const url of workers) assert.match(url, /\/kdf-worker\.js$/);
}

/** An encrypted file on the server, for a page that saves it. */
async function withReport(code) {
  const report = await age.encrypt(REPORT, "pw", { workFactor: 1 });
  writeFileSync(join(folder, "report.pdf.age"), report);
  writeFileSync(join(folder, "example.js"), withImports(code, Object.keys(age)));
  await bundled('globalThis.passphrase = "pw";\nawait import("./example.js");\n');
  const { printed } = await visit("page.html");
  assert.deepEqual([printed], promised(code));
}

/** A connection to a peer in the same page, which says again what it is told. */
async function withPeer(code) {
  writeFileSync(join(folder, "example.js"), withImports(code, Object.keys(age)));
  await bundled(`globalThis.withKeys = ${code.includes("identity(mine)")};\n${PEER}`);
  const { printed } = await visit("page.html");
  assert.equal(printed, "Hello World");
}

const PEER = `
import { AgeRtDecryptStream, AgeRtEncryptStream, fromDataChannel } from "age-rt-wasm";
import { identity, recipient } from "age-rt-wasm/recipients";

const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
here.onnegotiationneeded = async () => {
  await here.setLocalDescription();
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription();
  await here.setRemoteDescription(there.localDescription);
};
const [mine, theirs] = ${JSON.stringify([MINE, THEIRS])};
const [incoming, outgoing] = globalThis.withKeys ? [identity(theirs.identity), recipient(mine.recipient)] : ["pw", "pw"];
there.ondatachannel = ({ channel }) => {
  const { readable, writable } = fromDataChannel(channel);
  readable.pipeThrough(new AgeRtDecryptStream(incoming, { closeAtFinal: true })).pipeThrough(new AgeRtEncryptStream(outgoing)).pipeTo(writable, { preventClose: true });
};

const shown = [];
const source = new Blob(["Hello"]).stream().pipeThrough(new TransformStream({ flush: (controller) => controller.enqueue(new TextEncoder().encode("World")) }));
Object.assign(globalThis, { connection: here, passphrase: "pw", mine: mine.identity, theirs: theirs.recipient, source, show: (chunk) => shown.push(new TextDecoder().decode(chunk)) });
await import("./example.js");
console.log(shown.join(" "));
`;

/** page.html with a script of its own files, under a policy that takes no other. */
async function bundled(script, others = []) {
  writeFileSync(join(folder, "app.js"), script);
  const entryPoints = ["app.js", ...others].map((name) => join(folder, name));
  await build({
    entryPoints,
    outdir: folder,
    allowOverwrite: true,
    bundle: true,
    format: "esm",
    logLevel: "error",
  });
  const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
  writeFileSync(
    join(folder, "page.html"),
    `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><script type="module" src="app.js"></script>`,
  );
}

test("there is a page, and the worker's file with what makes use of it", () => {
  assert.ok(worker);
  assert.ok(those.some(({ language }) => language === "html"));
  assert.ok(those.filter((block) => block !== worker && block.language === "js").length >= 2);
});
