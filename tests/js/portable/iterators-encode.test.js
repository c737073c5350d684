/** iterEncodeChunks(), aiterEncodeChunks() and encodeBytes(). */
import {
  AgeDecoder,
  AgeEncoder,
  AgeRtDecoder,
  AgeRtEncoder,
  decodeBytes,
  encodeBytes,
  init,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { concat, detach, lengths, utf8 } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { LENGTH_LEN, PASSPHRASE, QUICK, TAG_LEN } from "./lib/files.js";
import { collected, FORMS } from "./lib/iterators.js";

await init();

const SIZE = 100;
const MESSAGES = ["Hello", "", "World"].map(utf8);

const rt = () => AgeRtEncoder.create(PASSPHRASE, { ...QUICK, maxChunkSize: SIZE });
const age = () => AgeEncoder.create(PASSPHRASE, { ...QUICK, chunkSize: SIZE });
const decoded = (bytes) => [...decodeBytes(bytes, new AgeRtDecoder(PASSPHRASE, SIZE))];
const ageDecoded = (bytes) => [...decodeBytes(bytes, new AgeDecoder(PASSPHRASE, SIZE))];
const full = (fill) => new Uint8Array(SIZE).fill(fill);

for (const [form, { encode }] of Object.entries(FORMS)) {
  test(`${form}: the header comes first, before the source is asked for anything`, async () => {
    const encoder = await rt();
    let asked = false;
    const source = (function* () {
      asked = true;
      yield utf8("late");
    })();
    const first = await encode(source, encoder)
      [form === "sync" ? Symbol.iterator : Symbol.asyncIterator]()
      .next();
    assert.bytesEqual(first.value, encoder.getHeader());
    assert.equal(asked, false);
  });

  test(`${form}: age-rt: one chunk a message, and an empty final one`, async () => {
    const { chunks } = await collected(encode(MESSAGES, await rt()));
    assert.deepEqual(
      lengths(chunks.slice(1)),
      [5, 0, 5, 0].map((length) => LENGTH_LEN + length + TAG_LEN),
    );
    assert.deepEqual(decoded(concat(...chunks)), [...MESSAGES, new Uint8Array(0)]);
  });

  test(`${form}: age: a last full chunk is the final one`, async () => {
    for (const count of [1, 2, 3]) {
      const plaintexts = Array.from({ length: count }, (_, i) => full(i));
      const { chunks } = await collected(encode(plaintexts, await age()));
      assert.equal(chunks.length, 1 + count);
      assert.deepEqual(ageDecoded(concat(...chunks)), plaintexts);
    }
  });

  test(`${form}: age: a short chunk after full ones is the final one`, async () => {
    const plaintexts = [full(1), full(2), utf8("short")];
    const { chunks } = await collected(encode(plaintexts, await age()));
    assert.deepEqual(ageDecoded(concat(...chunks)), plaintexts);
  });

  test(`${form}: age: an empty chunk is nothing, wherever it stands`, async () => {
    const empty = new Uint8Array(0);
    const { chunks, error } = await collected(
      encode([empty, full(1), empty, utf8("short"), empty], await age()),
    );
    assert.equal(error, undefined);
    assert.deepEqual(ageDecoded(concat(...chunks)), [full(1), utf8("short")]);
  });

  test(`${form}: age: nothing may follow a short chunk`, async () => {
    const { chunks, error } = await collected(encode([utf8("short"), utf8("more")], await age()));
    assertError(error, "already-finalized");
    assert.equal(chunks.length, 2);
  });

  for (const [format, make] of Object.entries({ age, "age-rt": rt })) {
    test(`${form}: ${format}: no chunks at all are one empty final chunk`, async () => {
      const { chunks } = await collected(encode([], await make()));
      assert.equal(chunks.length, 2);
      assert.deepEqual(lengths((format === "age" ? ageDecoded : decoded)(concat(...chunks))), [0]);
    });

    test(`${form}: ${format}: no final chunk is added to a stream that has one`, async () => {
      const encoder = await make();
      const parts = [];
      for await (const part of encode([], encoder))
        parts.push(part, encoder.encodeChunk(utf8("the end"), true));
      assert.equal(parts.length, 2);
      assert.deepEqual((format === "age" ? ageDecoded : decoded)(concat(...parts)), [
        utf8("the end"),
      ]);
    });

    test(`${form}: ${format}: a source may use its buffer again`, async () => {
      const buffer = new Uint8Array(SIZE);
      const source = (function* () {
        for (const fill of [1, 2, 3]) yield buffer.fill(fill);
      })();
      const { chunks } = await collected(encode(source, await make()));
      const plaintext = concat(...(format === "age" ? ageDecoded : decoded)(concat(...chunks)));
      assert.bytesEqual(plaintext, concat(full(1), full(2), full(3)));
    });

    test(`${form}: ${format}: a chunk above the size is a RangeError, after what came before it`, async () => {
      const { chunks, error } = await collected(
        encode([full(1), new Uint8Array(SIZE + 1)], await make()),
      );
      assert.ok(error instanceof RangeError);
      assert.ok(chunks.length >= 2);
    });

    test(`${form}: ${format}: what is no bytes is a TypeError`, async () => {
      for (const chunk of ["text", 1, null, undefined, [1], {}]) {
        const { chunks, error } = await collected(encode([chunk], await make()));
        assert.ok(error instanceof TypeError);
        assert.equal(chunks.length, 1);
      }
    });

    test(`${form}: ${format}: an error of the source comes out as it is, and the encoder stays`, async () => {
      const encoder = await make();
      const failure = new Error("the source failed");
      const source = (function* () {
        throw failure;
      })();
      assert.ok((await collected(encode(source, encoder))).error === failure);
      assert.equal(encoder.finalized, false);
      encoder.free();
    });

    test(`${form}: ${format}: leaving early ends the source`, async () => {
      let ended = false;
      const source = (function* () {
        try {
          for (;;) yield full(1);
        } finally {
          ended = true;
        }
      })();
      let count = 0;
      for await (const _ of encode(source, await make())) if (++count === 4) break;
      assert.ok(ended);
    });

    test(`${form}: ${format}: with a freed encoder it is freed`, async () => {
      const encoder = await make();
      encoder.free();
      assertError((await collected(encode([], encoder))).error, "freed");
    });
  }

  test(`${form}: every form of iterable is a source`, async () => {
    const stream = () =>
      new ReadableStream({
        start: (controller) => (
          MESSAGES.forEach((message) => controller.enqueue(message)),
          controller.close()
        ),
      });
    const later = async function* () {
      yield* MESSAGES;
    };
    const sources = [
      MESSAGES,
      new Set(MESSAGES),
      MESSAGES.values(),
      ...(form === "async" ? [later(), stream()] : []),
    ];
    for (const source of sources) {
      const { chunks } = await collected(encode(source, await rt()));
      assert.deepEqual(decoded(concat(...chunks)), [...MESSAGES, new Uint8Array(0)]);
    }
  });
}

test("async: leaving early cancels a stream, and releases it", async () => {
  let cancelled = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(utf8("again")),
    cancel: () => void (cancelled = true),
  });
  let count = 0;
  for await (const _ of FORMS.async.encode(stream, await rt())) if (++count === 3) break;
  assert.ok(cancelled);
  assert.equal(stream.locked, false);
});

test("encodeBytes() gives all of it in one array that owns its buffer", async () => {
  const bytes = encodeBytes(MESSAGES, await rt());
  assert.deepEqual(decoded(bytes), [...MESSAGES, new Uint8Array(0)]);
  assert.equal(bytes.byteOffset, 0);
  assert.equal(bytes.buffer.byteLength, bytes.length);
});

test("encodeBytes() of full age chunks has no empty final one", async () =>
  assert.deepEqual(ageDecoded(encodeBytes([full(1), full(2)], await age())), [full(1), full(2)]));

test("encodeBytes() throws what goes wrong", async () => {
  const encoder = await rt();
  assert.throws(() => encodeBytes([new Uint8Array(SIZE + 1)], encoder), RangeError);
  assert.throws(() => encodeBytes(["text"], encoder), TypeError);
  assert.throws(() => encodeBytes([], {}), TypeError);
});

for (const [form, { encode }] of Object.entries(FORMS)) {
  test(`${form}: a chunk counts as it was, whoever changes it while the one before is read`, async () => {
    for (const size of [SIZE, SIZE - 1]) {
      const chunks = [full(1), new Uint8Array(size).fill(2)];
      const wire = [];
      for await (const part of encode(chunks, await age())) {
        wire.push(part);
        // Header, and the first chunk: it is out once the second has been asked for.
        if (wire.length === 2) detach(chunks[1].buffer);
      }
      assert.deepEqual(ageDecoded(concat(...wire)), [full(1), new Uint8Array(size).fill(2)]);
    }
  });
}
