/** What the shipped module lets in: no file key, no nonce, no random numbers, by any door. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as age from "age-rt-wasm";

const wasm = await WebAssembly.compile(
  readFileSync(createRequire(import.meta.url).resolve("age-rt-wasm/age_rt.wasm")),
);

/** Everything that JavaScript can call, wasm-bindgen's own (`__…`) aside. A new name is a new door: think before adding it. */
const EXPORTS = [
  "decoder_advance",
  "decoder_detail",
  "decoder_finish",
  "decoder_input",
  "decoder_new",
  "decoder_provideWrapKey",
  "encoder_begin",
  "encoder_detail",
  "encoder_input",
  "encoder_new",
  "encoder_provideWrapKey",
  "encoder_seal",
  "kdfReserve",
  "kdfRun",
  "kdfWipe",
  "liveObjects",
  "memory",
];

/** Everything that the module can call. */
const IMPORTS = [
  "__wbg___wbindgen_throw",
  "__wbg_getRandomValues",
  "__wbindgen_init_externref_table",
];

test("the module exports these names and no others", () => {
  const names = WebAssembly.Module.exports(wasm)
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("__"));
  assert.deepEqual(names.sort(), EXPORTS);
});

test("the module imports the platform's random numbers and what bindings need", () => {
  const names = WebAssembly.Module.imports(wasm).map(({ name }) =>
    name.replace(/_[0-9a-f]{16}$/, ""),
  );
  assert.deepEqual(names.sort(), IMPORTS);
});

test("no public name, and no member of a public class, takes a key", () => {
  const names = Object.entries(age).flatMap(([name, value]) => [
    name,
    ...Object.getOwnPropertyNames(value),
    ...Object.getOwnPropertyNames(value.prototype ?? {}),
  ]);
  const suspects = names.filter((name) =>
    /file.?key|wrap.?key|payload.?key|nonce|salt|random|seed/i.test(name),
  );
  assert.deepEqual(suspects, []);
});
