/**
 * Cloudflare's runtime by itself, with a worker bundled as its tools do it: conditions `workerd`,
 * `.wasm` files as modules of their own.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { encrypt } from "age-rt-wasm";
import { build } from "esbuild";
import { atTerminal } from "../../js/interop/lib/terminal.js";
import { program } from "../../js/lib/repository.js";
import { host } from "../judge.mjs";
import { consumer } from "../project.mjs";
import { workerd } from "../programs.mjs";

/** What Cloudflare allows an isolate; workerd by itself has no limit. */
const LIMITED = [`--wasm-max-mem-pages=${(128 * 2 ** 20) / 65536}`];

const folder = consumer("runtimes", "workerd");
/** The WebAssembly modules that its workers import. */
const imported = new Set();
await bundle("worker.js", ["workerd", "worker", "module", "import"]);
await bundle("default.js", ["module", "import"]);
await build({
  stdin: { contents: 'export * from "age-rt-wasm"', resolveDir: folder },
  outfile: join(folder, "generic.mjs"),
  bundle: true,
  format: "esm",
});
await bundle("scope.js", ["workerd", "worker", "module", "import"], "scope.mjs");

host(130, "workerd", () => request({}, "/job"), "calling thread");
// Before the date from which it has Node's modules.
host(
  131,
  "workerd, compatibility date 2025",
  () => request({ date: "2025-01-01" }, "/job"),
  "calling thread",
);

test("workerd: keys of every kind work, each from a module that is imported", async () => {
  assert.equal(await request({}, "/keys"), "accepted");
});

test("workerd: bytes given to init() are refused by code", async () => {
  const wasm = readFileSync(join(folder, "age_rt.wasm"));
  assert.deepEqual(await request({}, "/init", wasm), { code: "wasm-blocked", ofItsClass: true });
});

test("workerd: the entry for other hosts is refused by code", async () => {
  assert.deepEqual(await request({ script: "default.js" }, "/encrypt"), {
    code: "wasm-blocked",
    ofItsClass: true,
  });
});

test("workerd: a standard file is made within its 128 MB", async () => {
  assert.equal(await request({ v8: LIMITED }, "/encrypt"), "accepted");
});

test("workerd: a standard file opens within its 128 MB", async () => {
  const file = await encrypt("attack at dawn", "passphrase", { workFactor: 18 });
  assert.equal(await request({ v8: LIMITED }, "/decrypt", file), "accepted");
});

test("workerd: a file of `age -p` opens within its 128 MB", async () => {
  const [plain, encrypted] = ["plain.txt", "theirs.age"].map((name) => join(folder, name));
  writeFileSync(plain, "attack at dusk");
  rmSync(encrypted, { force: true });
  const age = program("age", "install it with your system's package manager");
  await atTerminal([age, "-p", "-o", encrypted, plain], ["passphrase", "passphrase"]);
  const file = readFileSync(encrypted);
  assert.match(file.toString("latin1"), /^-> scrypt \S+ 18$/m, "age's own work factor");
  assert.equal(await request({ v8: LIMITED }, "/read", file), "attack at dusk");
});

test("workerd: a derivation beyond its 128 MB is refused by code", async () => {
  assert.deepEqual(await request({ v8: LIMITED }, "/encrypt-19"), {
    code: "out-of-memory",
    ofItsClass: true,
  });
});

async function bundle(name, conditions, entry = "worker.mjs") {
  const modules = {
    name: "wasm-modules",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
        const [from, to] = [join(resolveDir, path), join(folder, basename(path))];
        if (from !== to) cpSync(from, to);
        imported.add(basename(path));
        return { path: `./${basename(path)}`, external: true };
      });
    },
  };
  await build({
    entryPoints: [join(folder, entry)],
    outfile: join(folder, name),
    bundle: true,
    format: "esm",
    conditions,
    plugins: [modules],
    logLevel: "warning",
  });
}

/** The answer of a workerd started for this request alone. */
async function request({ script = "worker.js", date = "2026-11-01", v8 = [] }, path, body) {
  const modules = [...imported].map((name) => `(name = "${name}", wasm = embed "${name}")`);
  const config = join(folder, `${process.hrtime.bigint()}.capnp`);
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  v8Flags = ${JSON.stringify(v8)},
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "${script}"), ${modules.join(", ")}],
  compatibilityDate = "${date}",
);
`,
  );
  const child = spawn(workerd, ["serve", config, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const port = await new Promise((resolve, reject) => {
      child
        .once("error", reject)
        .once("exit", (status) => reject(new Error(`workerd ended with status ${status}`)));
      child.stdio[3].on("data", (line) => resolve(JSON.parse(line).port));
    });
    const response = await fetch(
      `http://127.0.0.1:${port}${path}`,
      body && { method: "POST", body },
    );
    assert.equal(response.status, 200, "HTTP status");
    return await response.json();
  } finally {
    child.kill();
  }
}
