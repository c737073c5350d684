/**
 * The encoder classes: what they take, what they refuse without changing, and what freeing them
 * does.
 */
import { liveObjects } from "../lib/instances.js";
import { AgeEncoder, AgeRtEncoder, decrypt, init } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { concat, lengths } from "./lib/bytes.js";
import { coded } from "./lib/errors.js";
import { fieldsOf, LENGTH_LEN, makeFile, PASSPHRASE, QUICK, TAG_LEN } from "./lib/files.js";

await init();

const CHUNK_SIZE = 10;
const ENCODERS = [
  { name: "AgeEncoder", Encoder: AgeEncoder, size: "chunkSize", format: "age" },
  { name: "AgeRtEncoder", Encoder: AgeRtEncoder, size: "maxChunkSize", format: "age-rt" },
];

function plaintextOf(parts) {
  return decrypt(concat(...parts), PASSPHRASE, { maxChunkSize: 65_536 });
}

for (const { name, Encoder, size, format } of ENCODERS) {
  const make = () => Encoder.create(PASSPHRASE, { ...QUICK, [size]: CHUNK_SIZE });
  const full = () => new Uint8Array(CHUNK_SIZE).fill(1);

  test(`${name}: fromPassphrase() and the standard work factor`, async () => {
    const encoder = Encoder.fromPassphrase(PASSPHRASE);
    const file = concat(encoder.getHeader(), encoder.encodeChunk(full(), true));
    assert.ok(new TextDecoder().decode(file.subarray(0, 150)).includes(" 18\n"));
    assert.bytesEqual(await decrypt(file, PASSPHRASE), full());
    encoder.free();
  });

  test(`${name}: fromPassphrase() with a chunk size`, async () => {
    const encoder = Encoder.fromPassphrase(PASSPHRASE, CHUNK_SIZE);
    assert.throws(() => encoder.encodeChunk(new Uint8Array(CHUNK_SIZE + 1)), RangeError);
    const parameter = format === "age" ? "chunk" : "maxchunk";
    assert.ok(
      new TextDecoder()
        .decode(encoder.getHeader().subarray(0, 80))
        .includes(`?${parameter}=${CHUNK_SIZE}\n`),
    );
    encoder.free();
  });

  test(`${name}: create() gives an encoder that encodes`, async () => {
    const encoder = await make();
    assert.bytesEqual(
      await plaintextOf([
        encoder.getHeader(),
        encoder.encodeChunk(full(), false),
        encoder.encodeChunk(full(), true),
      ]),
      concat(full(), full()),
    );
    encoder.free();
  });

  test(`${name}: create() takes the work factor`, async () => {
    const encoder = await Encoder.create(PASSPHRASE, { workFactor: 7 });
    assert.ok(new TextDecoder().decode(encoder.getHeader()).includes(" 7\n"));
    encoder.free();
  });

  test(`${name}: create() with a signal that is aborted rejects with its reason`, async () => {
    const reason = new Error("enough");
    await assert.rejects(
      Encoder.create(PASSPHRASE, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  test(`${name}: create() with a signal that is aborted during the derivation leaves nothing`, async () => {
    const before = liveObjects();
    const reason = new Error("enough");
    const abort = new AbortController();
    let heard = 0;
    // Told when it begins: it is under way at once.
    const onDerivation = () => {
      heard += 1;
      queueMicrotask(() => abort.abort(reason));
    };
    await assert.rejects(
      Encoder.create(PASSPHRASE, { signal: abort.signal, onDerivation }),
      (error) => error === reason,
    );
    assert.equal(heard, 1);
    assert.equal(liveObjects(), before);
  });

  test(`${name}: getHeader() is the same each time, and a copy`, async () => {
    const encoder = await make();
    const header = encoder.getHeader();
    encoder.getHeader().fill(0);
    assert.bytesEqual(encoder.getHeader(), header);
    encoder.free();
  });

  test(`${name}: the header is one of the format, with a nonce`, async () => {
    const encoder = await make();
    const header = encoder.getHeader();
    const { nonce } = fieldsOf({ bytes: header, header: header.length });
    assert.equal(nonce[1] - nonce[0], 16);
    assert.equal(header.length, (await makeFile(format, [0], { chunkSize: CHUNK_SIZE })).header);
    encoder.free();
  });

  test(`${name}: salt, body and nonce are new each time`, async () => {
    const encoders = await Promise.all([make(), make()]);
    const [one, other] = encoders.map((encoder) => encoder.getHeader());
    for (const field of ["salt", "body", "mac", "nonce"]) {
      const [start, end] = fieldsOf({ bytes: one, header: one.length })[field];
      assert.ok(String(one.subarray(start, end)) !== String(other.subarray(start, end)), field);
    }
    for (const encoder of encoders) encoder.free();
  });

  test(`${name}: finalized tells whether the final chunk was encoded`, async () => {
    const encoder = await make();
    const seen = [encoder.finalized];
    encoder.encodeChunk(full(), false);
    seen.push(encoder.finalized);
    encoder.encodeChunk(full(), true);
    seen.push(encoder.finalized);
    assert.deepEqual(seen, [false, false, true]);
    encoder.free();
  });

  test(`${name}: after the final chunk there is none`, async () => {
    const encoder = await make();
    encoder.encodeChunk(full(), true);
    for (const final of [undefined, false, true])
      assert.throws(() => encoder.encodeChunk(full(), final), coded("already-finalized"));
    assert.ok(encoder.getHeader().length > 0);
    encoder.free();
  });

  test(`${name}: a chunk above the size is a RangeError and changes nothing`, async () => {
    const encoder = await make();
    for (const final of [undefined, false, true])
      assert.throws(() => encoder.encodeChunk(new Uint8Array(CHUNK_SIZE + 1), final), RangeError);
    assert.bytesEqual(
      await plaintextOf([encoder.getHeader(), encoder.encodeChunk(full(), true)]),
      full(),
    );
    encoder.free();
  });

  for (const final of [null, 0, 1, "true", {}]) {
    test(`${name}: isFinal ${JSON.stringify(final)} is a TypeError and changes nothing`, async () => {
      const encoder = await make();
      assert.throws(() => encoder.encodeChunk(full(), final), TypeError);
      assert.bytesEqual(
        await plaintextOf([encoder.getHeader(), encoder.encodeChunk(full(), true)]),
        full(),
      );
      encoder.free();
    });
  }

  test(`${name}: what comes out owns its buffer`, async () => {
    const encoder = await make();
    for (const bytes of [
      encoder.getHeader(),
      encoder.encodeChunk(full(), false),
      encoder.encodeChunk(full(), true),
    ]) {
      assert.ok(
        bytes.constructor === Uint8Array &&
          bytes.buffer.constructor === ArrayBuffer &&
          bytes.buffer.byteLength === bytes.length,
      );
    }
    encoder.free();
  });

  test(`${name}: a chunk does not change when the next is encoded`, async () => {
    const encoder = await make();
    const chunk = encoder.encodeChunk(full(), false);
    const copy = chunk.slice();
    encoder.encodeChunk(full(), true);
    assert.bytesEqual(chunk, copy);
    encoder.free();
  });

  for (const [how, free] of [
    ["free()", (encoder) => encoder.free()],
    ["Symbol.dispose", (encoder) => encoder[Symbol.dispose]()],
  ]) {
    if (how === "Symbol.dispose" && !Symbol.dispose) continue;
    test(`${name}: after ${how} everything is freed`, async () => {
      const before = liveObjects();
      const encoder = await make();
      free(encoder);
      assert.equal(liveObjects(), before);
      for (const use of [
        () => encoder.getHeader(),
        () => encoder.encodeChunk(full()),
        () => encoder.finalized,
      ])
        assert.throws(use, coded("freed"));
    });

    test(`${name}: ${how} can be repeated`, async () => {
      const encoder = await make();
      free(encoder);
      free(encoder);
      encoder.free();
    });

    test(`${name}: ${how} after the final chunk`, async () => {
      const before = liveObjects();
      const encoder = await make();
      encoder.encodeChunk(full(), true);
      free(encoder);
      assert.equal(liveObjects(), before);
      assert.throws(() => encoder.encodeChunk(full()), coded("freed"));
    });
  }

  test(`${name}: an object that was not made by it is a TypeError`, () => {
    for (const receiver of [{}, Object.create(Encoder.prototype)]) {
      assert.throws(() => Encoder.prototype.getHeader.call(receiver), TypeError);
      assert.throws(() => Encoder.prototype.encodeChunk.call(receiver, full()), TypeError);
    }
  });

  const ways = {
    "fromPassphrase()": async (passphrase, chunkSize) =>
      Encoder.fromPassphrase(passphrase, chunkSize),
    "create()": (passphrase, chunkSize) => Encoder.create(passphrase, { [size]: chunkSize }),
  };
  for (const [way, call] of Object.entries(ways)) {
    test(`${name}: ${way} of an empty passphrase is a RangeError`, () =>
      assert.rejects(call(""), RangeError));
    test(`${name}: ${way} of a lone surrogate is a TypeError`, () =>
      assert.rejects(call("a\ud800"), TypeError));

    for (const passphrase of [undefined, null, 1, {}, new Uint8Array(3)]) {
      test(`${name}: ${way} of ${passphrase instanceof Uint8Array ? "bytes" : JSON.stringify(passphrase)} is a TypeError`, () =>
        assert.rejects(call(passphrase), TypeError));
    }

    for (const chunkSize of [0, -1, 1.5, NaN, Infinity, 16_777_217]) {
      test(`${name}: ${way} with a size of ${chunkSize} is a RangeError`, () =>
        assert.rejects(call(PASSPHRASE, chunkSize), RangeError));
    }

    for (const chunkSize of [null, "10", true, [10]]) {
      test(`${name}: ${way} with a size of ${JSON.stringify(chunkSize)} is a TypeError`, () =>
        assert.rejects(call(PASSPHRASE, chunkSize), TypeError));
    }
  }

  for (const workFactor of [0, 21, -1, 1.5, NaN]) {
    test(`${name}: create() with a work factor of ${workFactor} is a RangeError`, () =>
      assert.rejects(Encoder.create(PASSPHRASE, { workFactor }), RangeError));
  }

  for (const options of [null, 1, "x", { workFactor: "18" }, { signal: {} }]) {
    test(`${name}: create() with options ${JSON.stringify(options)} is a TypeError`, () =>
      assert.rejects(Encoder.create(PASSPHRASE, options), TypeError));
  }
}

test("AgeRtEncoder: a chunk is its length, the ciphertext and the tag", async () => {
  const encoder = await AgeRtEncoder.create(PASSPHRASE, QUICK);
  const chunk = encoder.encodeChunk(new Uint8Array(5));
  assert.equal(chunk.length, LENGTH_LEN + 5 + TAG_LEN);
  assert.equal(new DataView(chunk.buffer).getUint32(0), 5 + TAG_LEN);
  encoder.free();
});

test("AgeRtEncoder: no chunk is final unless it is said", async () => {
  const encoder = await AgeRtEncoder.create(PASSPHRASE, QUICK);
  for (const length of [0, 1, 65_536]) encoder.encodeChunk(new Uint8Array(length));
  assert.equal(encoder.finalized, false);
  encoder.free();
});

test("AgeRtEncoder: an empty final chunk after others is fine", async () => {
  const encoder = await AgeRtEncoder.create(PASSPHRASE, QUICK);
  const parts = [
    encoder.getHeader(),
    encoder.encodeChunk(new Uint8Array(3)),
    encoder.encodeChunk(new Uint8Array(0), true),
  ];
  assert.equal((await plaintextOf(parts)).length, 3);
  encoder.free();
});

test("AgeEncoder: a chunk is the ciphertext and the tag", async () => {
  const encoder = await AgeEncoder.create(PASSPHRASE, QUICK);
  assert.deepEqual(
    lengths([encoder.encodeChunk(new Uint8Array(65_536)), encoder.encodeChunk(new Uint8Array(5))]),
    [65_536 + TAG_LEN, 5 + TAG_LEN],
  );
  encoder.free();
});

test("AgeEncoder: a short chunk is final unless something else is said", async () => {
  const encoder = await AgeEncoder.create(PASSPHRASE, QUICK);
  encoder.encodeChunk(new Uint8Array(5));
  assert.equal(encoder.finalized, true);
  encoder.free();
});

test("AgeEncoder: a full chunk is not", async () => {
  const encoder = await AgeEncoder.create(PASSPHRASE, QUICK);
  encoder.encodeChunk(new Uint8Array(65_536));
  assert.equal(encoder.finalized, false);
  encoder.free();
});

test("AgeEncoder: a short chunk that is not final is a RangeError and changes nothing", async () => {
  const encoder = await AgeEncoder.create(PASSPHRASE, QUICK);
  for (const length of [0, 5])
    assert.throws(() => encoder.encodeChunk(new Uint8Array(length), false), RangeError);
  assert.equal(
    (await plaintextOf([encoder.getHeader(), encoder.encodeChunk(new Uint8Array(7))])).length,
    7,
  );
  encoder.free();
});

test("AgeEncoder: an empty final chunk after others is a RangeError and changes nothing", async () => {
  const encoder = await AgeEncoder.create(PASSPHRASE, { ...QUICK, chunkSize: CHUNK_SIZE });
  const parts = [encoder.getHeader(), encoder.encodeChunk(new Uint8Array(CHUNK_SIZE))];
  for (const final of [undefined, true])
    assert.throws(() => encoder.encodeChunk(new Uint8Array(0), final), RangeError);
  parts.push(encoder.encodeChunk(new Uint8Array(CHUNK_SIZE), true));
  assert.equal((await plaintextOf(parts)).length, 2 * CHUNK_SIZE);
  encoder.free();
});

test("AgeEncoder: an empty final chunk alone is an empty file", async () => {
  const encoder = await AgeEncoder.create(PASSPHRASE, QUICK);
  assert.equal(
    (await plaintextOf([encoder.getHeader(), encoder.encodeChunk(new Uint8Array(0))])).length,
    0,
  );
  encoder.free();
});
