/**
 * The stream classes as objects: what their constructors take, and the shape that the platform's
 * own streams have.
 */
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { PASSPHRASE } from "./lib/files.js";

// By the names of their exports: the build shortens those of the classes.
const STREAMS = [
  { name: "AgeEncryptStream", Stream: AgeEncryptStream, size: "chunkSize", factor: "workFactor" },
  {
    name: "AgeRtEncryptStream",
    Stream: AgeRtEncryptStream,
    size: "maxChunkSize",
    factor: "workFactor",
  },
  {
    name: "AgeDecryptStream",
    Stream: AgeDecryptStream,
    size: "chunkSize",
    factor: "maxWorkFactor",
  },
  {
    name: "AgeRtDecryptStream",
    Stream: AgeRtDecryptStream,
    size: "maxChunkSize",
    factor: "maxWorkFactor",
  },
  {
    name: "AgeAutoDecryptStream",
    Stream: AgeAutoDecryptStream,
    size: "maxChunkSize",
    factor: "maxWorkFactor",
  },
];

function show(value) {
  return typeof value === "string"
    ? JSON.stringify(value)
    : Object.is(value, -0)
      ? "-0"
      : String(value && typeof value === "object" ? JSON.stringify(value) : value);
}

for (const { name, Stream, size, factor } of STREAMS) {
  test(`${name}() without new is a TypeError`, () =>
    assert.throws(() => Stream(PASSPHRASE), TypeError));

  for (const key of [
    undefined,
    null,
    1,
    true,
    {},
    ["passphrase"],
    Symbol("key"),
    new Uint8Array(32),
    () => PASSPHRASE,
    new String(PASSPHRASE),
  ]) {
    test(`new ${name}() of ${typeof key === "symbol" ? "a symbol" : show(key)} is a TypeError`, () =>
      assert.throws(() => new Stream(key), TypeError));
  }

  test(`new ${name}() of nothing is a TypeError`, () =>
    assert.throws(() => new Stream(), TypeError));
  test(`new ${name}() of an empty passphrase is a RangeError`, () =>
    assert.throws(() => new Stream(""), RangeError));

  for (const [what, passphrase] of [
    ["a high surrogate", "a\ud800"],
    ["a low surrogate", "\udc00a"],
    ["surrogates in the wrong order", "\udc00\ud800"],
  ]) {
    test(`new ${name}() of a passphrase with ${what} alone is a TypeError`, () =>
      assert.throws(() => new Stream(passphrase), TypeError));
  }

  test(`new ${name}() of a passphrase with a surrogate pair is fine`, () =>
    assert.ok(new Stream("\ud83d\udd10")));

  for (const options of [null, 1, "x", true]) {
    test(`new ${name}() with options ${show(options)} is a TypeError`, () =>
      assert.throws(() => new Stream(PASSPHRASE, options), TypeError));
  }

  for (const value of [0, -1, -0, 1.5, NaN, Infinity, 16_777_217]) {
    test(`new ${name}() with ${size} ${show(value)} is a RangeError`, () =>
      assert.throws(() => new Stream(PASSPHRASE, { [size]: value }), RangeError));
  }

  const aboveLimit = factor === "workFactor" ? 21 : 23;
  for (const value of [0, -1, 1.5, NaN, Infinity, aboveLimit]) {
    test(`new ${name}() with ${factor} ${show(value)} is a RangeError`, () =>
      assert.throws(() => new Stream(PASSPHRASE, { [factor]: value }), RangeError));
  }

  for (const option of [size, factor]) {
    for (const value of [null, "1", true, 1n, {}]) {
      test(`new ${name}() with ${option} ${typeof value === "bigint" ? "1n" : show(value)} is a TypeError`, () =>
        assert.throws(() => new Stream(PASSPHRASE, { [option]: value }), TypeError));
    }

    test(`new ${name}() with ${option} undefined is as without it`, () =>
      assert.ok(new Stream(PASSPHRASE, { [option]: undefined })));
  }

  test(`new ${name}() takes the limits`, () => {
    for (const options of [
      { [size]: 1 },
      { [size]: 16_777_216 },
      { [factor]: 1 },
      { [factor]: 20 },
    ])
      assert.ok(new Stream(PASSPHRASE, options));
  });

  for (const signal of [null, 1, "x", true, {}, new AbortController()]) {
    test(`new ${name}() with signal ${show(signal)} is a TypeError`, () =>
      assert.throws(() => new Stream(PASSPHRASE, { signal }), TypeError));
  }

  test(`new ${name}() passes on what a getter of the options throws`, () => {
    const error = new Error("from the getter");
    const options = Object.defineProperty({}, size, {
      get() {
        throw error;
      },
    });
    assert.throws(
      () => new Stream(PASSPHRASE, options),
      (thrown) => thrown === error,
    );
  });

  test(`${name}: readable and writable are streams`, () => {
    const stream = new Stream(PASSPHRASE);
    assert.ok(
      stream.readable instanceof ReadableStream && stream.writable instanceof WritableStream,
    );
  });

  test(`${name}: readable and writable are the same each time`, () => {
    const stream = new Stream(PASSPHRASE);
    assert.ok(stream.readable === stream.readable && stream.writable === stream.writable);
  });

  test(`${name}: readable and writable are not locked`, () => {
    const stream = new Stream(PASSPHRASE);
    assert.ok(!stream.readable.locked && !stream.writable.locked);
  });

  for (const side of ["readable", "writable"]) {
    test(`${name}: ${side} is a getter of the prototype, and none of the object's own`, () => {
      const stream = new Stream(PASSPHRASE);
      assert.ok(!Object.hasOwn(stream, side));
      assert.equal(typeof accessor(stream, side).get, "function");
      assert.equal(accessor(stream, side).set, undefined);
    });

    test(`${name}: ${side} cannot be assigned`, () => {
      const stream = new Stream(PASSPHRASE);
      const before = stream[side];
      assert.throws(() => (stream[side] = undefined), TypeError);
      assert.equal(stream[side], before);
    });

    for (const [what, receiver] of [
      ["an object", {}],
      ["undefined", undefined],
      ["a TransformStream", new TransformStream()],
      ["its prototype", Stream.prototype],
      ["an object that inherits from a stream", Object.create(new Stream(PASSPHRASE))],
    ]) {
      test(`${name}: the getter of ${side} refuses ${what}`, () => {
        const { get } = accessor(new Stream(PASSPHRASE), side);
        assert.throws(() => get.call(receiver), TypeError);
      });
    }
  }

  test(`${name}: Symbol.toStringTag`, () =>
    assert.equal(Object.prototype.toString.call(new Stream(PASSPHRASE)), `[object ${name}]`));

  test(`${name} can be extended`, () => {
    class Special extends Stream {
      constructor() {
        super(PASSPHRASE);
      }

      get readable() {
        return super.readable;
      }
    }
    const special = new Special();
    assert.ok(
      special instanceof Stream &&
        special.readable instanceof ReadableStream &&
        special.writable instanceof WritableStream,
    );
  });

  test(`${name}: the desired size of the writable is 1`, () => {
    const writer = new Stream(PASSPHRASE).writable.getWriter();
    assert.equal(writer.desiredSize, 1);
  });

  test(`${name}: the readable gives no bytes by BYOB readers`, () => {
    assert.throws(() => new Stream(PASSPHRASE).readable.getReader({ mode: "byob" }), TypeError);
  });
}

for (const { name, Stream } of STREAMS.filter(
  ({ size, factor }) => size === "maxChunkSize" && factor === "maxWorkFactor",
)) {
  for (const value of [null, 0, 1, "true", {}]) {
    test(`new ${name}() with closeAtFinal ${show(value)} is a TypeError`, () =>
      assert.throws(() => new Stream(PASSPHRASE, { closeAtFinal: value }), TypeError));
  }
}

/** From wherever in the chain of prototypes it is. */
function accessor(object, name) {
  for (let at = Object.getPrototypeOf(object); at; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found) return found;
  }
  return undefined;
}
