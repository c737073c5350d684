/**
 * The push decoders: how many bytes they want, what they refuse without changing, errors that stay,
 * and what freeing them does.
 */
import { liveObjects } from "../lib/instances.js";
import { AgeAutoDecoder, AgeDecoder, AgeRtDecoder, init } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { flipped, utf8 } from "./lib/bytes.js";
import { assertError, coded } from "./lib/errors.js";
import { LENGTH_LEN, makeFile, NONCE_LEN, PASSPHRASE, TAG_LEN } from "./lib/files.js";

await init();

const CHUNK_SIZE = 30;

const DECODERS = [
  { name: "AgeDecoder", Decoder: AgeDecoder, format: "age", lengths: [30, 30, 7] },
  { name: "AgeRtDecoder", Decoder: AgeRtDecoder, format: "age-rt", lengths: [5, 0, 30, 0] },
  { name: "AgeAutoDecoder, age", Decoder: AgeAutoDecoder, format: "age", lengths: [30, 30] },
  { name: "AgeAutoDecoder, age-rt", Decoder: AgeAutoDecoder, format: "age-rt", lengths: [5, 3] },
];

/** Feeds a decoder up to an offset, or to the end. */
function feedTo(decoder, bytes, end = bytes.length) {
  const chunks = [];
  for (let at = 0; at < end;) {
    const piece = bytes.subarray(at, at + Math.max(decoder.bytesWanted, 1));
    const chunk = decoder.feed(piece);
    if (chunk) chunks.push(chunk);
    at += piece.length;
  }
  return chunks;
}

for (const { name, Decoder, format, lengths } of DECODERS) {
  const make = (passphrase = PASSPHRASE) => new Decoder(passphrase, CHUNK_SIZE);
  const file = () => makeFile(format, lengths, { chunkSize: CHUNK_SIZE });

  test(`${name}: every chunk, empty ones too`, async () => {
    const { bytes, plaintexts } = await file();
    const decoder = make();
    assert.deepEqual(feedTo(decoder, bytes), plaintexts);
    decoder.free();
  });

  test(`${name}: bytesWanted is 1 in the header, 16 for the nonce, then per format, and 0 at the end`, async () => {
    const { bytes, header, chunks } = await file();
    const decoder = make();
    const wanted = [];
    for (let at = 0; at < bytes.length;) {
      wanted.push(decoder.bytesWanted);
      const piece = bytes.subarray(at, at + decoder.bytesWanted);
      decoder.feed(piece);
      at += piece.length;
    }
    const payload =
      format === "age"
        ? chunks.map(() => CHUNK_SIZE + TAG_LEN)
        : chunks.flatMap((chunk) => [LENGTH_LEN, chunk.length - LENGTH_LEN]);
    assert.deepEqual(wanted, [...Array(header - NONCE_LEN).fill(1), NONCE_LEN, ...payload]);
    assert.equal(decoder.bytesWanted, 0);
    decoder.free();
  });

  test(`${name}: isDone() once the final chunk is out`, async () => {
    const { bytes, chunks } = await file();
    const decoder = make();
    feedTo(decoder, bytes, bytes.length - chunks.at(-1).length);
    assert.equal(decoder.isDone(), false);
    feedTo(decoder, bytes.subarray(bytes.length - chunks.at(-1).length));
    assert.equal(decoder.isDone(), true);
    decoder.free();
  });

  test(`${name}: finish() after the final chunk is fine, again and again`, async () => {
    const { bytes } = await file();
    const decoder = make();
    feedTo(decoder, bytes);
    decoder.finish();
    decoder.finish();
    assert.equal(decoder.isDone(), true);
    decoder.free();
  });

  test(`${name}: feed() after the final chunk is already-done, and changes nothing`, async () => {
    const { bytes } = await file();
    const decoder = make();
    feedTo(decoder, bytes);
    for (const length of [0, 1, 16])
      assert.throws(() => decoder.feed(new Uint8Array(length)), coded("already-done"));
    decoder.finish();
    assert.equal(decoder.isDone(), true);
    decoder.free();
  });

  test(`${name}: finish() before the final chunk is truncated, wherever`, async () => {
    const { bytes, header, chunks } = await file();
    for (const end of [0, 1, header - NONCE_LEN, header, header + chunks[0].length]) {
      const decoder = make();
      feedTo(decoder, bytes, end);
      assertError(
        assert.throws(() => decoder.finish()),
        "truncated",
        `after ${end} bytes`,
      );
      decoder.free();
    }
  });

  test(`${name}: truncated stays`, async () => {
    const { bytes, header } = await file();
    const decoder = make();
    feedTo(decoder, bytes, header);
    const error = assert.throws(() => decoder.finish(), coded("truncated"));
    assert.equal(
      assert.throws(() => decoder.finish()),
      error,
    );
    assert.equal(
      assert.throws(() => decoder.feed(bytes.subarray(header))),
      error,
    );
    assert.deepEqual([decoder.bytesWanted, decoder.isDone()], [0, false]);
    decoder.free();
  });

  for (const [what, code, spoil] of [
    ["the identifier", "not-age", (bytes) => flipped(bytes, 0)],
    ["the MAC", "header-mac", (bytes, header) => swapLetter(bytes, header - NONCE_LEN - 20)],
    ["the nonce", "chunk-authentication", (bytes, header) => flipped(bytes, header - 1)],
    ["the last tag", "chunk-authentication", (bytes) => flipped(bytes, bytes.length - 1)],
  ]) {
    test(`${name}: a changed bit in ${what} is an error that stays, and the same object`, async () => {
      const { bytes, header } = await file();
      const decoder = make();
      const error = assert.throws(() => feedTo(decoder, spoil(bytes, header)), coded(code));
      for (const length of [0, 1, 16, 46])
        assert.equal(
          assert.throws(() => decoder.feed(new Uint8Array(length))),
          error,
        );
      assert.equal(
        assert.throws(() => decoder.finish()),
        error,
      );
      assert.deepEqual([decoder.bytesWanted, decoder.isDone()], [0, false]);
      decoder.free();
    });
  }

  test(`${name}: a wrong passphrase is an error that stays`, async () => {
    const { bytes } = await file();
    const decoder = make("wrong");
    const error = assert.throws(() => feedTo(decoder, bytes), coded("wrong-passphrase"));
    assert.equal(
      assert.throws(() => decoder.feed(new Uint8Array(16))),
      error,
    );
    decoder.free();
  });

  test(`${name}: another number of bytes is wrong-feed-length, and changes nothing`, async () => {
    const { bytes, plaintexts } = await file();
    const decoder = make();
    const chunks = [];
    for (let at = 0; at < bytes.length;) {
      const wanted = decoder.bytesWanted;
      const wrong = [0, wanted + 1, wanted + 100];
      // In the age payload fewer mark the final chunk.
      if (wanted > 1 && !(format === "age" && wanted > NONCE_LEN)) wrong.push(wanted - 1);
      for (const length of wrong)
        assertError(
          assert.throws(() => decoder.feed(new Uint8Array(length))),
          "wrong-feed-length",
          `${length} for ${wanted} at ${at}`,
        );
      assert.equal(decoder.bytesWanted, wanted);
      const piece = bytes.subarray(at, at + wanted);
      const chunk = decoder.feed(piece);
      if (chunk) chunks.push(chunk);
      at += piece.length;
    }
    assert.deepEqual(chunks, plaintexts);
    decoder.free();
  });

  test(`${name}: a TypeError changes nothing`, async () => {
    const { bytes, plaintexts } = await file();
    const decoder = make();
    const chunks = [];
    for (let at = 0; at < bytes.length;) {
      assert.throws(() => decoder.feed("text"), TypeError);
      const piece = bytes.subarray(at, at + decoder.bytesWanted);
      const chunk = decoder.feed(piece);
      if (chunk) chunks.push(chunk);
      at += piece.length;
    }
    assert.throws(() => decoder.feed("text"), TypeError);
    assert.deepEqual(chunks, plaintexts);
    decoder.free();
  });

  test(`${name}: a chunk owns its buffer, and does not change with the next`, async () => {
    const { bytes, plaintexts } = await file();
    const decoder = make();
    const chunks = feedTo(decoder, bytes);
    for (const chunk of chunks)
      assert.ok(
        chunk.constructor === Uint8Array &&
          chunk.buffer.constructor === ArrayBuffer &&
          chunk.buffer.byteLength === chunk.length,
      );
    assert.deepEqual(chunks, plaintexts);
    decoder.free();
  });

  test(`${name}: the bytes fed are left as they are`, async () => {
    const { bytes } = await file();
    const copy = bytes.slice();
    const decoder = make();
    feedTo(decoder, bytes);
    assert.bytesEqual(bytes, copy);
    decoder.free();
  });

  for (const [how, free] of [
    ["free()", (decoder) => decoder.free()],
    ["Symbol.dispose", (decoder) => decoder[Symbol.dispose]()],
  ]) {
    if (how === "Symbol.dispose" && !Symbol.dispose) continue;
    for (const [when, reached] of [
      ["at once", () => 0],
      ["in the header", () => 10],
      ["in the payload", ({ header }) => header + 4],
      ["at the end", ({ bytes }) => bytes.length],
    ]) {
      test(`${name}: ${how} ${when}`, async () => {
        const made = await file();
        const before = liveObjects();
        const decoder = make();
        feedTo(
          decoder,
          made.bytes,
          format === "age" && when === "in the payload" ? made.header : reached(made),
        );
        free(decoder);
        assert.equal(liveObjects(), before);
        for (const use of [
          () => decoder.feed(new Uint8Array(1)),
          () => decoder.finish(),
          () => decoder.isDone(),
          () => decoder.bytesWanted,
        ])
          assert.throws(use, coded("freed"));
        free(decoder);
      });
    }

    test(`${name}: ${how} after an error`, async () => {
      const before = liveObjects();
      const decoder = make();
      assert.throws(() => decoder.feed(utf8("x")), coded("not-age"));
      free(decoder);
      assert.equal(liveObjects(), before);
      assert.throws(() => decoder.feed(utf8("x")), coded("freed"));
    });
  }
}

for (const { name, Decoder } of [
  { name: "AgeDecoder", Decoder: AgeDecoder },
  { name: "AgeRtDecoder", Decoder: AgeRtDecoder },
  { name: "AgeAutoDecoder", Decoder: AgeAutoDecoder },
]) {
  test(`${name}() without new is a TypeError`, () =>
    assert.throws(() => Decoder(PASSPHRASE), TypeError));
  test(`new ${name}() of an empty passphrase is a RangeError`, () =>
    assert.throws(() => new Decoder(""), RangeError));
  test(`new ${name}() of a lone surrogate is a TypeError`, () =>
    assert.throws(() => new Decoder("a\udfff"), TypeError));

  for (const passphrase of [undefined, null, 1, {}, new Uint8Array(3)]) {
    test(`new ${name}() of ${passphrase instanceof Uint8Array ? "bytes" : JSON.stringify(passphrase)} is a TypeError`, () =>
      assert.throws(() => new Decoder(passphrase), TypeError));
  }

  for (const value of [0, -1, 1.5, NaN, Infinity]) {
    test(`new ${name}() with a size or a work factor of ${value} is a RangeError`, () => {
      assert.throws(() => new Decoder(PASSPHRASE, value), RangeError);
      assert.throws(() => new Decoder(PASSPHRASE, undefined, value), RangeError);
    });
  }

  test(`new ${name}() with more than the limits is a RangeError`, () => {
    assert.throws(() => new Decoder(PASSPHRASE, 16_777_217), RangeError);
    assert.throws(() => new Decoder(PASSPHRASE, undefined, 23), RangeError);
  });

  for (const value of [null, "1", true, [1]]) {
    test(`new ${name}() with a size or a work factor of ${JSON.stringify(value)} is a TypeError`, () => {
      assert.throws(() => new Decoder(PASSPHRASE, value), TypeError);
      assert.throws(() => new Decoder(PASSPHRASE, undefined, value), TypeError);
    });
  }

  test(`new ${name}() with what it refuses makes nothing`, () => {
    const before = liveObjects();
    for (const passphrase of ["", 1, "a\udfff"]) assert.throws(() => new Decoder(passphrase));
    assert.equal(liveObjects(), before);
  });

  test(`${name}: an object that was not made by it is a TypeError`, () => {
    for (const receiver of [{}, Object.create(Decoder.prototype)])
      assert.throws(() => Decoder.prototype.feed.call(receiver, new Uint8Array(1)), TypeError);
  });

  test(`${name}: a work factor above the limit fails before anything is derived`, () => {
    const decoder = new Decoder(PASSPHRASE, undefined, 17);
    const identifier =
      Decoder === AgeRtDecoder
        ? "github.com/parsimonit/age-rt-encryption/v0.2"
        : "age-encryption.org/v1";
    const bytes = utf8(
      `${identifier}\n-> scrypt ${"A".repeat(22)} 18\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`,
    );
    const error = assert.throws(() => feedTo(decoder, bytes), coded("excessive-work-factor"));
    assert.deepEqual([error.workFactor, error.limit], [18, 17]);
    decoder.free();
  });
}

test("AgeDecoder: a short feed in the payload is the final chunk", async () => {
  const { bytes, header, plaintexts } = await makeFile("age", [30, 7], { chunkSize: CHUNK_SIZE });
  const decoder = new AgeDecoder(PASSPHRASE, CHUNK_SIZE);
  feedTo(decoder, bytes, header + 46);
  assert.bytesEqual(decoder.feed(bytes.subarray(header + 46)), plaintexts[1]);
  assert.equal(decoder.isDone(), true);
  decoder.free();
});

test("AgeDecoder: a short feed that is too short for a tag is truncated, and stays", async () => {
  const { bytes, header } = await makeFile("age", [30, 7], { chunkSize: CHUNK_SIZE });
  for (const length of [1, 15]) {
    const decoder = new AgeDecoder(PASSPHRASE, CHUNK_SIZE);
    feedTo(decoder, bytes, header + 46);
    const error = assert.throws(
      () => decoder.feed(bytes.subarray(header + 46, header + 46 + length)),
      coded("truncated"),
    );
    assert.equal(
      assert.throws(() => decoder.finish()),
      error,
    );
    decoder.free();
  }
});

test("AgeDecoder: a short feed that does not open is chunk-authentication", async () => {
  const { bytes, header } = await makeFile("age", [30, 7], { chunkSize: CHUNK_SIZE });
  const decoder = new AgeDecoder(PASSPHRASE, CHUNK_SIZE);
  feedTo(decoder, bytes, header + 46);
  const error = assert.throws(
    () => decoder.feed(bytes.subarray(header + 46, -1)),
    coded("chunk-authentication"),
  );
  assert.equal(error.chunkIndex, 1);
  decoder.free();
});

test("AgeDecoder: the nonce takes exactly its 16 bytes", async () => {
  const { bytes, header } = await makeFile("age", [7], { chunkSize: CHUNK_SIZE });
  const decoder = new AgeDecoder(PASSPHRASE, CHUNK_SIZE);
  feedTo(decoder, bytes, header - NONCE_LEN);
  for (const length of [1, 15, 17])
    assert.throws(() => decoder.feed(new Uint8Array(length)), coded("wrong-feed-length"));
  assert.deepEqual(feedTo(decoder, bytes.subarray(header - NONCE_LEN)).length, 1);
  decoder.free();
});

test("AgeRtDecoder: a length out of range is told before the chunk is asked for", async () => {
  const { bytes, header } = await makeFile("age-rt", [7], { chunkSize: CHUNK_SIZE });
  for (const length of [0, 15, CHUNK_SIZE + TAG_LEN + 1, 2 ** 32 - 1]) {
    const decoder = new AgeRtDecoder(PASSPHRASE, CHUNK_SIZE);
    feedTo(decoder, bytes, header);
    const field = new Uint8Array(4);
    new DataView(field.buffer).setUint32(0, length);
    const error = assert.throws(() => decoder.feed(field), coded("chunk-length"));
    assert.equal(error.chunkIndex, 0);
    decoder.free();
  }
});

test("AgeAutoDecoder: format is known once the header is read", async () => {
  for (const format of ["age", "age-rt"]) {
    const { bytes, header } = await makeFile(format, [7], { chunkSize: CHUNK_SIZE });
    const decoder = new AgeAutoDecoder(PASSPHRASE, CHUNK_SIZE);
    assert.equal(decoder.format, undefined);
    feedTo(decoder, bytes, header - NONCE_LEN);
    assert.equal(decoder.format, format);
    decoder.free();
    assert.throws(() => decoder.format, coded("freed"));
  }
});

/** Another letter of base64 in its place. */
function swapLetter(bytes, at) {
  const copy = bytes.slice();
  copy[at] = copy[at] === 65 ? 66 : 65;
  return copy;
}
