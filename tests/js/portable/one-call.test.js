/** encrypt() and decrypt(): the whole of something in one call. */
import {
  AgeAutoDecoder,
  AgeRtDecryptStream,
  AgeRtEncoder,
  armor,
  ciphertextSize,
  dearmor,
  decrypt,
  encodeBytes,
  encrypt,
  init,
  toBlob,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { joined, through } from "../lib/streams.js";
import { detach, flipped, utf8 } from "./lib/bytes.js";
import { coded } from "./lib/errors.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const random = new Random();

function formatOf(bytes) {
  const decoder = new AgeAutoDecoder(PASSPHRASE);
  for (const byte of bytes) {
    decoder.feed(Uint8Array.of(byte));
    if (decoder.format) break;
  }
  const { format } = decoder;
  decoder.free();
  return format;
}

for (const format of [undefined, "age", "age-rt"]) {
  for (const size of [0, 1, 65_536, 65_537, 200_000]) {
    test(`${size} bytes, format ${format} (seed ${seed})`, async () => {
      const plaintext = random.bytes(size);
      assert.bytesEqual(
        await decrypt(await encrypt(plaintext, PASSPHRASE, { ...QUICK, format }), PASSPHRASE),
        plaintext,
      );
    });
  }

  test(`the format is ${format ?? "age unless set"}`, async () => {
    await init();
    assert.equal(
      formatOf(await encrypt(new Uint8Array(1), PASSPHRASE, { ...QUICK, format })),
      format ?? "age",
    );
  });
}

/** What the owner of bytes may do with them as soon as the call has returned. */
const AFTERWARDS = {
  overwritten: (bytes) => bytes.fill(0xff),
  "sent to a worker": (bytes) => detach(bytes.buffer),
  "made shorter": (bytes) => bytes.buffer.resize?.(1),
};
for (const [what, change] of Object.entries(AFTERWARDS)) {
  for (const format of ["age", "age-rt"]) {
    test(`bytes that are ${what} at once: those of the call count, ${format}`, async () => {
      const size = 200_000;
      const plaintext = random.bytes(size);
      /** In memory of its own, which can shrink where the host has such. */
      const owned = (bytes) => {
        const own = new Uint8Array(new ArrayBuffer(bytes.length, { maxByteLength: bytes.length }));
        own.set(bytes);
        return own;
      };
      const given = owned(plaintext);
      const encrypting = encrypt(given, PASSPHRASE, { ...QUICK, format });
      change(given);
      const file = await encrypting;
      assert.bytesEqual(await decrypt(file, PASSPHRASE), plaintext);
      const sealed = owned(file);
      const decrypting = decrypt(sealed, PASSPHRASE);
      change(sealed);
      assert.bytesEqual(await decrypting, plaintext);
    });
  }
}

test("what was given is left as it was", async () => {
  const plaintext = random.bytes(100_000);
  const copy = plaintext.slice();
  const file = await encrypt(plaintext, PASSPHRASE, QUICK);
  assert.bytesEqual(plaintext, copy);
  const sealed = file.slice();
  await decrypt(file, PASSPHRASE);
  assert.bytesEqual(file, sealed);
});

test("a piece that is written is whole messages of age-rt, of any size", async () => {
  const plaintext = random.bytes(9_500_000);
  for (const maxChunkSize of [65_536, 3_000_000]) {
    const options = { ...QUICK, format: "age-rt", maxChunkSize };
    const file = await encrypt(plaintext, PASSPHRASE, options);
    const stream = new AgeRtDecryptStream(PASSPHRASE, { maxChunkSize });
    const chunks = await through([file], stream);
    assert.deepEqual(
      chunks.map(({ length }) => length),
      Array.from({ length: Math.ceil(plaintext.length / maxChunkSize) }, (_, i) =>
        Math.min(maxChunkSize, plaintext.length - i * maxChunkSize),
      ),
    );
    assert.bytesEqual(joined(chunks), plaintext);
  }
});

test("many messages of no and of few bytes come back in their order, in one call and as a Blob", async () => {
  const encoder = await AgeRtEncoder.create(PASSPHRASE, QUICK);
  const messages = Array.from({ length: 2000 }, (_, i) => new Uint8Array(i % 3).fill(i));
  messages.push(random.bytes(60_000), new Uint8Array(0), random.bytes(10));
  const file = encodeBytes(messages, encoder);
  assert.bytesEqual(await decrypt(file, PASSPHRASE), joined(messages));
  const stream = new AgeRtDecryptStream(PASSPHRASE);
  const blob = await toBlob(new Blob([file]).stream().pipeThrough(stream));
  assert.bytesEqual(await blob.arrayBuffer(), joined(messages));
});

test("a string is encrypted as UTF-8", async () => {
  assert.bytesEqual(
    await decrypt(await encrypt("naïve 🔐", PASSPHRASE, QUICK), PASSPHRASE),
    utf8("naïve 🔐"),
  );
});

test("a Blob is encrypted", async () => {
  const plaintext = random.bytes(150_000);
  assert.bytesEqual(
    await decrypt(await encrypt(new Blob([plaintext]), PASSPHRASE, QUICK), PASSPHRASE),
    plaintext,
  );
});

test("a Blob is decrypted", async () => {
  const wire = await encrypt(new Uint8Array(150_000), PASSPHRASE, QUICK);
  assert.equal((await decrypt(new Blob([wire]), PASSPHRASE)).length, 150_000);
});

test("armored text is decrypted", async () => {
  const text = armor(await encrypt("attack at dawn", PASSPHRASE, QUICK));
  assert.bytesEqual(await decrypt(text, PASSPHRASE), utf8("attack at dawn"));
});

test("text that is no armor is invalid-armor", async () => {
  await assert.rejects(decrypt("attack at dawn", PASSPHRASE), coded("invalid-armor"));
});

for (const format of ["age", "age-rt"]) {
  test(`${format}: armored bytes, Blobs and Files are decrypted, as editors save them`, async () => {
    const text = await encrypt("attack at dawn", PASSPHRASE, { ...QUICK, format, armor: true });
    for (const saved of [text, `\ufeff\n\u00a0${text.replaceAll("\n", "\r\n")} \n`]) {
      for (const data of [saved, utf8(saved), new Blob([saved]), new File([saved], "text.age")])
        assert.bytesEqual(await decrypt(data, PASSPHRASE), utf8("attack at dawn"));
    }
  });
}

test("armor: true gives the text that armor() gives", async () => {
  const text = await encrypt("attack at dawn", PASSPHRASE, { ...QUICK, armor: true });
  assert.equal(text, armor(dearmor(text)));
  const options = { ...QUICK, armor: false };
  assert.ok((await encrypt("attack at dawn", PASSPHRASE, options)) instanceof Uint8Array);
});

for (const value of ["yes", 1, null]) {
  test(`armor: ${JSON.stringify(value)} is a TypeError`, () =>
    assert.rejects(encrypt("", PASSPHRASE, { armor: value }), TypeError));
}

test("bytes that begin as armor does, and go on as something else", async () => {
  const text = await encrypt("attack at dawn", PASSPHRASE, { ...QUICK, armor: true });
  const fates = [
    // No more than white space or half a mark: nothing says that this is armor.
    ["", "truncated"],
    [" ".repeat(1000), "not-age"],
    [" \n- a list", "not-age"],
    ["-----BEGIN PGP MESSAGE-----\n", "not-age"],
    [`${" ".repeat(1025)}${text}`, "not-age"],
    [`${text.slice(0, 34)}!`, "invalid-armor"],
    [text.slice(0, -32), "invalid-armor"],
    [`${text}bye`, "invalid-armor"],
    [`${text}${text}`, "invalid-armor"],
  ];
  for (const [data, code] of fates)
    await assert.rejects(decrypt(utf8(data), PASSPHRASE), coded(code), data.slice(0, 40));
});

test("an age file that a shell's redirection has rewritten is told as such", async () => {
  const wire = await encrypt("attack at dawn", PASSPHRASE, QUICK);
  // What PowerShell does: it takes the bytes for text, ends the lines its own way, and saves
  // UTF-16.
  const text = new TextDecoder().decode(wire).replaceAll("\n", "\r\n");
  const wide = Uint8Array.from(
    [...`\ufeff${text}`].flatMap((c) => [c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8]),
  );
  for (const [rewritten, code] of [
    [wide, "not-age"],
    [utf8(`\ufeff${text}`), "not-age"],
    [utf8(text), "invalid-header"],
  ]) {
    await assert.rejects(
      decrypt(rewritten, PASSPHRASE),
      (error) => error.code === code && error.message.includes("redirection"),
    );
  }
});

test("what comes out owns its buffer", async () => {
  const wire = await encrypt(new Uint8Array(100), PASSPHRASE, QUICK);
  const plain = await decrypt(wire, PASSPHRASE);
  for (const bytes of [wire, plain])
    assert.ok(bytes.constructor === Uint8Array && bytes.buffer.byteLength === bytes.length);
});

for (const format of ["age", "age-rt"]) {
  test(`${format}: another chunk size, there and back`, async () => {
    const wire = await encrypt(new Uint8Array(2500), PASSPHRASE, {
      ...QUICK,
      format,
      chunkSize: 1000,
    });
    assert.equal((await decrypt(wire, PASSPHRASE)).length, 2500);
  });

  test(`${format}: a chunk size above the standard one is read where it is allowed`, async () => {
    const wire = await encrypt(new Uint8Array(100_000), PASSPHRASE, {
      ...QUICK,
      format,
      chunkSize: 80_000,
    });
    assert.equal((await decrypt(wire, PASSPHRASE, { maxChunkSize: 80_000 })).length, 100_000);
  });

  test(`${format}: and refused where it is not`, async () => {
    const wire = await encrypt(new Uint8Array(1), PASSPHRASE, {
      ...QUICK,
      format,
      chunkSize: 80_000,
    });
    const error = await assert.rejects(decrypt(wire, PASSPHRASE), coded("chunk-size-mismatch"));
    assert.equal(error.limit, 65_536);
  });

  test(`${format}: nothing is returned unless all of it verified`, async () => {
    const { bytes } = await makeFile(format, [65_536, 10]);
    await assert.rejects(
      decrypt(flipped(bytes, bytes.length - 1), PASSPHRASE),
      coded("chunk-authentication"),
    );
  });

  test(`${format}: nor if there is more than that, with closeAtFinal too`, async () => {
    const { bytes } = await makeFile(format, [65_536, 10]);
    const joined = new Blob([bytes, "more"]);
    const code = format === "age" ? "chunk-authentication" : "trailing-data";
    for (const data of [joined, await joined.arrayBuffer()]) {
      for (const options of [{}, { closeAtFinal: true }])
        await assert.rejects(decrypt(data, PASSPHRASE, options), coded(code));
    }
    assert.equal((await decrypt(bytes, PASSPHRASE, { closeAtFinal: true })).length, 65_546);
  });
}

test("the work factor is the one that was asked for", async () => {
  const wire = await encrypt("", PASSPHRASE, { workFactor: 3 });
  const error = await assert.rejects(
    decrypt(wire, PASSPHRASE, { maxWorkFactor: 2 }),
    coded("excessive-work-factor"),
  );
  assert.deepEqual([error.workFactor, error.limit], [3, 2]);
});

test("an age file has the size that ciphertextSize() says", async () => {
  const wire = await encrypt(new Uint8Array(70_000), PASSPHRASE, QUICK);
  assert.equal(wire.length, ciphertextSize(70_000, QUICK));
});

test("a signal that is aborted ends the call with its reason", async () => {
  const reason = new Error("changed my mind");
  await assert.rejects(
    encrypt("", PASSPHRASE, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  await assert.rejects(
    decrypt(new Uint8Array(1), PASSPHRASE, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
});

test("a signal that is aborted during the derivation ends the call with its reason", async () => {
  const reason = new Error("changed my mind");
  const abort = new AbortController();
  let heard = 0;
  // Told when it begins: it is under way at once.
  const onDerivation = () => {
    heard += 1;
    queueMicrotask(() => abort.abort(reason));
  };
  await assert.rejects(
    encrypt("text", PASSPHRASE, { signal: abort.signal, onDerivation }),
    (error) => error === reason,
  );
  assert.equal(heard, 1);
});

for (const format of ["AGE", "age-v1", "", null, 1]) {
  test(`a format of ${JSON.stringify(format)} is a TypeError`, () =>
    assert.rejects(encrypt("", PASSPHRASE, { format }), TypeError));
}

test("wrong arguments reject and do not throw", async () => {
  const calls = [
    () => encrypt("", ""),
    () => decrypt(new Uint8Array(1), ""),
    () => encrypt("", PASSPHRASE, { workFactor: 21 }),
    () => decrypt(new Uint8Array(1), PASSPHRASE, { maxChunkSize: 0 }),
  ];
  for (const call of calls) await assert.rejects(call(), RangeError);
});
