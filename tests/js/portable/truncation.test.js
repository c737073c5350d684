/** Cut anywhere: every chunk that was whole comes out, then the same error is everywhere. */
import { AgeAutoDecryptStream, AgeDecryptStream, AgeRtDecryptStream, configure } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { concat } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { fate, oneError } from "./lib/fate.js";
import { makeFile, PASSPHRASE, TAG_LEN } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

configure({ concurrency: 2 });

const random = new Random();

const STREAMS = {
  age: {
    AgeDecryptStream: (chunkSize) => new AgeDecryptStream(PASSPHRASE, { chunkSize }),
    AgeAutoDecryptStream: () => new AgeAutoDecryptStream(PASSPHRASE),
  },
  "age-rt": {
    AgeRtDecryptStream: () => new AgeRtDecryptStream(PASSPHRASE),
    AgeAutoDecryptStream: () => new AgeAutoDecryptStream(PASSPHRASE),
  },
};

/** Files of chunks of at most 100 bytes. */
const SMALL = {
  age: [
    [100, 100, 60],
    [100, 100, 100],
  ],
  "age-rt": [
    [100, 60, 40],
    [50, 70, 0],
  ],
};

for (const [format, streams] of Object.entries(STREAMS)) {
  for (const [name, make] of Object.entries(streams)) {
    for (const lengths of SMALL[format]) {
      test(`${name}, ${format}: cut at every byte of the last two chunks of ${lengths}`, async () => {
        const file = await makeFile(format, lengths, { chunkSize: 100 });
        const [last, other] = file.chunks.slice().reverse();
        const cuts = Array.from(
          { length: last.length + other.length },
          (_, i) => file.bytes.length - 1 - i,
        );
        await Promise.all(cuts.map((cut) => assertCut(file, cut, make(100))));
      });
    }

    test(`${name}, ${format}: full-size chunks, 20 random cuts (seed ${seed})`, async () => {
      const file = await makeFile(format, [65_536, 65_536, 65_536, 20_000], { random });
      const cuts = Array.from(
        { length: 20 },
        () => file.header + random.below(file.bytes.length - file.header),
      );
      await Promise.all(cuts.map((cut) => assertCut(file, cut, make(65_536), 50_000)));
    });

    test(`${name}, ${format}: cut at every byte of header and nonce`, async () => {
      const file = await makeFile(format, [10], { chunkSize: 100 });
      await Promise.all(
        Array.from({ length: file.header + 1 }, (_, cut) => assertCut(file, cut, make(100))),
      );
    });
  }
}

/** Cut off after `cut` bytes, and sent in pieces of `size`. */
async function assertCut(file, cut, stream, size = file.bytes.length) {
  let whole = 0;
  let at = file.header;
  for (; whole < file.chunks.length && at + file.chunks[whole].length <= cut; whole += 1)
    at += file.chunks[whole].length;
  // Without length fields a tag's worth of bytes and more could be a last chunk, that was changed.
  const code = file.format === "age" && cut - at >= TAG_LEN ? "chunk-authentication" : "truncated";
  const input = [];
  for (let from = 0; from < cut; from += size)
    input.push(file.bytes.subarray(from, Math.min(from + size, cut)));
  const seen = await fate(stream, input);
  assertError(
    oneError(seen, `cut at ${cut}`),
    code,
    `cut at ${cut}: ${seen.read?.code}, expected ${code}`,
  );
  assert.equal(seen.chunks.length, whole, `cut at ${cut}`);
  assert.bytesEqual(
    concat(...seen.chunks),
    concat(...file.plaintexts.slice(0, whole)),
    `cut at ${cut}`,
  );
}
