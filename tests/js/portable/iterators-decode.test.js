/** iterDecodeCallable(), iterDecodeChunks(), their asynchronous forms, and decodeBytes(). */
import { AgeAutoDecoder, AgeDecoder, AgeRtDecoder, decodeBytes, init } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { concat, flipped, pieces } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { LENGTH_LEN, makeFile, NONCE_LEN, PASSPHRASE, TAG_LEN } from "./lib/files.js";
import { collected, FORMS, reader } from "./lib/iterators.js";
import { Random, seed } from "./lib/random.js";

await init();

const SIZE = 100;
const DECODERS = { age: AgeDecoder, "age-rt": AgeRtDecoder };
/** With a full final chunk, a short one and an empty one; age-rt with empty messages between. */
const FILES = { age: [[100, 100], [100, 60], [0]], "age-rt": [[100, 0, 60], [5, 5, 0], [0]] };

const make = (format, lengths) => makeFile(format, lengths, { chunkSize: SIZE });

for (const [form, { decodeCallable, decodeChunks }] of Object.entries(FORMS)) {
  for (const [format, Decoder] of Object.entries(DECODERS)) {
    const decoders = {
      [Decoder.name]: () => new Decoder(PASSPHRASE, SIZE),
      AgeAutoDecoder: () => new AgeAutoDecoder(PASSPHRASE, SIZE),
    };

    for (const [name, decoder] of Object.entries(decoders)) {
      for (const lengths of FILES[format]) {
        test(`${form}: ${name}: ${format} of ${lengths} from a read function`, async () => {
          const file = await make(format, lengths);
          const { chunks, error } = await collected(
            decodeCallable(reader(file.bytes).read, decoder()),
          );
          assert.equal(error, undefined);
          assert.deepEqual(chunks, file.plaintexts);
        });

        test(`${form}: ${name}: ${format} of ${lengths} from blobs of any size (seed ${seed})`, async () => {
          const file = await make(format, lengths);
          const random = new Random();
          for (const blobs of [
            [file.bytes],
            pieces(file.bytes, 1),
            random.cut(file.bytes, 50),
            [new Uint8Array(0), ...random.cut(file.bytes, 200), new Uint8Array(0)],
          ]) {
            const { chunks, error } = await collected(decodeChunks(blobs, decoder()));
            assert.equal(error, undefined);
            assert.deepEqual(chunks, file.plaintexts);
          }
        });
      }

      test(`${form}: ${name}: ${format} cut anywhere in the payload is an error after every whole chunk`, async () => {
        const file = await make(format, FILES[format][1]);
        for (let cut = file.header - 3; cut < file.bytes.length; cut += 7) {
          const start = file.bytes.subarray(0, cut);
          const fromBlobs = await collected(decodeChunks([start], decoder()));
          const fromReads = await collected(decodeCallable(reader(start).read, decoder()));
          // An age chunk that is cut short looks like a last one that was changed.
          const code =
            format === "age-rt" || leftBefore(file, cut) < TAG_LEN
              ? "truncated"
              : "chunk-authentication";
          for (const { chunks, error } of [fromBlobs, fromReads]) {
            assertError(error, code, `cut at ${cut}`);
            assert.deepEqual(chunks, file.plaintexts.slice(0, wholeChunks(file, cut)));
          }
        }
      });

      test(`${form}: ${name}: ${format} with a changed chunk is an error after the chunks before it`, async () => {
        const file = await make(format, FILES[format][0]);
        const changed = flipped(file.bytes, file.bytes.length - 1);
        for (const iterator of [
          decodeChunks([changed], decoder()),
          decodeCallable(reader(changed).read, decoder()),
        ]) {
          const { chunks, error } = await collected(iterator);
          assertError(error, "chunk-authentication");
          assert.equal(error.chunkIndex, chunks.length);
          assert.deepEqual(chunks, file.plaintexts.slice(0, -1));
        }
      });

      test(`${form}: ${name}: ${format} and no input is truncated`, async () => {
        assertError((await collected(decodeChunks([], decoder()))).error, "truncated");
        assertError(
          (await collected(decodeCallable(() => new Uint8Array(0), decoder()))).error,
          "truncated",
        );
      });
    }

    test(`${form}: ${format}: a wrong passphrase`, async () => {
      const file = await make(format, [10]);
      assertError(
        (await collected(decodeChunks([file.bytes], new Decoder("another", SIZE)))).error,
        "wrong-passphrase",
      );
      assertError(
        (await collected(decodeCallable(reader(file.bytes).read, new Decoder("another", SIZE))))
          .error,
        "wrong-passphrase",
      );
    });

    test(`${form}: ${format}: a read function is asked for what the format says`, async () => {
      const file = await make(format, [100, 60]);
      const { read, asked } = reader(file.bytes);
      await collected(decodeCallable(read, new Decoder(PASSPHRASE, SIZE)));
      const payload =
        format === "age"
          ? // Fewer than it asked for came, so it asks for the rest: only none is the end.
            [SIZE + TAG_LEN, SIZE + TAG_LEN, SIZE - 60]
          : [LENGTH_LEN, 100 + TAG_LEN, LENGTH_LEN, 60 + TAG_LEN];
      assert.deepEqual(asked, [
        ...new Array(file.header - NONCE_LEN).fill(1),
        NONCE_LEN,
        ...payload,
      ]);
    });

    test(`${form}: ${format}: a read function that gives more than it was asked for is a RangeError`, async () => {
      assert.ok(
        (await collected(decodeCallable((n) => new Uint8Array(n + 1), new Decoder(PASSPHRASE))))
          .error instanceof RangeError,
      );
    });

    test(`${form}: ${format}: what is no bytes is a TypeError`, async () => {
      for (const value of ["text", 1, null, undefined, [1], {}]) {
        assert.ok(
          (await collected(decodeChunks([value], new Decoder(PASSPHRASE)))).error instanceof
            TypeError,
        );
        assert.ok(
          (await collected(decodeCallable(() => value, new Decoder(PASSPHRASE)))).error instanceof
            TypeError,
        );
      }
    });

    test(`${form}: ${format}: an error of the source comes out as it is`, async () => {
      const failure = new Error("the source failed");
      const fail = () => {
        throw failure;
      };
      const source = (function* () {
        yield Uint8Array.of(97);
        fail();
      })();
      assert.ok((await collected(decodeChunks(source, new Decoder(PASSPHRASE)))).error === failure);
      assert.ok((await collected(decodeCallable(fail, new Decoder(PASSPHRASE)))).error === failure);
    });

    test(`${form}: ${format}: an error of the data ends the source`, async () => {
      const file = await make(format, [100, 100, 60]);
      let ended = false;
      const source = (function* () {
        try {
          yield flipped(file.bytes, file.header + 50);
          for (;;) yield new Uint8Array(1);
        } finally {
          ended = true;
        }
      })();
      assertError(
        (await collected(decodeChunks(source, new Decoder(PASSPHRASE, SIZE)))).error,
        "chunk-authentication",
      );
      assert.ok(ended);
    });

    test(`${form}: ${format}: with a freed decoder it is freed`, async () => {
      const decoder = new Decoder(PASSPHRASE);
      decoder.free();
      assertError((await collected(decodeChunks([], decoder))).error, "freed");
      assertError(
        (await collected(decodeCallable(() => new Uint8Array(0), decoder))).error,
        "freed",
      );
    });

    test(`${form}: ${format}: a chunk comes out before the next blob is asked for`, async () => {
      const file = await make(format, [100, 100, 60]);
      // The age format tells a full chunk from the last one by what follows it.
      const blobs =
        format === "age"
          ? pieces(file.bytes, 1)
          : [file.bytes.subarray(0, file.header), ...file.chunks];
      let given = 0;
      const source = (function* () {
        for (const blob of blobs) {
          given += blob.length;
          yield blob;
        }
      })();
      const iterator = decodeChunks(source, new Decoder(PASSPHRASE, SIZE));
      assert.deepEqual((await iterator.next()).value, file.plaintexts[0]);
      assert.ok(given <= file.header + file.chunks[0].length + 1);
      await iterator.return();
    });
  }

  test(`${form}: nothing is read past the final chunk of age-rt`, async () => {
    const file = await make("age-rt", [5, 0]);
    const { read, asked } = reader(concat(file.bytes, new Uint8Array(1000)));
    const { chunks, error } = await collected(
      decodeCallable(read, new AgeRtDecoder(PASSPHRASE, SIZE)),
    );
    assert.equal(error, undefined);
    assert.deepEqual(chunks, file.plaintexts);
    assert.equal(
      asked.reduce((sum, n) => sum + n),
      file.bytes.length,
    );
  });

  test(`${form}: bytes after the final chunk of age-rt are trailing-data, in the same blob and in another`, async () => {
    const file = await make("age-rt", [5, 0]);
    for (const blobs of [
      [concat(file.bytes, new Uint8Array(1))],
      [file.bytes, new Uint8Array(1)],
    ]) {
      const { chunks, error } = await collected(
        decodeChunks(blobs, new AgeRtDecoder(PASSPHRASE, SIZE)),
      );
      assertError(error, "trailing-data");
      assert.deepEqual(chunks, file.plaintexts);
    }
  });

  test(`${form}: bytes after a full final chunk of age are trailing-data`, async () => {
    const file = await make("age", [100]);
    const { error } = await collected(
      decodeChunks([concat(file.bytes, new Uint8Array(TAG_LEN))], new AgeDecoder(PASSPHRASE, SIZE)),
    );
    assertError(error, "trailing-data");
  });
}

test("async: a read function may return a promise", async () => {
  const file = await make("age-rt", [5, 5, 0]);
  const { read } = reader(file.bytes);
  const { chunks } = await collected(
    FORMS.async.decodeCallable(async (n) => read(n), new AgeRtDecoder(PASSPHRASE, SIZE)),
  );
  assert.deepEqual(chunks, file.plaintexts);
});

test("async: an error of the data cancels a stream, and leaving early does; both release it", async () => {
  const file = await make("age-rt", [5, 5, 0]);
  for (const bytes of [file.bytes, flipped(file.bytes, file.header + 10)]) {
    let cancelled = false;
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(bytes),
      cancel: () => void (cancelled = true),
    });
    const iterator = FORMS.async.decodeChunks(stream, new AgeRtDecoder(PASSPHRASE, SIZE));
    await iterator.next().catch((error) => assertError(error, "chunk-authentication"));
    await iterator.return();
    assert.ok(cancelled);
    assert.equal(stream.locked, false);
  }
});

test("async: a stream that fails is the iterator's error, and is released", async () => {
  const gone = new Error("the line is gone");
  const stream = new ReadableStream({ pull: () => Promise.reject(gone) });
  const { error } = await collected(
    FORMS.async.decodeChunks(stream, new AgeRtDecoder(PASSPHRASE, SIZE)),
  );
  assert.equal(error, gone);
  assert.equal(stream.locked, false);
});

test("decodeBytes() gives the chunks, and trailing bytes are an error", async () => {
  const file = await make("age-rt", [5, 0, 5, 0]);
  assert.deepEqual(
    [...decodeBytes(file.bytes, new AgeRtDecoder(PASSPHRASE, SIZE))],
    file.plaintexts,
  );
  const iterator = decodeBytes(
    concat(file.bytes, new Uint8Array(1)),
    new AgeRtDecoder(PASSPHRASE, SIZE),
  );
  assertError((await collected(iterator)).error, "trailing-data");
});

function wholeChunks(file, cut) {
  let end = file.header;
  let whole = 0;
  for (const chunk of file.chunks) {
    end += chunk.length;
    if (end <= cut) whole += 1;
  }
  return whole;
}

/** Bytes of the payload between the last whole chunk and the cut. */
function leftBefore(file, cut) {
  const whole = file.chunks
    .slice(0, wholeChunks(file, cut))
    .reduce((sum, chunk) => sum + chunk.length, file.header);
  return cut - whole;
}
