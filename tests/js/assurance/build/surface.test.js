/**
 * What the shipped module lets in and out: no nonce and no random numbers by any door; a file key
 * at the listed exports only, and that of an encoder only until its header is finished.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as age from "age-rt-wasm";

const wasm = await WebAssembly.compile(
  readFileSync(createRequire(import.meta.url).resolve("age-rt-wasm/age_rt.wasm")),
);

/**
 * Everything that JavaScript can call, wasm-bindgen's own (`__…`) aside. A new name is a new door:
 * think before adding it.
 */
const EXPORTS = [
  "chunksOpen",
  "chunksReserve",
  "chunksSeal",
  "chunksStart",
  "decoder_advance",
  "decoder_answer",
  "decoder_detail",
  "decoder_finish",
  "decoder_input",
  "decoder_new",
  "decoder_openAt",
  "decoder_skip",
  "encoder_begin",
  "encoder_detail",
  "encoder_grant",
  "encoder_input",
  "encoder_new",
  "encoder_provide",
  "encoder_rewrap",
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
 * Where a file key passes: what an identity has found goes in as an answer; a copy for each
 * recipient comes out by its address, while the header is made; and a header's, for
 * `decryptHeader()`, between header and nonce. `encoder_rewrap` hands it from one object to the
 * other, unseen.
 */
const FILE_KEY_PASSES = ["decoder_answer", "decoder_detail", "encoder_detail"];
/**
 * What asks for it on purpose: its caller has the header's key, and gets nothing that this key does
 * not open.
 */
const FOR_HEADERS = ["fileKey"];
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
  assert.deepEqual(suspects, FOR_HEADERS);
});

/**
 * Where a payload key passes, of age files alone: out by its address, once there is one, and into a
 * worker's instance, once. Whoever has it can seal under any nonce; what hands out numbers,
 * `encoder_grant`, hands out each of them once.
 */
const PAYLOAD_KEY_PASSES = ["encoder_detail", "decoder_detail", "chunksStart"];
/** The number of `detail()` that tells where it is. */
const PAYLOAD_KEY = 19;

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

/**
 * What `detail()` tells of a file key before begin(), after it, after a stanza, and after the
 * header.
 */
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

/** A header for keys, its file key being all zero. */
async function openedHeader() {
  const utf8 = (text) => new TextEncoder().encode(text);
  const text = "age-encryption.org/v1\n-> x\n\n---";
  const zero = await crypto.subtle.importKey("raw", new Uint8Array(16), "HKDF", false, [
    "deriveBits",
  ]);
  const params = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8("header") };
  const key = await crypto.subtle.deriveBits(params, zero, 256);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const signer = await crypto.subtle.importKey("raw", key, hmac, false, ["sign"]);
  const mac = Buffer.from(await crypto.subtle.sign("HMAC", signer, utf8(text)));
  const header = utf8(`${text} ${mac.toString("base64").replace(/=+$/, "")}\n`);
  const core = instance();
  const decoder = core.decoder_new(2, 65_536, 0, 1);
  const give = (bytes) => {
    new Uint8Array(core.memory.buffer).set(bytes, core.decoder_input(decoder, bytes.length));
    return core.decoder_advance(decoder, bytes.length);
  };
  const shows = () => core.decoder_detail(decoder, FILE_KEY) >= 0;
  return { core, decoder, header, give, shows };
}

test("a decoder shows its file key only between header and nonce, and not once it was given away", async () => {
  for (const givenAway of [false, true]) {
    const { core, decoder, header, give, shows } = await openedHeader();
    const seen = [shows()];
    assert.equal(give(header), -4);
    seen.push(shows());
    assert.equal(core.decoder_answer(decoder, 1), -1);
    seen.push(shows());
    if (givenAway) assert.equal(core.encoder_rewrap(core.encoder_new(0, 65_536, 0), decoder), -4);
    else assert.equal(give(new Uint8Array(16)), -1);
    seen.push(shows());
    assert.deepEqual(seen, [false, false, true, false]);
  }
});

test("an encoder takes no file key from a decoder that has none to give, and seals nothing with one", async () => {
  for (const [before, taken] of [
    [() => undefined, -16],
    [({ give, header }) => give(header), -16],
    [({ give, header, core, decoder }) => (give(header), core.decoder_answer(decoder, 1)), -4],
    [
      ({ give, header, core, decoder }) => (
        give(header),
        core.decoder_answer(decoder, 1),
        give(new Uint8Array(16))
      ),
      -16,
    ],
  ]) {
    const opened = await openedHeader();
    before(opened);
    const { core, decoder } = opened;
    const encoder = core.encoder_new(1, 1, 0);
    assert.equal(core.encoder_rewrap(encoder, decoder), taken);
    if (taken === -16) continue;
    // Once only, and whoever gave it reads nothing any more.
    assert.equal(core.encoder_rewrap(core.encoder_new(0, 65_536, 0), decoder), -16);
    assert.equal(core.decoder_advance(decoder, 0), -16);
    new Uint8Array(core.memory.buffer)[core.encoder_input(encoder, 1)] = "y".charCodeAt();
    assert.equal(core.encoder_provide(encoder, 1), -4);
    const len = core.encoder_provide(encoder, 0);
    const at = core.encoder_detail(encoder, 0);
    const text = Buffer.from(core.memory.buffer, at, len).toString("latin1");
    assert.match(text, /^age-encryption\.org\/v1\n-> y\n\n--- [\w+/]{43}\n$/);
    assert.equal(core.encoder_seal(encoder, 0, 1), -16);
  }
});

test("an encoder shows its payload key from its header to its final chunk, and never of age-rt", () => {
  assert.ok(PAYLOAD_KEY_PASSES.every((name) => EXPORTS.includes(name)));
  const seen = [0, 1].map((format) => {
    const core = instance();
    const encoder = core.encoder_new(format, 65_536, 1);
    const look = () => core.encoder_detail(encoder, PAYLOAD_KEY) !== 0;
    const before = look();
    core.encoder_begin(encoder);
    const during = look();
    core.encoder_provide(encoder, 0);
    const after = look();
    assert.ok(core.encoder_seal(encoder, 0, 1) > 0);
    return [before, during, after, look()];
  });
  assert.deepEqual(seen, [
    [false, false, true, false],
    [false, false, false, false],
  ]);
});

test("an encoder gives away each number once, after its header, and none of age-rt", () => {
  const core = instance();
  const encoder = core.encoder_new(0, 1, 1);
  assert.equal(core.encoder_grant(encoder, 1), -16);
  core.encoder_begin(encoder);
  core.encoder_provide(encoder, 0);
  assert.equal(core.encoder_grant(encoder, 2), 0);
  core.encoder_input(encoder, 1);
  assert.equal(core.encoder_seal(encoder, 1, 0), 17);
  assert.equal(core.encoder_grant(encoder, 3), 3);
  assert.equal(core.encoder_grant(encoder, 1), 6);
  core.encoder_input(encoder, 1);
  assert.equal(core.encoder_seal(encoder, 1, 1), 17);
  assert.equal(core.encoder_grant(encoder, 1), -16 - 6);
  const live = core.encoder_new(1, 1, 1);
  core.encoder_begin(live);
  core.encoder_provide(live, 0);
  assert.equal(core.encoder_grant(live, 1), -16);
});

test("a worker's instance takes one key, and seals no number again", () => {
  const core = instance();
  const fill = (bytes) => {
    const at = core.chunksReserve(bytes.length);
    new Uint8Array(core.memory.buffer).set(bytes, at);
  };
  assert.equal(core.chunksStart(1), -16, "there is no key");
  fill(new Uint8Array(34).fill(7));
  assert.equal(core.chunksStart(1), 0);
  fill(new Uint8Array(34).fill(8));
  assert.equal(core.chunksStart(1), -16, "a second key");
  assert.equal(core.chunksSeal(34, 5), 0);
  for (const index of [0, 5, 6]) assert.equal(core.chunksSeal(34, index), -16, `again ${index}`);
  assert.equal(core.chunksSeal(34, 7), 0);
  assert.equal(core.chunksSeal(33, 9), -16, "no whole chunks");
  assert.equal(core.chunksSeal(51, 9), -16, "more than there is");
});

test("the key that a worker's instance takes is wiped where it was put", () => {
  const core = instance();
  const at = core.chunksReserve(32);
  new Uint8Array(core.memory.buffer).set(new Uint8Array(32).fill(7), at);
  core.chunksStart(1);
  assert.deepEqual(new Uint8Array(core.memory.buffer, at, 32), new Uint8Array(32));
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
    // `internal`: nobody has asked for it. Else `header-mac`: it was asked for, and is not the
    // right one.
    assert.equal(core.decoder_answer(decoder, 1), result);
  }
});

/**
 * The modules of keys. A secret goes in for one call, as an argument in the slot, and a file key
 * comes out of the unwrapping ones.
 */
const KEY_EXPORTS = {
  recipients: [
    ...["hybridOpen", "hybridSeal", "hybridTagSeal", "memory", "prfUnwrap", "prfWrap", "slot"],
    ...["sshFingerprint", "sshUnwrap", "sshWrap"],
    ...["tagWrap", "x25519Public", "x25519Unwrap", "x25519UnwrapShared", "x25519Wrap"],
  ],
  hybrid: [
    ...["hybridDecapsulate", "hybridEncapsulate", "hybridExpand", "hybridPublic"],
    ...["hybridTagEncapsulate", "memory", "slot"],
  ],
  p256: ["memory", "p256Exchange", "slot", "sshScalar"],
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
