/**
 * The reference's files through the streams, however the input is split: chunk for chunk, the
 * failing ones too.
 */
import "./lib/remembered-keys.js";
import { AgeAutoDecryptStream, AgeDecryptStream, AgeRtDecryptStream, configure } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { pieces } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { fate, FINE, oneError } from "./lib/fate.js";
import { Random, seed } from "./lib/random.js";
import { bytesOf, result, vectors } from "./lib/vectors.js";

configure({ concurrency: 2 });
const random = new Random();

const SPLITS = {
  whole: (bytes) => [bytes],
  "byte by byte": (bytes) => pieces(bytes, 1),
  "in pieces of 1,400 bytes": (bytes) => pieces(bytes, 1400),
  [`in random pieces (seed ${seed})`]: (bytes) => random.cut(bytes, 1 + random.below(20_000)),
};

test("there are 47 vectors", () => assert.equal(vectors.length, 47));

for (const vector of vectors) {
  for (const [how, split] of Object.entries(SPLITS)) {
    test(`${vector.name}, ${how}`, async () =>
      assertAsListed(
        vector,
        new (classOf(vector))(vector.passphrase, vector.options),
        split(await bytesOf(vector)),
      ));
  }

  test(`${vector.name}, by the stream of both formats`, async () => {
    const { maxChunkSize, chunkSize } = vector.options ?? {};
    const stream = new AgeAutoDecryptStream(vector.passphrase, {
      maxChunkSize: maxChunkSize ?? chunkSize,
    });
    await assertAsListed(
      vector.code === "wrong-format" ? { ...vector, code: "header-mac" } : vector,
      stream,
      [await bytesOf(vector)],
    );
  });
}

function classOf({ format }) {
  return format === "age" ? AgeDecryptStream : AgeRtDecryptStream;
}

async function assertAsListed(vector, stream, input) {
  const { code, sha256 } = vector;
  // An empty final chunk ends the stream and is no chunk.
  const chunks =
    code === undefined && vector.chunks.at(-1) === 0 ? vector.chunks.slice(0, -1) : vector.chunks;
  const seen = await fate(stream, input);
  const error = seen.read === FINE ? undefined : seen.read;
  assert.deepEqual(await result(seen.chunks, error), { code, chunks, sha256 });
  if (code) assertError(oneError(seen), code);
}
