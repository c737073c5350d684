/**
 * On the JavaScript side: bytes of passphrases and keys are wiped or given away, and nothing that
 * can be printed shows one.
 */
import { holds, trapAt } from "../lib/instances.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import threads from "node:worker_threads";

let count = 0;
const encoded = [];
const derived = [];

class WatchedEncoder extends TextEncoder {
  encode(text) {
    const bytes = super.encode(text);
    if (text.startsWith("passphrase")) encoded.push(bytes);
    return bytes;
  }
}
globalThis.TextEncoder = WatchedEncoder;

const Native = threads.Worker;
threads.Worker = class Worker extends Native {
  constructor(...args) {
    super(...args);
    // First in line: what the package does with the key comes after.
    this.on("message", (message) => {
      if (!(message instanceof Uint8Array)) return;
      derived.push({ array: message, copy: Buffer.from(message) });
      onKey();
    });
  }
};

/** Called when a key arrives, before the package has it. */
let onKey = () => undefined;

const age = await import("age-rt-wasm");
const notInitialized = newPassphrase();
assert.throws(() => new age.AgeDecoder(notInitialized), { code: "not-initialized" });
assert.throws(() => age.AgeEncoder.fromPassphrase(notInitialized), { code: "not-initialized" });
const encodedBeforeInit = encoded.splice(0);
await age.init();

/** What a worker has, and what is derived on the spot. */
const LOW = { workFactor: 10 };
const ON_THE_SPOT = { workFactor: 1 };

function newPassphrase() {
  count += 1;
  return `passphrase ${count}: Wg5ah$ru2 ${process.pid}`;
}

/** Wiped, or moved to another thread. */
function assertSpent(arrays) {
  assert.ok(arrays.length > 0, "none was seen");
  for (const array of arrays)
    assert.ok(array.length === 0 || array.every((byte) => byte === 0), "it holds something");
}

async function outcomes(passphrase, work = LOW) {
  const data = new Uint8Array(100_000);
  const file = await age.encrypt(data, passphrase, work);
  await age.decrypt(file, passphrase);
  const changed = file.slice();
  changed[500] ^= 1;
  await assert.rejects(age.decrypt(changed, passphrase), { code: "chunk-authentication" });
  await assert.rejects(age.decrypt(file.subarray(0, 50), passphrase), { code: "truncated" });
  await assert.rejects(age.decrypt(file, passphrase, { signal: AbortSignal.abort() }), {
    name: "AbortError",
  });
  const other = `${passphrase}, but wrong`;
  await assert.rejects(age.decrypt(file, other), { code: "wrong-passphrase" });
  new age.AgeDecoder(passphrase).free();
  const pair = new age.AgeDecryptStream(passphrase);
  await pair.readable.cancel();
}

for (const [where, work] of Object.entries({
  "wiped or given to the worker": LOW,
  "wiped where no worker takes part": ON_THE_SPOT,
})) {
  test(`the bytes of every passphrase are ${where}, however it ends`, async () => {
    encoded.length = 0;
    await outcomes(newPassphrase(), work);
    assert.ok(encoded.length >= 7);
    assertSpent(encoded);
  });
}

test("the bytes of a passphrase that came before init() are wiped", () => {
  assert.equal(encodedBeforeInit.length, 2);
  assertSpent(encodedBeforeInit);
});

test("the bytes of a passphrase whose object could not be made are wiped", async () => {
  const passphrase = newPassphrase();
  encoded.length = 0;
  for (const make of [
    () => new age.AgeDecoder(passphrase),
    () => age.AgeEncoder.fromPassphrase(passphrase),
  ]) {
    const restore = trapAt(0);
    assert.throws(make, { code: "internal" });
    restore();
    await age.init();
  }
  assertSpent(encoded);
});

test("a wrap key that comes after the abort is wiped", async () => {
  const file = await age.encrypt("text", newPassphrase(), LOW);
  const controller = new AbortController();
  derived.length = 0;
  onKey = () => controller.abort();
  await assert.rejects(age.decrypt(file, "another", { signal: controller.signal }), {
    name: "AbortError",
  });
  onKey = () => undefined;
  assertSpent(derived.map(({ array }) => array));
});

test("the wrap key that the worker gives is wiped after its one use", async () => {
  derived.length = 0;
  await outcomes(newPassphrase());
  assert.ok(derived.length >= 4);
  for (const { copy } of derived) {
    assert.equal(copy.length, 32);
    assert.ok(
      copy.some((byte) => byte !== 0),
      "it was a key",
    );
    assert.ok(!holds(copy), "not in WebAssembly either");
  }
  assertSpent(derived.map(({ array }) => array));
});

test("so is one that was derived on the spot", async () => {
  const copies = [];
  const native = Uint8Array.prototype.slice;
  Uint8Array.prototype.slice = function slice(...range) {
    const array = native.apply(this, range);
    if (array.length === 32) copies.push({ array, copy: Buffer.from(array) });
    return array;
  };
  try {
    await outcomes(newPassphrase(), ON_THE_SPOT);
  } finally {
    Uint8Array.prototype.slice = native;
  }
  assert.ok(copies.length >= 4);
  assert.ok(
    copies.every(({ copy }) => copy.some((byte) => byte !== 0)),
    "they were keys",
  );
  assertSpent(copies.map(({ array }) => array));
});

describe("what can be printed", () => {
  /** As a passphrase's text, its bytes in the usual notations, and the base64 of them. */
  function shows(text, passphrase) {
    const bytes = Buffer.from(passphrase);
    // Long arrays are printed in columns.
    const dense = text.replace(/\s+/g, "");
    // JSON makes an object with an index for each byte of a typed array.
    const indexed = JSON.stringify({ ...bytes }).slice(1, -1);
    return (
      text.includes(passphrase) ||
      [bytes.toString("hex"), bytes.toString("base64").slice(0, -3), bytes.join(","), indexed].some(
        (form) => dense.includes(form),
      )
    );
  }

  function printed(value) {
    const forms = [
      String(value),
      Object.prototype.toString.call(value),
      inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    ];
    try {
      forms.push(JSON.stringify(value) ?? "");
    } catch {
      // A getter that throws prints nothing.
    }
    return forms.join("\n");
  }

  test("the search finds a passphrase where there is one", () => {
    const passphrase = newPassphrase();
    const bytes = new TextEncoder().encode(passphrase);
    for (const held of [
      passphrase,
      bytes,
      bytes.buffer,
      Buffer.from(bytes),
      [...bytes],
      Buffer.from(bytes).toString("base64"),
    ]) {
      assert.ok(shows(printed({ held }), passphrase));
      assert.ok(shows(inspect({ held }, { showHidden: true, depth: Infinity }), passphrase));
    }
    assert.ok(shows(JSON.stringify({ bytes }), passphrase));
  });

  test("no object shows the passphrase it was made with", async () => {
    const passphrase = newPassphrase();
    const promise = age.AgeEncoder.create(passphrase, LOW);
    const objects = [
      new age.AgeDecoder(passphrase),
      new age.AgeRtDecoder(passphrase),
      new age.AgeAutoDecoder(passphrase),
      await age.AgeEncoder.create(passphrase, LOW),
      await age.AgeRtEncoder.create(passphrase, LOW),
      new age.AgeEncryptStream(passphrase, LOW),
      new age.AgeRtEncryptStream(passphrase, LOW),
      new age.AgeDecryptStream(passphrase),
      new age.AgeRtDecryptStream(passphrase),
      new age.AgeAutoDecryptStream(passphrase),
      new age.AgeEncryptStream(promise),
      age.decrypt(new Uint8Array(1), passphrase).catch((error) => error),
    ];
    for (const object of objects)
      assert.ok(!shows(printed(object), passphrase), object.constructor.name);
    for (const object of objects) object.free?.();
    await Promise.all(objects.map((object) => object.readable?.cancel()));
  });

  test("no error shows the passphrase, its causes included", async () => {
    const passphrase = newPassphrase();
    const file = await age.encrypt(new Uint8Array(1000), passphrase, LOW);
    const failures = [
      () => age.decrypt(file, `${passphrase}!`),
      () => age.decrypt(file.subarray(1), passphrase),
      () => age.decrypt(file.subarray(0, 300), passphrase),
      () =>
        age.decrypt(
          file.map((byte, i) => (i === file.length - 1 ? byte ^ 1 : byte)),
          passphrase,
        ),
      () => age.decrypt("not armor", passphrase),
      () => age.decrypt(file, `${passphrase}\ud800`),
      () => age.encrypt("x", `${passphrase}\ud800`),
      () => age.encrypt("x", { passphrase }),
      () => age.encrypt("x", passphrase, { workFactor: 99 }),
      () => age.decrypt(file, passphrase, { maxWorkFactor: -1 }),
      () => age.encrypt({}, passphrase),
    ];
    for (const failing of failures) {
      const error = await Promise.resolve()
        .then(failing)
        .then(
          () => assert.fail("it should fail"),
          (thrown) => thrown,
        );
      assert.notEqual(error.code, "ERR_ASSERTION");
      for (let each = error; each; each = each.cause)
        assert.ok(!shows(printed(each) + each.stack, passphrase), error.message);
    }
  });

  test("nothing is written to the console, whatever happens", async () => {
    const names = Object.keys(console).filter((name) => typeof console[name] === "function");
    const natives = names.map((name) => console[name]);
    const said = [];
    for (const name of names) console[name] = (...args) => said.push([name, ...args]);
    try {
      await outcomes(newPassphrase());
    } finally {
      names.forEach((name, i) => (console[name] = natives[i]));
    }
    assert.deepEqual(said, []);
  });
});
