/**
 * What counts as bytes: every view and ArrayBuffer, as far as it reaches. All else is a TypeError,
 * never silence.
 */
import {
  AgeAutoDecoder,
  AgeAutoDecryptStream,
  AgeDecoder,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecoder,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  armor,
  decrypt,
  encrypt,
  init,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { through } from "../lib/streams.js";
import { concat, detach, utf8 } from "./lib/bytes.js";
import { fate, oneError } from "./lib/fate.js";
import { FORMATS, makeFile, PASSPHRASE, QUICK } from "./lib/files.js";

await init();

const BYTES = Uint8Array.from({ length: 24 }, (_, i) => i * 7 + 1);
const OFFSET = 8;

const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];
if (globalThis.Float16Array) VIEWS.push(Float16Array);

/** The same bytes in every form; views with other bytes around them. */
function forms(bytes) {
  const around = concat(
    new Uint8Array(OFFSET).fill(0xee),
    bytes,
    new Uint8Array(OFFSET).fill(0xee),
  ).buffer;
  const views = VIEWS.filter((View) => bytes.length % (View.BYTES_PER_ELEMENT ?? 1) === 0);
  return [
    ["ArrayBuffer", bytes.slice().buffer],
    ...views.map((View) => [
      View.name,
      new View(around, OFFSET, bytes.length / (View.BYTES_PER_ELEMENT ?? 1)),
    ]),
    [
      "a subclass of Uint8Array",
      new (class Special extends Uint8Array {})(around, OFFSET, bytes.length),
    ],
  ];
}

function detached(value) {
  detach(value.buffer ?? value);
  return value;
}

/** A view on more memory than is left. */
function outOfBounds() {
  const buffer = new ArrayBuffer(16, { maxByteLength: 16 });
  const view = new Uint8Array(buffer, 8, 8);
  buffer.resize(4);
  return view;
}

const WRONG = [
  ["a string", () => "text"],
  ["an empty string", () => ""],
  ["a number", () => 3.14],
  ["null", () => null],
  ["undefined", () => undefined],
  ["true", () => true],
  ["a bigint", () => 1n],
  ["a symbol", () => Symbol("bytes")],
  ["{}", () => ({})],
  ["[65]", () => [65]],
  ["[]", () => []],
  ["a function", () => () => new Uint8Array(1)],
  [
    "an object with a buffer",
    () => ({ buffer: new ArrayBuffer(1), byteOffset: 0, byteLength: 1, length: 1 }),
  ],
  ["an object in the shape of a Uint8Array", () => Object.create(Uint8Array.prototype)],
  ["a Blob", () => new Blob(["text"])],
  ["a detached ArrayBuffer", () => detached(new ArrayBuffer(8))],
  ["a detached Uint8Array", () => detached(new Uint8Array(8))],
  ["a detached Float64Array", () => detached(new Float64Array(8))],
  ["a detached DataView", () => detached(new DataView(new ArrayBuffer(8)))],
];
// A page has shared memory only if it is isolated, but this way always.
const shared = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
WRONG.push(
  ["shared memory", shared],
  ["a Uint8Array on shared memory", () => new Uint8Array(shared(), 0, 8)],
  ["a DataView on shared memory", () => new DataView(shared(), 0, 8)],
);
WRONG.push(["an empty Uint8Array on shared memory", () => new Uint8Array(shared(), 0, 0)]);
if (ArrayBuffer.prototype.resize)
  WRONG.push(["a view beyond the end of its shrunken buffer", outOfBounds]);

const ENCRYPTING = [
  ["AgeEncryptStream", () => new AgeEncryptStream(PASSPHRASE, QUICK)],
  ["AgeRtEncryptStream", () => new AgeRtEncryptStream(PASSPHRASE, QUICK)],
];
const DECRYPTING = [
  ["AgeDecryptStream", "age", () => new AgeDecryptStream(PASSPHRASE)],
  ["AgeRtDecryptStream", "age-rt", () => new AgeRtDecryptStream(PASSPHRASE)],
  ["AgeAutoDecryptStream", "age", () => new AgeAutoDecryptStream(PASSPHRASE)],
];
const ENCODERS = [
  ["AgeEncoder", () => AgeEncoder.create(PASSPHRASE, QUICK)],
  ["AgeRtEncoder", () => AgeRtEncoder.create(PASSPHRASE, QUICK)],
];
const DECODERS = [
  ["AgeDecoder", "age", () => new AgeDecoder(PASSPHRASE)],
  ["AgeRtDecoder", "age-rt", () => new AgeRtDecoder(PASSPHRASE)],
  ["AgeAutoDecoder", "age-rt", () => new AgeAutoDecoder(PASSPHRASE)],
];

for (const [name, make] of ENCRYPTING) {
  for (const [form, chunk] of forms(BYTES)) {
    test(`${name} encrypts ${form}`, async () => {
      assert.bytesEqual(
        await decrypt(concat(...(await through([chunk], make()))), PASSPHRASE),
        BYTES,
      );
    });
  }
}

for (const [name, format, make] of DECRYPTING) {
  test(`${name} decrypts every form of bytes`, async () => {
    const { bytes, plaintexts } = await makeFile(format, [120]);
    // Cut so that every view has whole elements.
    const [head, ...rest] = [
      bytes.subarray(0, bytes.length % 8),
      ...Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) =>
        bytes.subarray((bytes.length % 8) + i * 8, (bytes.length % 8) + i * 8 + 8),
      ),
    ];
    const pieces = [head, ...rest.map((piece, i) => forms(piece)[i % forms(piece).length][1])];
    assert.deepEqual(await through(pieces, make()), plaintexts);
  });
}

for (const [name, make] of ENCODERS) {
  test(`${name} encodes every form of bytes`, async () => {
    for (const [form, chunk] of forms(BYTES)) {
      const encoder = await make();
      const file = concat(encoder.getHeader(), encoder.encodeChunk(chunk, true));
      assert.bytesEqual(await decrypt(file, PASSPHRASE), BYTES, form);
      encoder.free();
    }
  });
}

for (const [name, format, make] of DECODERS) {
  test(`${name} decodes every form of bytes`, async () => {
    const { bytes, plaintexts } = await makeFile(format, [20]);
    const decoder = make();
    const chunks = [];
    for (let at = 0, i = 0; at < bytes.length; i += 1) {
      const piece = bytes.subarray(at, at + decoder.bytesWanted);
      const chunk = decoder.feed(forms(piece)[i % forms(piece).length][1]);
      if (chunk) chunks.push(chunk);
      at += piece.length;
    }
    assert.deepEqual(chunks, plaintexts);
    decoder.free();
  });
}

for (const [form, data] of forms(BYTES)) {
  test(`encrypt() and decrypt() take ${form}`, async () => {
    const wire = await encrypt(data, PASSPHRASE, QUICK);
    const other = forms(wire).find(([name]) => name === form)?.[1] ?? wire;
    assert.bytesEqual(await decrypt(other, PASSPHRASE), BYTES);
  });
}

for (const [what, value] of WRONG) {
  for (const [name, make] of [...ENCRYPTING, ...DECRYPTING.map(([name, , make]) => [name, make])]) {
    test(`${name}: ${what} is a TypeError on both sides`, async () => {
      const seen = await fate(make(), [value()], { open: true });
      assert.ok(oneError(seen) instanceof TypeError, String(seen.read));
      assert.equal(seen.cancelled, seen.read);
    });
  }

  for (const [name, make] of ENCODERS) {
    test(`${name}: ${what} is a TypeError and changes nothing`, async () => {
      const encoder = await make();
      assert.throws(() => encoder.encodeChunk(value(), true), TypeError);
      const file = concat(encoder.getHeader(), encoder.encodeChunk(BYTES, true));
      assert.bytesEqual(await decrypt(file, PASSPHRASE), BYTES);
      encoder.free();
    });
  }

  for (const [name, format, make] of DECODERS) {
    test(`${name}: ${what} is a TypeError and changes nothing`, () => {
      const decoder = make();
      assert.throws(() => decoder.feed(value()), TypeError);
      assert.equal(decoder.bytesWanted, 1);
      decoder.feed(utf8(format === "age" ? "a" : "g"));
      decoder.free();
    });
  }

  if (!["a string", "an empty string", "a Blob"].includes(what)) {
    test(`encrypt() and decrypt(): ${what} is a TypeError`, async () => {
      await assert.rejects(encrypt(value(), PASSPHRASE, QUICK), TypeError);
      await assert.rejects(decrypt(value(), PASSPHRASE), TypeError);
    });
  }

  test(`armor(): ${what} is a TypeError`, () => assert.throws(() => armor(value()), TypeError));
}

for (const format of FORMATS) {
  test(`${format}: a TypeError in the middle comes after what was written before it`, async () => {
    const stream =
      format === "age"
        ? new AgeEncryptStream(PASSPHRASE, { ...QUICK, chunkSize: 10 })
        : new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, maxChunkSize: 10 });
    const seen = await fate(stream, [new Uint8Array(25), "text"], { open: true });
    assert.ok(oneError(seen) instanceof TypeError);
    assert.equal(seen.chunks.length, format === "age" ? 3 : 4);
  });
}

if (ArrayBuffer.prototype.resize) {
  test("a resizable buffer is bytes as long as it is now", async () => {
    const buffer = new ArrayBuffer(5, { maxByteLength: 20 });
    const view = new Uint8Array(buffer);
    buffer.resize(10);
    assert.equal((await decrypt(await encrypt(view, PASSPHRASE, QUICK), PASSPHRASE)).length, 10);
  });
}

for (const expression of [
  "new Uint8Array(3)",
  "new ArrayBuffer(3)",
  "new DataView(new ArrayBuffer(3))",
]) {
  test(`${expression} of another realm is bytes`, async () => {
    const wire = await encrypt(elsewhere(expression), PASSPHRASE, QUICK);
    assert.equal((await decrypt(wire, PASSPHRASE)).length, 3);
  });
}

/** Evaluates in another realm: a frame's, where there is a page. */
function elsewhere(expression) {
  if (!globalThis.document) return process.getBuiltinModule("node:vm").runInNewContext(expression);
  const frame = document.body.appendChild(document.createElement("iframe"));
  return frame.contentWindow.eval(expression);
}
