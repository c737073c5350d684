/**
 * React Native has neither WHATWG streams nor WebAssembly: what needs them says so, by class and
 * code.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { createContext, Script } from "node:vm";

const dist = dirname(createRequire(import.meta.url).resolve("age-rt-wasm"));
const script = new Script(readFileSync(join(dist, "age-rt.iife.js"), "utf8"));

/** The package as a script, in a realm that has of the web's globals these only. */
function realm(...names) {
  const context = createContext(Object.fromEntries(names.map((name) => [name, globalThis[name]])));
  if (!names.includes("WebAssembly"))
    delete new Script("globalThis").runInContext(context).WebAssembly;
  script.runInContext(context);
  return new Script("ageRt").runInContext(context);
}

/** What React Native has. */
const NATIVE = [
  "TextEncoder",
  "TextDecoder",
  "AbortController",
  "AbortSignal",
  "URL",
  "setTimeout",
  "clearTimeout",
  "performance",
];

const noStreams = (age) => (error) =>
  error instanceof age.NotSupportedError &&
  error.code === "no-streams" &&
  /streams/.test(error.message);

describe("in a host without streams and without WebAssembly", () => {
  const age = realm(...NATIVE);

  test("isSupported() is false", () => assert.equal(age.isSupported(), false));

  for (const name of [
    "AgeRtEncryptStream",
    "AgeRtDecryptStream",
    "AgeEncryptStream",
    "AgeDecryptStream",
    "AgeAutoDecryptStream",
  ])
    test(`new ${name}`, () => assert.throws(() => new age[name]("a passphrase"), noStreams(age)));

  test("fromWebSocket()", () => {
    const socket = {
      readyState: 1,
      send() {},
      close() {},
      addEventListener() {},
      removeEventListener() {},
    };
    assert.throws(() => age.fromWebSocket(socket), noStreams(age));
  });

  test("init(), encrypt() and decrypt() reject", async () => {
    await assert.rejects(age.init(), { name: "NotSupportedError", code: "no-webassembly" });
    for (const call of [() => age.encrypt("x", "pw"), () => age.decrypt(new Uint8Array(3), "pw")])
      await assert.rejects(call(), (error) => error instanceof age.NotSupportedError);
  });
});

describe("in a host with WebAssembly and without streams", () => {
  const age = realm(...NATIVE, "WebAssembly", "crypto");

  test("isSupported() is false", () => assert.equal(age.isSupported(), false));

  test("init() says what it lacks", () =>
    assert.rejects(age.init(), { code: "no-streams", message: /DecompressionStream/ }));

  test("with the module's file the synchronous classes work", async () => {
    await age.init(readFileSync(join(dist, "age_rt.wasm")));
    const encoder = age.AgeRtEncoder.fromPassphrase("pw");
    assert.equal(encoder.getHeader().length, 189);
    encoder.free();
  });
});

describe("in a host whose DecompressionStream is missing", () => {
  const without = [
    ...NATIVE,
    "WebAssembly",
    "crypto",
    "ReadableStream",
    "WritableStream",
    "Response",
    "Blob",
    "atob",
  ];

  test("the error names it, and not a policy", async () => {
    const age = realm(...without);
    await assert.rejects(age.init(), { code: "no-streams", message: /DecompressionStream/ });
  });

  test("bytes given to init() are enough", async () => {
    const age = realm(...without);
    await age.init(readFileSync(join(dist, "age_rt.wasm")));
    const file = await age.encrypt("attack at dawn", "pw", { workFactor: 1 });
    assert.equal(new TextDecoder().decode(await age.decrypt(file, "pw")), "attack at dawn");
  });
});
