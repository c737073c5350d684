/**
 * What the shipped module lets in and out: no nonce and no random numbers by any door; a file key at the listed exports only, and that of
 * an encoder only until its header is finished.
 */
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
  "decoder_answer",
  "decoder_detail",
  "decoder_finish",
  "decoder_input",
  "decoder_new",
  "decoder_openAt",
  "encoder_begin",
  "encoder_detail",
  "encoder_input",
  "encoder_new",
  "encoder_provide",
  "encoder_seal",
  "kdfFinish",
  "kdfReserve",
  "kdfStart",
  "kdfStep",
  "kdfWipe",
  "liveObjects",
  "memory",
];

/**
 * Where a file key passes: what an identity has found goes in as an answer; a copy for each recipient comes out by its address, while the
 * header is made. A passphrase's passes nowhere.
 */
const FILE_KEY_PASSES = ["decoder_answer", "encoder_detail"];
/** The number of `detail()` that tells where it is. */
const FILE_KEY = 17;

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

/** An instance without any glue. */
function instance() {
  const imports = {};
  for (const { module, name } of WebAssembly.Module.imports(wasm))
    (imports[module] ??= {})[name] = name.includes("getRandomValues")
      ? (at, len) => crypto.getRandomValues(new Uint8Array(exports.memory.buffer, at, len))
      : () => undefined;
  const { exports } = new WebAssembly.Instance(wasm, imports);
  return exports;
}

/** What `detail()` tells of a file key before begin(), after it, after a stanza, and after the header. */
function shown(workFactor) {
  const core = instance();
  const encoder = core.encoder_new(0, 65_536, workFactor);
  const seen = [];
  const look = () => seen.push(core.encoder_detail(encoder, FILE_KEY) !== 0);
  look();
  core.encoder_begin(encoder);
  look();
  if (workFactor === 0) {
    new Uint8Array(core.memory.buffer)[core.encoder_input(encoder, 1)] = "x".charCodeAt();
    assert.equal(core.encoder_provide(encoder, 1), -4);
    look();
  }
  assert.ok(core.encoder_provide(encoder, 0) > 0);
  look();
  return seen;
}

test("an encoder shows its file key only while recipients make its header", () => {
  assert.ok(FILE_KEY_PASSES.every((name) => EXPORTS.includes(name)));
  assert.deepEqual(shown(0), [false, true, true, false]);
  assert.deepEqual(shown(1), [false, false, false]);
});

test("a decoder takes a file key only where identities were announced", () => {
  const header = new TextEncoder().encode(
    `age-encryption.org/v1\n-> scrypt ${"A".repeat(22)} 1\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`,
  );
  for (const [outside, result] of [
    [0, -16],
    [1, -16 - 22],
  ]) {
    const core = instance();
    const decoder = core.decoder_new(0, 65_536, 20, outside);
    new Uint8Array(core.memory.buffer).set(header, core.decoder_input(decoder, header.length));
    assert.equal(core.decoder_advance(decoder, header.length), -2);
    // `internal`: nobody has asked for it. Else `header-mac`: it was asked for, and is not the right one.
    assert.equal(core.decoder_answer(decoder, 1), result);
  }
});

/** The modules of keys. A secret goes in for one call, as an argument in the slot, and a file key comes out of the unwrapping ones. */
const KEY_EXPORTS = {
  recipients: [
    ...["hybridPublic", "hybridTagWrap", "hybridUnwrap", "hybridWrap", "memory"],
    ...["prfUnwrap", "prfWrap", "slot", "sshFingerprint", "sshPublic", "sshUnwrap", "sshWrap"],
    ...["tagWrap", "x25519Public", "x25519Unwrap", "x25519UnwrapShared", "x25519Wrap"],
  ],
  p256: ["memory", "p256Exchange", "slot"],
};

for (const [name, expected] of Object.entries(KEY_EXPORTS))
  test(`the module ${name} exports these names and no others, and draws its own random numbers`, async () => {
    const file = createRequire(import.meta.url).resolve(`age-rt-wasm/age_rt_${name}.wasm`);
    const module = await WebAssembly.compile(readFileSync(file));
    const names = WebAssembly.Module.exports(module).map((each) => each.name);
    assert.deepEqual(names.filter((each) => !each.startsWith("__")).sort(), expected);
    const imports = WebAssembly.Module.imports(module).map((each) =>
      each.name.replace(/_[0-9a-f]{16}$/, ""),
    );
    assert.deepEqual(
      imports.filter((each) => !IMPORTS.includes(each)),
      [],
    );
    assert.ok(imports.includes("__wbg_getRandomValues"));
  });
