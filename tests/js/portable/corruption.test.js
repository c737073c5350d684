/**
 * One bit flipped, anywhere: what was verified before it comes out, then the same error is
 * everywhere, with the code of the field.
 */
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeRtDecryptStream,
  configure,
  HeaderParseError,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { flipped } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { fate, oneError } from "./lib/fate.js";
import { fieldsOf, LENGTH_LEN, makeFile, PASSPHRASE, TAG_LEN } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

configure({ concurrency: 2 });

const CHUNK_SIZE = 30;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PREFIX = { age: "age-encryption.org/", "age-rt": "github.com/parsimonit/age-rt-encryption/" };
const random = new Random();

const cases = [
  {
    format: "age",
    name: "AgeDecryptStream",
    make: () => new AgeDecryptStream(PASSPHRASE, { chunkSize: CHUNK_SIZE }),
    lengths: [30, 30, 11],
  },
  {
    format: "age",
    name: "AgeAutoDecryptStream",
    make: () => new AgeAutoDecryptStream(PASSPHRASE),
    lengths: [30, 30],
  },
  {
    format: "age-rt",
    name: "AgeRtDecryptStream",
    make: () => new AgeRtDecryptStream(PASSPHRASE),
    lengths: [12, 0, 30, 3],
  },
  {
    format: "age-rt",
    name: "AgeAutoDecryptStream",
    make: () => new AgeAutoDecryptStream(PASSPHRASE),
    lengths: [20, 0],
  },
];

for (const { format, name, make, lengths } of cases) {
  const title = (what) => `${name}, ${format}: ${what} (seed ${seed})`;

  /**
   * Flips one bit of each byte, or each of its bits, and asserts what `expect` says of the result.
   */
  async function flipEach(range, masks, expect) {
    const file = await makeFile(format, lengths, { chunkSize: CHUNK_SIZE });
    const [start, end] = range(file, fieldsOf(file));
    assert.ok(end > start);
    const trials = [];
    for (let at = start; at < end; at += 1)
      for (const mask of masks()) trials.push(flip(file, at, mask, expect));
    await Promise.all(trials);
  }

  async function flip(file, at, mask, expect) {
    const bytes = flipped(file.bytes, at, mask);
    const { code, chunks = 0, chunkIndex } = expect(bytes, at, file);
    const where = `byte ${at}, bits ${mask}`;
    // A length that asks for more, and a short last chunk without one, need an end of the input.
    const open =
      code !== "truncated" &&
      !(format === "age" && file.plaintexts[chunkIndex]?.length < CHUNK_SIZE);
    const seen = await fate(make(), [bytes], { open });
    assertError(
      oneError(seen, where),
      code,
      `${where}: ${seen.read?.name} ${seen.read?.code}, expected ${code}`,
    );
    assert.deepEqual(seen.chunks, file.plaintexts.slice(0, chunks), where);
    if (chunkIndex !== undefined) assert.equal(seen.read.chunkIndex, chunkIndex, where);
    if (open)
      assert.ok(seen.cancelled === seen.read, `${where}: the source was cancelled with the error`);
  }

  const everyBit = () => [1, 2, 4, 8, 16, 32, 64, 128];
  const oneBit = () => [1 << random.below(8)];

  test(title("identifier"), () =>
    flipEach(
      (file, { identifier: [start] }) => [start, start + PREFIX[format].length],
      everyBit,
      () => ({ code: "not-age" }),
    ),
  );

  test(title("version in the identifier"), () =>
    flipEach(
      (file, { identifier: [start] }) => [
        start + PREFIX[format].length,
        start + PREFIX[format].length + (format === "age" ? 2 : 4),
      ],
      everyBit,
      (bytes, at) => ({
        code: /[!-~]/.test(String.fromCharCode(bytes[at])) ? "unknown-format" : "invalid-header",
      }),
    ),
  );

  test(title("salt"), () =>
    flipEach(
      (file, { salt }) => salt,
      oneBit,
      (bytes, at, file) => ({
        code: isBase64(bytes, fieldsOf(file).salt) ? "wrong-passphrase" : "invalid-header",
      }),
    ),
  );

  test(title("work factor"), () =>
    flipEach(
      (file, { logN }) => logN,
      everyBit,
      (bytes, at) => ({
        code: /[1-9]/.test(String.fromCharCode(bytes[at])) ? "wrong-passphrase" : "invalid-header",
      }),
    ),
  );

  test(title("body"), () =>
    flipEach(
      (file, { body }) => body,
      oneBit,
      (bytes, at, file) => ({
        code: isBase64(bytes, fieldsOf(file).body) ? "wrong-passphrase" : "invalid-header",
      }),
    ),
  );

  test(title("MAC"), () =>
    flipEach(
      (file, { mac }) => mac,
      oneBit,
      (bytes, at, file) => ({
        code: isBase64(bytes, fieldsOf(file).mac) ? "header-mac" : "invalid-header",
      }),
    ),
  );

  test(title("what stands between the header's fields"), async () => {
    const file = await makeFile(format, lengths, { chunkSize: CHUNK_SIZE });
    const { identifier, salt, logN, body, mac, nonce } = fieldsOf(file);
    const trials = [];
    for (const [start, end] of [
      [identifier[1], salt[0]],
      [salt[1], logN[0]],
      [logN[1], body[0]],
      [body[1], mac[0]],
      [mac[1], nonce[0]],
    ]) {
      for (let at = start; at < end; at += 1) {
        for (const mask of everyBit()) {
          trials.push(
            fate(make(), [flipped(file.bytes, at, mask)]).then((seen) => {
              const error = oneError(seen);
              assert.ok(
                error instanceof HeaderParseError &&
                  error.code !== "header-mac" &&
                  seen.chunks.length === 0,
                `byte ${at}, bits ${mask}: ${error.code}`,
              );
            }),
          );
        }
      }
    }
    await Promise.all(trials);
  });

  test(title("nonce"), () =>
    flipEach(
      (file, { nonce }) => nonce,
      oneBit,
      () => ({ code: "chunk-authentication", chunkIndex: 0 }),
    ),
  );

  for (const [what, part] of [
    ["ciphertext", ([start, end]) => [start + (format === "age" ? 0 : LENGTH_LEN), end - TAG_LEN]],
    ["tag", ([, end]) => [end - TAG_LEN, end]],
  ]) {
    test(title(what), async () => {
      for (const [index, length] of lengths.entries()) {
        if (what === "ciphertext" && length === 0) continue;
        await flipEach(
          (file) => part(placeOf(file, index)),
          oneBit,
          () => ({ code: "chunk-authentication", chunks: index, chunkIndex: index }),
        );
      }
    });
  }

  if (format === "age-rt") {
    test(title("length"), async () => {
      for (const index of lengths.keys()) {
        await flipEach(
          (file) => [placeOf(file, index)[0], placeOf(file, index)[0] + LENGTH_LEN],
          everyBit,
          (bytes, at, file) => {
            const [start] = placeOf(file, index);
            const length = new DataView(bytes.buffer).getUint32(start);
            if (length < TAG_LEN || length > CHUNK_SIZE + TAG_LEN)
              return { code: "chunk-length", chunks: index, chunkIndex: index };
            if (length > bytes.length - start - LENGTH_LEN)
              return { code: "truncated", chunks: index };
            return { code: "chunk-authentication", chunks: index, chunkIndex: index };
          },
        );
      }
    });
  }
}

/** Where a chunk lies in its file, as [start, end). */
function placeOf({ header, chunks }, index) {
  const start = chunks.slice(0, index).reduce((at, chunk) => at + chunk.length, header);
  return [start, start + chunks[index].length];
}

/** Canonical, as the format wants it: the bits that no byte uses are 0. */
function isBase64(bytes, [start, end]) {
  const digits = Array.from(bytes.subarray(start, end), (byte) =>
    ALPHABET.indexOf(String.fromCharCode(byte)),
  );
  const unused = (digits.length * 6) % 8;
  return !digits.includes(-1) && digits.at(-1) % 2 ** unused === 0;
}
