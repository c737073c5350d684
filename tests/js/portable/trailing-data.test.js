/** Bytes after the final chunk: an error after every chunk, in one piece with it or later. */
import { AgeAutoDecryptStream, AgeDecryptStream, AgeRtDecryptStream } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { concat, pieces } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { fate, FINE, oneError } from "./lib/fate.js";
import { makeFile, PASSPHRASE } from "./lib/files.js";

const CHUNK_SIZE = 50;

const PLACES = {
  "in the same write": (bytes, more) => [concat(bytes, more)],
  "in a later write": (bytes, more) => [bytes, more],
  "byte by byte": (bytes, more) => pieces(concat(bytes, more), 1),
};
const TRAILERS = {
  "one byte": () => new Uint8Array(1),
  "a whole file": ({ bytes }) => bytes,
  "a chunk's worth": () => new Uint8Array(CHUNK_SIZE + 16),
};

const rt = (options) => new AgeRtDecryptStream(PASSPHRASE, options);
const auto = (options) => new AgeAutoDecryptStream(PASSPHRASE, options);
const age = () => new AgeDecryptStream(PASSPHRASE, { chunkSize: CHUNK_SIZE });

for (const [place, split] of Object.entries(PLACES)) {
  for (const [what, trailer] of Object.entries(TRAILERS)) {
    for (const [name, format, lengths, make] of [
      ["AgeRtDecryptStream, age-rt", "age-rt", [5, 50, 7], rt],
      ["AgeRtDecryptStream, age-rt with an empty final chunk", "age-rt", [5, 0], rt],
      ["AgeAutoDecryptStream, age-rt", "age-rt", [5, 50, 7], auto],
      ["AgeDecryptStream, age with a full last chunk", "age", [50, 50], age],
      ["AgeAutoDecryptStream, age with a full last chunk", "age", [50, 50], auto],
    ]) {
      test(`${name}: ${what} ${place}`, async () => {
        const file = await makeFile(format, lengths, { chunkSize: CHUNK_SIZE });
        const seen = await fate(make(), split(file.bytes, trailer(file)), { open: true });
        assert.deepEqual(seen.chunks, messagesOf(file));
        assertError(oneError(seen), "trailing-data");
        assert.equal(seen.cancelled, seen.read);
      });
    }

    for (const [name, format, lengths, make] of [
      ["AgeRtDecryptStream, age-rt", "age-rt", [5, 50, 7], rt],
      ["AgeRtDecryptStream, age-rt with an empty final chunk", "age-rt", [5, 0], rt],
      ["AgeAutoDecryptStream, age-rt", "age-rt", [5, 0], auto],
      ["AgeAutoDecryptStream, age with a full last chunk", "age", [50, 50], auto],
    ]) {
      test(`${name}, closeAtFinal: ${what} ${place} is the writable's error only`, async () => {
        const file = await makeFile(format, lengths, { chunkSize: CHUNK_SIZE });
        const seen = await fate(make({ closeAtFinal: true }), split(file.bytes, trailer(file)), {
          open: true,
        });
        assert.deepEqual(
          [seen.chunks, seen.read, seen.readerClosed],
          [messagesOf(file), FINE, FINE],
        );
        assertError(seen.pipe, "trailing-data");
        assert.ok(
          seen.writerClosed === seen.pipe &&
            seen.written === seen.pipe &&
            seen.cancelled === seen.pipe,
        );
      });
    }

    for (const [name, make] of [
      ["AgeDecryptStream", age],
      ["AgeAutoDecryptStream", auto],
    ]) {
      test(`${name}, age with a short last chunk: ${what} ${place} changes the chunk`, async () => {
        const file = await makeFile("age", [50, 20], { chunkSize: CHUNK_SIZE });
        const seen = await fate(make(), split(file.bytes, trailer(file)));
        assert.deepEqual(seen.chunks, file.plaintexts.slice(0, 1));
        assertError(oneError(seen), "chunk-authentication");
      });
    }
  }
}

function messagesOf({ plaintexts }) {
  return plaintexts.filter(({ length }) => length > 0);
}
