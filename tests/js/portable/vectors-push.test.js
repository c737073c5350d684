/**
 * The reference's files through the push classes and what is built on them: chunk for chunk, the
 * failing ones too.
 */
import "./lib/remembered-keys.js";
import {
  AgeAutoDecoder,
  AgeDecoder,
  AgeRtDecoder,
  decodeBytes,
  init,
  InsufficientDataError,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { assertError } from "./lib/errors.js";
import { bytesOf, result, vectors } from "./lib/vectors.js";

await init();

test("there are 47 vectors", () => assert.equal(vectors.length, 47));

for (const vector of vectors) {
  const { format, passphrase, code, options = {} } = vector;
  const limit = options.maxChunkSize ?? options.chunkSize;
  const expected = { code, chunks: vector.chunks, sha256: vector.sha256 };

  test(`${vector.name}: what feed() gives`, async () => {
    const decoder =
      format === "age" ? new AgeDecoder(passphrase, limit) : new AgeRtDecoder(passphrase, limit);
    const { chunks, error } = feedAll(decoder, await bytesOf(vector));
    // Nothing can be fed after the end: that there is more is what the caller sees.
    assert.deepEqual(
      await result(chunks, error),
      code === "trailing-data" ? { ...expected, code: "already-done" } : expected,
    );
    if (code) assertError(error, error.code);
    decoder.free();
  });

  test(`${vector.name}: what decodeBytes() gives with the decoder of both formats`, async () => {
    const decoder = new AgeAutoDecoder(passphrase, limit);
    const { chunks, error } = collect(decodeBytes(await bytesOf(vector), decoder));
    // Its identifier is that of the other format, to which only the header's MAC objects.
    assert.deepEqual(
      await result(chunks, error),
      code === "wrong-format" ? { ...expected, code: "header-mac" } : expected,
    );
    if (code) assertError(error, error.code);
    decoder.free();
  });
}

test("rt_bad_identifier_age: what the age decoder gives", async () => {
  const vector = vectors.find(({ code }) => code === "wrong-format");
  const decoder = new AgeDecoder(vector.passphrase);
  assertError(feedAll(decoder, await bytesOf(vector)).error, "header-mac");
  decoder.free();
});

for (const [format, Other] of [
  ["age", AgeRtDecoder],
  ["age-rt", AgeDecoder],
]) {
  test(`a decoder of the other format refuses every ${format} file by its identifier`, async () => {
    const files = vectors.filter(
      (vector) => vector.format === format && vector.expect === "success",
    );
    assert.ok(files.length > 5);
    for (const vector of files) {
      const decoder = new Other(vector.passphrase);
      assertError(feedAll(decoder, await bytesOf(vector)).error, "wrong-format", vector.name);
      decoder.free();
    }
  });
}

/**
 * As a program does that reads from a file: as many bytes as are wanted, fewer only where the file
 * ends.
 */
function feedAll(decoder, bytes) {
  const chunks = [];
  try {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + Math.max(decoder.bytesWanted, 1));
      const chunk = fed(decoder, piece);
      if (chunk) chunks.push(chunk);
      at += piece.length;
    }
    decoder.finish();
    return { chunks };
  } catch (error) {
    return { chunks, error };
  }
}

function fed(decoder, piece) {
  const short = piece.length < decoder.bytesWanted;
  try {
    return decoder.feed(piece);
  } catch (error) {
    if (short && error instanceof InsufficientDataError) return undefined;
    throw error;
  }
}

function collect(iterator) {
  const chunks = [];
  try {
    for (const chunk of iterator) chunks.push(chunk);
    return { chunks };
  } catch (error) {
    return { chunks, error };
  }
}
