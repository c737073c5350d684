/**
 * If the module ever trapped: whatever lives in that instance fails with `internal`, and `init()`
 * starts a new one.
 */
import { instanceCount, replace, trap, trapAt } from "../lib/instances.js";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import {
  AgeAutoDecoder,
  AgeDecoder,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecoder,
  AgeRtEncoder,
  decodeBytes,
  decrypt,
  encrypt,
  init,
} from "age-rt-wasm";
import { rekey } from "age-rt-wasm/header";
import { AgeReader } from "age-rt-wasm/reader";
import { runChild } from "../../lib/child.js";
import { drain } from "../../portable/lib/fate.js";

const PASSPHRASE = "a passphrase";
const LOW = { workFactor: 1 };
const TRAPPED = { name: "AgeRtError", code: "internal" };

await init();
const file = await encrypt(new Uint8Array(200_000), PASSPHRASE, LOW);
const live = await encrypt("text", PASSPHRASE, { ...LOW, format: "age-rt" });
const chunk = new Uint8Array(65_536);

/** Traps in one export while `task` runs. */
async function trapping(name, task) {
  const restore = replace(name, trap);
  try {
    return await task();
  } finally {
    restore();
  }
}

/** The package works again, in a new instance. */
async function assertRecovered() {
  const before = instanceCount();
  await init();
  assert.equal(instanceCount(), before + 1);
  const text = "text";
  assert.equal(
    Buffer.from(await decrypt(await encrypt(text, PASSPHRASE, LOW), PASSPHRASE)).toString(),
    text,
  );
}

function fed(decoder, length) {
  for (let at = 0; at < length;) {
    const end = at + decoder.bytesWanted;
    decoder.feed(file.subarray(at, end));
    at = end;
  }
  return decoder;
}

/** Every way into an object, and what it takes to get there. */
const calls = {
  "a new decoder": ["decoder_new", () => undefined, () => new AgeDecoder(PASSPHRASE)],
  "feed()": [
    "decoder_advance",
    () => new AgeDecoder(PASSPHRASE),
    (decoder) => decoder.feed(file.subarray(0, 1)),
  ],
  "feed() in the payload": [
    "decoder_advance",
    () => fed(new AgeDecoder(PASSPHRASE), 300),
    (decoder) => decoder.feed(file.subarray(300, 300 + decoder.bytesWanted)),
  ],
  "finish()": ["decoder_finish", () => new AgeRtDecoder(PASSPHRASE), (decoder) => decoder.finish()],
  bytesWanted: [
    "decoder_detail",
    () => new AgeDecoder(PASSPHRASE),
    (decoder) => decoder.bytesWanted,
  ],
  "isDone()": ["decoder_detail", () => new AgeDecoder(PASSPHRASE), (decoder) => decoder.isDone()],
  "free() of a decoder": [
    "__wbg_decoder_free",
    () => new AgeDecoder(PASSPHRASE),
    (decoder) => decoder.free(),
  ],
  "encodeChunk()": [
    "encoder_seal",
    () => AgeEncoder.create(PASSPHRASE, LOW),
    (encoder) => encoder.encodeChunk(chunk),
  ],
  "the copy into encodeChunk()": [
    "encoder_input",
    () => AgeRtEncoder.create(PASSPHRASE, LOW),
    (encoder) => encoder.encodeChunk(chunk),
  ],
  "free() of an encoder": [
    "__wbg_encoder_free",
    () => AgeEncoder.create(PASSPHRASE, LOW),
    (encoder) => encoder.free(),
  ],
};

test("a chunk that would lie outside of the memory is a trap, and no piece of what lies there", async () => {
  await init();
  const decoder = fed(new AgeDecoder(PASSPHRASE), 300);
  const next = file.subarray(300, 300 + decoder.bytesWanted);
  const restore = replace("decoder_advance", () => 2 ** 31 - 1);
  try {
    assert.throws(() => decoder.feed(next), TRAPPED);
  } finally {
    restore();
  }
  await assertRecovered();
});

test("a trap elsewhere while a stream with workers waits for its writer: its error, and nobody's uncaught one", async () => {
  await init();
  const other = await AgeRtEncoder.create(PASSPHRASE, LOW);
  const stream = new AgeEncryptStream(PASSPHRASE, { ...LOW, chunkSize: 10, workers: 1 });
  const reading = drain(stream.readable.getReader());
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => undefined);
  // The worker is there once this is done.
  await writer.write(new Uint8Array(1));
  // Two whole chunks, which go out once the writer pauses; and before it can, the trap.
  const written = writer.write(new Uint8Array(24));
  await trapping("encoder_seal", () => assert.throws(() => other.encodeChunk(chunk), TRAPPED));
  await written;
  const { error } = await reading;
  assert.deepEqual([error.name, error.code], ["AgeRtError", "internal"]);
  await assertRecovered();
});

describe("a trap in", () => {
  for (const [name, [place, make, call]] of Object.entries(calls)) {
    test(`${name}: typed, for this object, for others, and gone with init()`, async () => {
      await init();
      const other = new AgeDecoder(PASSPHRASE);
      const otherEncoder = await AgeRtEncoder.create(PASSPHRASE, LOW);
      const object = await make();
      await trapping(place, () => assert.throws(() => call(object), TRAPPED));
      // The instance is given up, so the same call fails though nothing traps any more.
      if (object && !name.startsWith("free()") && !["bytesWanted", "isDone()"].includes(name))
        assert.throws(() => call(object), TRAPPED);
      assert.throws(() => other.feed(file.subarray(0, 1)), TRAPPED);
      assert.throws(() => other.finish(), TRAPPED);
      assert.throws(() => otherEncoder.encodeChunk(chunk), TRAPPED);
      assert.equal(other.bytesWanted, 0);
      assert.equal(other.isDone(), false);
      // Freeing what is lost is no error: it stands in finally blocks.
      other.free();
      otherEncoder.free();
      object?.free();
      assert.throws(() => new AgeDecoder(PASSPHRASE), { code: "not-initialized" });
      await assertRecovered();
    });
  }

  test("begin() and provide() of an encoder", async () => {
    for (const place of ["encoder_new", "encoder_begin", "encoder_provide"]) {
      await init();
      await trapping(place, () => assert.rejects(AgeEncoder.create(PASSPHRASE, LOW), TRAPPED));
      await assertRecovered();
    }
  });
});

describe("a trap in any of the calls", () => {
  const SALT = "A".repeat(22);
  const BODY = "A".repeat(43);
  const header = (stanza) => Buffer.from(`age-encryption.org/v1\n${stanza}\n--- ${BODY}\n`);
  /** What ends in each of the errors, some of which the module has more to say about. */
  const inputs = {
    "a file": file,
    "a file that was changed": file.map((byte, i) => (i === 1000 ? byte ^ 1 : byte)),
    "a file that was cut short": file.subarray(0, 100),
    "an armored file": Buffer.from("-----BEGIN AGE ENCRYPTED FILE-----\n"),
    "something else": Buffer.from("hello"),
    "a file for a key": header(`-> X25519 ${BODY}\n${BODY}`),
    "a file of work factor 63": header(`-> scrypt ${SALT} 63\n${BODY}`),
    "a file of another passphrase": header(`-> scrypt ${SALT} 1\n${BODY}`),
    "a file of large chunks": Buffer.from(
      header(`-> scrypt ${SALT} 1\n${BODY}`).toString().replace("v1", "v1?chunk=16777216"),
    ),
  };
  const jobs = {
    "of an encoder": async () => {
      const encoder = await AgeRtEncoder.create(PASSPHRASE, LOW);
      try {
        encoder.encodeChunk(chunk, true);
      } finally {
        encoder.free();
      }
    },
    "under a stream": () => decrypt(live, PASSPHRASE),
    "under a stream that seals in workers": () =>
      encrypt(new Uint8Array(200_000), PASSPHRASE, { ...LOW, workers: 1 }),
    "under a stream that opens in workers": () => decrypt(file, PASSPHRASE, { workers: 1 }),
    "under a new passphrase": () => rekey(new Blob([file]), PASSPHRASE, "another", LOW),
    "under a reader": async () => {
      const reader = await AgeReader.open(new Blob([file]), PASSPHRASE);
      try {
        await reader.read(0, 1);
      } finally {
        reader.close();
      }
    },
  };
  for (const [name, input] of Object.entries(inputs)) {
    jobs[`over ${name}`] = () => {
      const decoder = new AgeAutoDecoder(PASSPHRASE);
      try {
        for (const each of decodeBytes(input, decoder)) assert.ok(each.length > 0);
        assert.equal(decoder.format, "age");
        assert.ok(decoder.isDone());
        assert.equal(decoder.bytesWanted, 0);
      } finally {
        decoder.free();
      }
    };
  }
  const called = new Set();

  for (const [name, job] of Object.entries(jobs)) {
    test(`${name}: the error is typed, and the instance is given up`, async (t) => {
      for (let index = 0, trapped = true; trapped; index += 1) {
        await init();
        const other = new AgeDecoder(PASSPHRASE);
        const restore = trapAt(index);
        const outcome = await Promise.resolve()
          .then(job)
          .catch((error) => error);
        const names = restore();
        trapped = names.length > index;
        if (!trapped) {
          t.diagnostic(`${index} calls`);
          assert.ok(index > 5);
          assert.notEqual(outcome?.code, "internal");
          other.free();
          break;
        }
        called.add(names[index]);
        // What was decrypted before a stream is freed, the last of its calls, has verified.
        if (!(name.startsWith("under a stream") && names[index].endsWith("_free")))
          assert.equal(outcome?.code, "internal", names[index]);
        assert.throws(() => other.feed(file.subarray(0, 1)), TRAPPED, names[index]);
      }
      await init();
    });
  }

  test("and these were all that the module has", () => {
    const wasm = new WebAssembly.Module(
      readFileSync(createRequire(import.meta.url).resolve("age-rt-wasm/age_rt.wasm")),
    );
    // The bindings' own; the derivation and the chunks of a worker, in instances apart; and what
    // the package never calls.
    const others = /^(__(?!wbg_\w+_free$)\w+|kdf\w+|chunks\w+|memory|liveObjects)$/;
    const names = WebAssembly.Module.exports(wasm).map((each) => each.name);
    assert.deepEqual(
      names.filter((each) => !called.has(each) && !others.test(each)),
      [],
    );
  });
});

describe("a trap under a stream", () => {
  for (const place of [
    "decoder_new",
    "decoder_input",
    "decoder_advance",
    "decoder_answer",
    "decoder_detail",
    "decoder_finish",
  ]) {
    test(`that decrypts, in ${place}`, async () => {
      await init();
      await trapping(place, async () => {
        const pair = new AgeDecryptStream(PASSPHRASE);
        const writing = new Blob([file]).stream().pipeTo(pair.writable);
        const [written, { error }] = await Promise.all([
          writing.catch((thrown) => thrown),
          drain(pair.readable.getReader()),
        ]);
        assert.equal(error.code, "internal");
        assert.equal(written, error);
      });
      await assertRecovered();
    });
  }

  test("that encrypts", async () => {
    await init();
    await trapping("encoder_seal", async () => {
      const pair = new AgeEncryptStream(PASSPHRASE, LOW);
      const writing = new Blob([new Uint8Array(200_000)]).stream().pipeTo(pair.writable);
      const [written, { error }] = await Promise.all([
        writing.catch((thrown) => thrown),
        drain(pair.readable.getReader()),
      ]);
      assert.equal(error.code, "internal");
      assert.equal(written, error);
    });
    await assertRecovered();
  });

  test("other streams under way fail too, and those that start afterwards do not", async () => {
    await init();
    const under = new AgeDecryptStream(PASSPHRASE);
    const reader = under.readable.getReader();
    const writer = under.writable.getWriter();
    writer.closed.catch(() => undefined);
    writer.write(file.subarray(0, 100_000)).catch(() => undefined);
    assert.equal((await reader.read()).value.length, 65_536);
    await trapping("decoder_new", () => assert.rejects(decrypt(file, PASSPHRASE), TRAPPED));
    const failed = writer.write(file.subarray(100_000)).catch((error) => error);
    await assert.rejects(reader.read(), TRAPPED);
    assert.equal((await failed).code, "internal");
    assert.equal((await decrypt(file, PASSPHRASE)).length, 200_000);
  });
});

test("a trap while the random numbers are drawn is the same error", async () => {
  await init();
  await trapping("encoder_begin", () => assert.rejects(encrypt("x", PASSPHRASE, LOW), TRAPPED));
  await assertRecovered();
});

test("a trap that is real leaves nothing in memory, and no finalizer that could end the process", async () => {
  const { report } = await runChild(new URL("../children/collected.js", import.meta.url), {
    flags: ["--expose-gc"],
  });
  assert.deepEqual(report, { codes: ["internal"], text: "text", left: false });
});
