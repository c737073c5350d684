/** Refusals that a header brings, before or after the derivation, and what their errors tell. */
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeRtDecryptStream,
  ChunkAuthenticationError,
  DecodeError,
  HeaderParseError,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { concat, utf8 } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { failure, fate, oneError } from "./lib/fate.js";
import { makeFile, PASSPHRASE } from "./lib/files.js";

const STREAMS = [
  [
    "age",
    "AgeDecryptStream",
    (options, passphrase = PASSPHRASE) => new AgeDecryptStream(passphrase, options),
  ],
  [
    "age",
    "AgeAutoDecryptStream",
    (options, passphrase = PASSPHRASE) => new AgeAutoDecryptStream(passphrase, options),
  ],
  [
    "age-rt",
    "AgeRtDecryptStream",
    (options, passphrase = PASSPHRASE) => new AgeRtDecryptStream(passphrase, options),
  ],
  [
    "age-rt",
    "AgeAutoDecryptStream",
    (options, passphrase = PASSPHRASE) => new AgeAutoDecryptStream(passphrase, options),
  ],
];
const IDENTIFIER = {
  age: "age-encryption.org/v1",
  "age-rt": "github.com/parsimonit/age-rt-encryption/v0.2",
};

/** A header that is well-formed, of stanzas that are not. */
function header(format, ...stanzas) {
  return utf8([IDENTIFIER[format], ...stanzas, `--- ${"A".repeat(43)}`, ""].join("\n"));
}

function scrypt(workFactor) {
  return `-> scrypt ${"A".repeat(22)} ${workFactor}\n${"A".repeat(43)}`;
}

for (const [format, name, make] of STREAMS) {
  const title = (what) => `${name}, ${format}: ${what}`;

  test(title("a wrong passphrase"), async () => {
    const { bytes } = await makeFile(format, [10]);
    const seen = await fate(make({}, "wrong"), [bytes], { open: true });
    assertError(oneError(seen), "wrong-passphrase");
    assert.equal(seen.cancelled, seen.read);
    assert.ok(seen.read instanceof ChunkAuthenticationError && seen.read instanceof DecodeError);
  });

  test(title("a wrong passphrase, told by the header alone"), async () => {
    const { bytes } = await makeFile(format, [10]);
    const text = String.fromCharCode(...bytes.subarray(0, 300));
    const end = text.indexOf("\n", text.indexOf("--- ")) + 1;
    assertError(
      oneError(await fate(make({}, "wrong"), [bytes.subarray(0, end)], { open: true })),
      "wrong-passphrase",
    );
  });

  for (const [workFactor, maxWorkFactor, limit] of [
    [19, 18, 18],
    [2, 1, 1],
    [21, undefined, 20],
    [22, 21, 21],
    [23, 22, 22],
    [99, undefined, 20],
  ]) {
    test(
      title(
        `a work factor of ${workFactor} where ${maxWorkFactor ?? "nothing"} is allowed at most`,
      ),
      async () => {
        const seen = await fate(make({ maxWorkFactor }), [header(format, scrypt(workFactor))], {
          open: true,
        });
        assertError(oneError(seen), "excessive-work-factor");
        assert.deepEqual(
          [seen.read.workFactor, seen.read.limit, seen.cancelled === seen.read],
          [workFactor, limit, true],
        );
      },
    );
  }

  for (const workFactor of ["0", "01", "+1", "-1", "1.0", "0x1", ""]) {
    test(title(`a work factor of "${workFactor}" is no number of the grammar`), async () => {
      assertError(
        oneError(await fate(make(), [header(format, scrypt(workFactor))])),
        "invalid-header",
      );
    });
  }

  test(title("a work factor at the limit is tried"), async () => {
    assertError(
      oneError(await fate(make({ maxWorkFactor: 2 }), [header(format, scrypt(2))])),
      "wrong-passphrase",
    );
  });

  test(title("a file for a public key says so"), async () => {
    const stanza = `-> X25519 ${"A".repeat(43)}\n${"A".repeat(43)}`;
    const grease = `-> grease-!# ab\n`;
    const error = oneError(await fate(make(), [header(format, stanza, grease)], { open: true }));
    assertError(error, "no-passphrase-stanza");
    assert.deepEqual(error.stanzaTypes, ["X25519", "grease-!#"]);
  });

  test(title("a scrypt stanza must be alone"), async () => {
    const stanza = `-> X25519 ${"A".repeat(43)}\n${"A".repeat(43)}`;
    assertError(
      oneError(await fate(make(), [header(format, scrypt(1), stanza)])),
      "invalid-header",
    );
  });

  test(title("a header over 64 KiB"), async () => {
    const endless = utf8(`-> a b\n${`${"A".repeat(64)}\n`.repeat(1100)}`);
    const seen = await fate(make(), [utf8(`${IDENTIFIER[format]}\n`), endless], { open: true });
    assertError(oneError(seen), "invalid-header");
  });

  test(title("a large header below that is read"), async () => {
    const stanza = `-> a b\n${`${"A".repeat(64)}\n`.repeat(600)}`;
    assertError(oneError(await fate(make(), [header(format, stanza)])), "no-passphrase-stanza");
  });

  test(title("an error of the header needs no more than the header's first bytes"), async () => {
    const seen = await fate(make(), [utf8("<!doctype html>")], { open: true });
    assertError(oneError(seen), "not-age");
    assert.ok(seen.read instanceof HeaderParseError && seen.cancelled === seen.read);
  });

  test(title("no input at all is truncated"), async () =>
    assertError(oneError(await fate(make(), [])), "truncated"),
  );

  test(title("empty pieces and no more are truncated"), async () => {
    assertError(oneError(await fate(make(), [new Uint8Array(0), new Uint8Array(0)])), "truncated");
  });
}

test("AgeRtDecryptStream: a chunk size above the limit", async () => {
  const { bytes } = await makeFile("age-rt", [1], { chunkSize: 1001 });
  const error = oneError(
    await fate(new AgeRtDecryptStream(PASSPHRASE, { maxChunkSize: 1000 }), [bytes], { open: true }),
  );
  assert.equal(assertError(error, "chunk-size-mismatch").limit, 1000);
});

test("AgeRtDecryptStream: a limit below the standard chunk size refuses standard streams", async () => {
  const { bytes } = await makeFile("age-rt", [1]);
  assertError(
    oneError(await fate(new AgeRtDecryptStream(PASSPHRASE, { maxChunkSize: 65_535 }), [bytes])),
    "chunk-size-mismatch",
  );
});

for (const chunkSize of [99, 101, undefined]) {
  test(`AgeDecryptStream: a chunk size of 100 where ${chunkSize ?? "the standard one"} is expected`, async () => {
    const { bytes } = await makeFile("age", [1], { chunkSize: 100 });
    const error = oneError(
      await fate(new AgeDecryptStream(PASSPHRASE, { chunkSize }), [bytes], { open: true }),
    );
    assert.equal(assertError(error, "chunk-size-mismatch").limit, chunkSize ?? 65_536);
  });
}

for (const format of ["age", "age-rt"]) {
  test(`AgeAutoDecryptStream, ${format}: a chunk size up to the limit`, async () => {
    const { bytes } = await makeFile(format, [1], { chunkSize: 1000 });
    assert.equal(
      (await fate(new AgeAutoDecryptStream(PASSPHRASE, { maxChunkSize: 1000 }), [bytes])).chunks
        .length,
      1,
    );
  });

  test(`AgeAutoDecryptStream, ${format}: a chunk size above the limit`, async () => {
    const { bytes } = await makeFile(format, [1], { chunkSize: 1000 });
    assertError(
      oneError(await fate(new AgeAutoDecryptStream(PASSPHRASE, { maxChunkSize: 999 }), [bytes])),
      "chunk-size-mismatch",
    );
  });
}

for (const [parameters, key] of [
  ["?chunk=0", "age"],
  ["?chunk=16777217", "age"],
  ["?chunk=01", "age"],
  ["?chunk=1&chunk=1", "age"],
  ["?other=1", "age"],
  ["?maxchunk=1", "age"],
  ["?maxchunk=0", "age-rt"],
  ["?maxchunk=16777217", "age-rt"],
  ["?maxchunk=", "age-rt"],
  ["?chunk=1", "age-rt"],
  ["?", "age-rt"],
]) {
  test(`AgeAutoDecryptStream: the identifier ${IDENTIFIER[key]}${parameters}`, async () => {
    const bytes = concat(
      utf8(`${IDENTIFIER[key]}${parameters}\n${scrypt(1)}\n--- ${"A".repeat(43)}\n`),
    );
    assertError(
      oneError(
        await fate(new AgeAutoDecryptStream(PASSPHRASE, { maxChunkSize: 2 ** 24 }), [bytes]),
      ),
      "invalid-header",
    );
  });
}

for (const [parameters, format] of [
  ["?chunk=65536", "age"],
  ["?maxchunk=65536", "age-rt"],
]) {
  test(`an explicit ${parameters} is read`, async () => {
    const bytes = utf8(`${IDENTIFIER[format]}${parameters}\n${scrypt(1)}\n--- ${"A".repeat(43)}\n`);
    assertError(
      oneError(await fate(new AgeAutoDecryptStream(PASSPHRASE), [bytes])),
      "wrong-passphrase",
    );
  });
}

for (const [other, make] of [
  ["age", () => new AgeRtDecryptStream(PASSPHRASE)],
  ["age-rt", () => new AgeDecryptStream(PASSPHRASE)],
]) {
  test(`a stream of the other format refuses ${other} before the key is derived`, async () => {
    const { bytes } = await makeFile(other, [1]);
    assertError(oneError(await fate(make(), [bytes], { open: true })), "wrong-format");
  });
}

test("AgeAutoDecryptStream: format rejects with the stream's error", async () => {
  const stream = new AgeAutoDecryptStream(PASSPHRASE);
  const { read } = await fate(stream, [utf8("nothing")]);
  assert.equal(await failure(stream.format), read);
});

test("AgeAutoDecryptStream: format is told before a wrong passphrase is", async () => {
  const { bytes } = await makeFile("age", [1]);
  const stream = new AgeAutoDecryptStream("wrong");
  assertError((await fate(stream, [bytes])).read, "wrong-passphrase");
  assert.equal(await stream.format, "age");
});

test("AgeAutoDecryptStream: format rejects with the reason of a cancellation", async () => {
  const stream = new AgeAutoDecryptStream(PASSPHRASE);
  const reason = new Error("enough");
  await stream.readable.cancel(reason);
  assert.equal(await failure(stream.format), reason);
});
