/**
 * The reference's documented examples, in JavaScript: one test an example, with the lines of it
 * that it mirrors. All derive in place with the standard work factor, as the examples do.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  AgeAutoDecoder,
  AgeEncoder,
  AgeRtDecoder,
  AgeRtEncoder,
  ChunkAuthenticationError,
  HeaderParseError,
  StreamTruncatedError,
  aiterDecodeCallable,
  aiterDecodeChunks,
  aiterEncodeChunks,
  decodeBytes,
  decodeFile,
  encodeBytes,
  encodeFile,
  init,
  iterDecodeCallable,
  iterDecodeChunks,
  iterEncodeChunks,
} from "age-rt-wasm";
import { Reference } from "../interop/lib/reference.js";
import { examples, signatures, version } from "./lib/readme.js";

const utf8 = (text) => new TextEncoder().encode(text);
const bytes = (...texts) => texts.map(utf8);
const EMPTY = new Uint8Array(0);
const joined = (parts) => new Uint8Array(Buffer.concat(parts));

const mirrored = new Set();
let folder;
let reference;
let secret;

before(async () => {
  await init();
  folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-reference-"));
  secret = encodeBytes(bytes("chunk1", "chunk2"), AgeRtEncoder.fromPassphrase("secret"));
  reference = await Reference.start();
});
after(async () => {
  await reference?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Registers the mirror of the documented block, the only one, that has all of the lines. */
function mirror(lines, run) {
  const all = [...signatures, ...examples];
  const found = all.filter(
    (block) => !mirrored.has(block) && lines.every((line) => block.includes(line)),
  );
  test(lines.at(-1), async (t) => {
    assert.ok(found.length > 0, `the reference's documentation has no such example: ${lines}`);
    await run(t);
  });
  if (found.length > 0) mirrored.add(found[0]);
}

/** What a file read in Python is: read(n) gives up to n bytes, none at the end. */
function source(data) {
  let at = 0;
  return (n) => data.subarray(at, (at += n));
}

function path(name) {
  return join(folder, name);
}

mirror(
  [
    "# auto-detecting decode (works for both age v1 and age-rt)",
    'encode_bytes([b"Hello", b"World"], encoder)',
  ],
  () => {
    const encoder = AgeRtEncoder.fromPassphrase("my-secret");
    const encrypted = encodeBytes(bytes("Hello", "World"), encoder);
    assert.deepEqual(
      [...decodeBytes(encrypted, new AgeRtDecoder("my-secret"))],
      [...bytes("Hello", "World"), EMPTY],
    );
    assert.deepEqual(
      [...decodeBytes(encrypted, new AgeAutoDecoder("my-secret"))],
      [...bytes("Hello", "World"), EMPTY],
    );
  },
);

mirror(
  [
    "encode_file(plaintext_chunks, f,",
    "decoded_chunks = list(decode_file(f, AgeRTDecoder(passphrase)))",
    'assert decoded_chunks == plaintext_chunks + [b""]',
  ],
  async () => {
    const passphrase = "my-secret-passphrase";
    const plaintextChunks = bytes("Hello", "World", "!");

    let f = await open(path("encrypted.age"), "w");
    await encodeFile(plaintextChunks, f, AgeRtEncoder.fromPassphrase(passphrase));
    await f.close();

    f = await open(path("encrypted.age"));
    const decodedChunks = [];
    for await (const chunk of decodeFile(f, new AgeRtDecoder(passphrase)))
      decodedChunks.push(chunk);
    await f.close();

    assert.deepEqual(decodedChunks, [...plaintextChunks, EMPTY]);
  },
);

mirror(
  [
    'plaintext_chunks = [b"Chunk1", b"Chunk2", b"Chunk3"]',
    "decoded_chunks = list(decode_bytes(encrypted, AgeRTDecoder(passphrase)))",
  ],
  async () => {
    const passphrase = "secret";
    const plaintextChunks = bytes("Chunk1", "Chunk2", "Chunk3");

    const encrypted = encodeBytes(plaintextChunks, AgeRtEncoder.fromPassphrase(passphrase));
    const decodedChunks = [...decodeBytes(encrypted, new AgeRtDecoder(passphrase))];
    assert.deepEqual(decodedChunks, [...plaintextChunks, EMPTY]);
    // And the reference says the same of what was written here.
    assert.deepEqual(await reference.decode("age-rt", passphrase, encrypted), [
      ...plaintextChunks,
      EMPTY,
    ]);
  },
);

mirror(
  [
    'plaintext_chunks = [b"Data1", b"Data2", b"Data3"]',
    "for wire_chunk in iter_encode_chunks(plaintext_chunks, encoder):",
  ],
  () => {
    const encoder = AgeRtEncoder.fromPassphrase("secret");
    const plaintextChunks = bytes("Data1", "Data2", "Data3");

    const output = [];
    for (const wireChunk of iterEncodeChunks(plaintextChunks, encoder)) output.push(wireChunk);

    assert.equal(output.length, 1 + 3 + 1);
    assert.deepEqual(
      [...decodeBytes(joined(output), new AgeRtDecoder("secret"))],
      [...plaintextChunks, EMPTY],
    );
  },
);

mirror(['for chunk in iter_decode_callable(f.read, AgeAutoDecoder("secret")):'], async () => {
  for (const [format, Encoder] of Object.entries({ "age-rt": AgeRtEncoder, age: AgeEncoder })) {
    const decoder = new AgeAutoDecoder("secret");
    const chunks = [
      ...iterDecodeCallable(
        source(encodeBytes(bytes("Data"), Encoder.fromPassphrase("secret"))),
        decoder,
      ),
    ];
    assert.equal(decoder.format, format);
    assert.deepEqual(joined(chunks), utf8("Data"));
  }
});

mirror(
  [
    "from age_rt import AgeRTDecoder, aiter_decode_callable",
    'async for chunk in aiter_decode_callable(reader.read_fixed_block, AgeRTDecoder("secret")):',
  ],
  decodeFromReader,
);
mirror(
  [
    'async for chunk in aiter_decode_callable(reader.read_fixed_block, AgeRTDecoder("secret")):',
    "await process(chunk)",
  ],
  decodeFromReader,
);

async function decodeFromReader() {
  const read = source(secret);
  const reader = { readFixedBlock: async (n) => read(n) };
  const chunks = [];
  for await (const chunk of aiterDecodeCallable(reader.readFixedBlock, new AgeRtDecoder("secret")))
    chunks.push(chunk);
  assert.deepEqual(chunks, [...bytes("chunk1", "chunk2"), EMPTY]);
}

mirror(
  [
    "stream = io.BytesIO(encrypted_data)",
    "while (wanted := decoder.bytes_wanted) and (data := stream.read(wanted)):",
  ],
  feedByHand,
);
mirror(
  [
    "decoder = AgeRTDecoder(passphrase)",
    "while (wanted := decoder.bytes_wanted) and (data := source.read(wanted)):",
  ],
  feedByHand,
);

function feedByHand() {
  const decoder = new AgeRtDecoder("secret");
  const read = source(secret);
  const results = [];
  let data;
  while (decoder.bytesWanted > 0 && (data = read(decoder.bytesWanted)).length > 0) {
    const result = decoder.feed(data);
    if (result !== undefined) results.push(result);
  }
  assert.deepEqual(results, [...bytes("chunk1", "chunk2"), EMPTY]);
  assert.ok(decoder.isDone());
}

mirror(
  [
    "for i, chunk in enumerate(plaintext_chunks):",
    "output.write(encoder.encode_chunk(chunk, is_final=is_final))",
  ],
  () => {
    const plaintextChunks = bytes("one", "two", "three");
    const encoder = AgeRtEncoder.fromPassphrase("secret");
    const output = [encoder.getHeader()];

    for (const [i, chunk] of plaintextChunks.entries()) {
      const isFinal = i === plaintextChunks.length - 1;
      output.push(encoder.encodeChunk(chunk, isFinal));
    }

    assert.ok(encoder.finalized);
    assert.deepEqual([...decodeBytes(joined(output), new AgeRtDecoder("secret"))], plaintextChunks);
  },
);

mirror(
  ["except ChunkAuthenticationError:", "except StreamTruncatedError:", "except HeaderParseError:"],
  async () => {
    async function outcome(data, passphrase) {
      await writeFile(path("read.age"), data);
      const f = await open(path("read.age"));
      try {
        for await (const _ of decodeFile(f, new AgeRtDecoder(passphrase)));
        return "read";
      } catch (error) {
        if (error instanceof ChunkAuthenticationError) return "Wrong passphrase or corrupted data";
        if (error instanceof StreamTruncatedError) return "Stream was truncated";
        if (error instanceof HeaderParseError) return "Invalid or unrecognized age header";
        throw error;
      } finally {
        await f.close();
      }
    }

    const corrupted = secret.slice();
    corrupted[corrupted.length - 1] ^= 1;
    assert.equal(await outcome(secret, "secret"), "read");
    assert.equal(await outcome(secret, "another"), "Wrong passphrase or corrupted data");
    assert.equal(await outcome(corrupted, "secret"), "Wrong passphrase or corrupted data");
    assert.equal(await outcome(secret.subarray(0, -1), "secret"), "Stream was truncated");
    assert.equal(
      await outcome(utf8("<!doctype html>"), "secret"),
      "Invalid or unrecognized age header",
    );
  },
);

mirror(['for wire_chunk in iter_encode_chunks([b"chunk1", b"chunk2"], encoder):'], () => {
  const encoder = AgeRtEncoder.fromPassphrase("secret");
  const output = [];
  for (const wireChunk of iterEncodeChunks(bytes("chunk1", "chunk2"), encoder))
    output.push(wireChunk);
  assert.deepEqual(
    [...decodeBytes(joined(output), new AgeRtDecoder("secret"))],
    [...bytes("chunk1", "chunk2"), EMPTY],
  );
});

mirror(
  [
    "with open('encrypted.age', 'rb') as f:",
    'for chunk in iter_decode_callable(f.read, AgeRTDecoder("secret")):',
  ],
  () => {
    const chunks = [];
    for (const chunk of iterDecodeCallable(source(secret), new AgeRtDecoder("secret")))
      chunks.push(chunk);
    assert.deepEqual(chunks, [...bytes("chunk1", "chunk2"), EMPTY]);
  },
);

mirror(
  ["with open('data.age', 'wb') as f:", "encode_file([b'chunk1', b'chunk2'], f,"],
  async () => {
    const f = await open(path("data.age"), "w+");
    await encodeFile(bytes("chunk1", "chunk2"), f, AgeRtEncoder.fromPassphrase("secret"));
    const written = new Uint8Array((await f.stat()).size);
    await f.read(written, 0, written.length, 0);
    await f.close();
    assert.deepEqual(
      [...decodeBytes(written, new AgeRtDecoder("secret"))],
      [...bytes("chunk1", "chunk2"), EMPTY],
    );
  },
);

// What is documented without an example, by what it says of itself.

mirror(["async aiter_encode_chunks("], async () => {
  const later = async function* () {
    yield* bytes("chunk1", "chunk2");
  };
  const output = [];
  for await (const wireChunk of aiterEncodeChunks(later(), AgeRtEncoder.fromPassphrase("secret")))
    output.push(wireChunk);
  assert.deepEqual(
    [...decodeBytes(joined(output), new AgeRtDecoder("secret"))],
    [...bytes("chunk1", "chunk2"), EMPTY],
  );
});

/** Blobs that do not align with what the decoder wants. */
const blobs = () => [secret.subarray(0, 50), secret.subarray(50, 195), secret.subarray(195)];

mirror(["iter_decode_chunks(data_source: Iterable[bytes]"], () => {
  assert.deepEqual(
    [...iterDecodeChunks(blobs(), new AgeRtDecoder("secret"))],
    [...bytes("chunk1", "chunk2"), EMPTY],
  );
});

mirror(["async aiter_decode_chunks("], async () => {
  const later = async function* () {
    yield* blobs();
  };
  const chunks = [];
  for await (const chunk of aiterDecodeChunks(later(), new AgeRtDecoder("secret")))
    chunks.push(chunk);
  assert.deepEqual(chunks, [...bytes("chunk1", "chunk2"), EMPTY]);
});

test("every documented example has a mirror", () => {
  assert.equal(version, "0.2.2");
  assert.deepEqual(
    examples.filter((block) => !mirrored.has(block)),
    [],
  );
  assert.equal(examples.length, 14);
});
