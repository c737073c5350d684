/** Where `init()` takes the module from, and what it says of what is none. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../../js/tooling/lib/serve.mjs";

const entry = import.meta.resolve("age-rt-wasm");
const file = new URL("age_rt.wasm", entry);
const bytes = new Uint8Array(readFileSync(file));
/** The smallest module there is. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

let count = 0;
/** The package as it is before anybody has loaded it. */
const fresh = () => import(`${entry}?${(count += 1)}`);

let server;
let origin;
before(async () => {
  server = await serve({ "/": dirname(fileURLToPath(entry)) });
  origin = `http://localhost:${server.address().port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

describe("init takes the module from", () => {
  const calls = {
    "its bytes": (init) => init(bytes),
    "an ArrayBuffer": (init) => init(bytes.buffer),
    "a file's URL": (init) => init(file),
    "a file's URL as text": (init) => init(file.href),
    "a URL": (init) => init(new URL("/age_rt.wasm", origin)),
    "a URL as text": (init) => init(`${origin}/age_rt.wasm`),
    "a request": (init) => init(new Request(`${origin}/age_rt.wasm`)),
    "a response": async (init) => init(await fetch(`${origin}/age_rt.wasm`)),
    "the promise of a response": (init) => init(fetch(`${origin}/age_rt.wasm`)),
    "a compiled module": (init) => init(new WebAssembly.Module(bytes)),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(name, async () => {
      const { AgeDecoder, init } = await fresh();
      await call(init);
      assert.equal(new AgeDecoder("passphrase").bytesWanted, 1);
    });
  }
});

describe("init refuses, and loads afresh the next time", () => {
  const sources = {
    "what is no source": [() => 1, { name: "TypeError" }],
    "bytes that are no module": [
      () => Uint8Array.of(1, 2, 3),
      { name: "TypeError", message: /not a WebAssembly module/ },
    ],
    "another module": [() => EMPTY, { name: "TypeError", message: /not this package's/ }],
    "another module, compiled": [
      () => new WebAssembly.Module(EMPTY),
      { name: "TypeError", message: /not this package's/ },
    ],
    "a response of another status": [
      () => fetch(`${origin}/missing.wasm`),
      { name: "TypeError", message: /404/ },
    ],
  };
  for (const [name, [source, error]] of Object.entries(sources)) {
    test(name, async () => {
      const { AgeDecoder, init } = await fresh();
      await assert.rejects(init(source()), error);
      assert.throws(() => new AgeDecoder("passphrase"), { code: "not-initialized" });
      await init();
      assert.equal(new AgeDecoder("passphrase").bytesWanted, 1);
    });
  }
});

describe("a host", () => {
  const { WebAssembly: whole } = globalThis;
  const { compile, validate } = whole;
  afterEach(() => {
    globalThis.WebAssembly = whole;
    Object.assign(whole, { compile, validate });
  });

  test("without WebAssembly is not supported", async () => {
    const { init, isSupported } = await fresh();
    delete globalThis.WebAssembly;
    assert.equal(isSupported(), false);
    await assert.rejects(init(), { name: "NotSupportedError", code: "no-webassembly" });
  });

  test("without SIMD is not supported", async () => {
    const { init, isSupported } = await fresh();
    whole.validate = () => false;
    assert.equal(isSupported(), false);
    await assert.rejects(init(), { name: "NotSupportedError", code: "no-webassembly" });
  });

  for (const [what, failure, code] of [
    ["forbids compiling", new WebAssembly.CompileError("a policy forbids it"), "wasm-blocked"],
    ["has no memory left", new RangeError("out of memory"), "out-of-memory"],
  ]) {
    for (const source of [undefined, bytes]) {
      test(`that ${what} is told, ${source ? "with the bytes given" : "with the package's own"}`, async () => {
        const { init } = await fresh();
        whole.compile = () => Promise.reject(failure);
        await assert.rejects(init(source), { name: "NotSupportedError", code, cause: failure });
        whole.compile = compile;
        await init(source);
      });
    }
  }
});
