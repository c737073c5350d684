/**
 * inspect() and splitHeader(): what a header says, for both formats, armored or not, from every
 * kind of source.
 */
import { armor, decrypt, DecodeError, encrypt, HeaderParseError } from "age-rt-wasm";
import { inspect, splitHeader } from "age-rt-wasm/header";
import { assert, test } from "../harness.js";
import { concat } from "./lib/bytes.js";
import { coded } from "./lib/errors.js";
import { FORMATS, makeFile, PASSPHRASE, QUICK } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const utf8 = (text) => new TextEncoder().encode(text);
const VERSIONS = {
  age: "age-encryption.org/v1",
  "age-rt": "github.com/parsimonit/age-rt-encryption/v0.2",
};
const streamOf = (pieces, seen = {}) =>
  new ReadableStream(
    {
      pull(controller) {
        const piece = pieces.shift();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
      cancel: () => void (seen.cancelled = true),
    },
    { highWaterMark: 0 },
  );
const sum = ({ header, armor, overhead, max_payload, max_padding }) =>
  header + armor + overhead + max_payload + max_padding;

/** A file for keys: what its MAC and its stanzas hold nobody can check without one. */
function forKeys(stanzas, payload = 32) {
  const body = "A".repeat(43);
  const text = stanzas.map((line) => `-> ${line}\n${body}\n`).join("");
  return concat(utf8(`${VERSIONS.age}\n${text}--- ${body}\n`), new Uint8Array(16 + payload));
}

for (const format of FORMATS) {
  for (const [what, length] of Object.entries({ empty: 0, short: 5, "two chunks": 70_000 })) {
    test(`${format}, ${what}: the same from bytes, a Blob, text and a stream`, async () => {
      const data = new Uint8Array(length);
      const file = await encrypt(data, PASSPHRASE, { ...QUICK, format });
      const expected = {
        version: VERSIONS[format],
        format,
        postquantum: "yes",
        armor: false,
        stanza_types: ["scrypt"],
        workFactor: 1,
        recipients: 1,
      };
      const text = `\ufeff\n${armor(file).replaceAll("\n", "\r\n")}\n`;
      const plain = await inspect(file);
      const armored = await inspect(text);
      for (const [found, size, isArmored] of [
        [plain, file.length, false],
        [await inspect(new Blob([file])), file.length, false],
        [await inspect(file.buffer), file.length, false],
        [armored, utf8(text).length, true],
        [await inspect(utf8(text)), utf8(text).length, true],
        [await inspect(new Blob([text])), utf8(text).length, true],
      ]) {
        const { sizes, ...rest } = found;
        assert.deepEqual(rest, { ...expected, armor: isArmored });
        assert.equal(sizes === undefined, format === "age-rt");
        if (!sizes) continue;
        assert.equal(sum(sizes), size);
        assert.deepEqual([sizes.min_payload, sizes.max_payload], [length, length]);
        assert.equal(sizes.overhead, 16 + 16 * Math.max(1, Math.ceil(length / 65_536)));
        assert.equal(sizes.header, plain.sizes.header);
      }
      assert.deepEqual(await inspect(streamOf([file])), expected);
      assert.deepEqual(await inspect(streamOf([utf8(text)])), { ...expected, armor: true });
    });
  }

  test(`${format}: a stream is read no further than its header, in pieces of any size (seed ${seed})`, async () => {
    const file = await encrypt(new Uint8Array(500_000), PASSPHRASE, { ...QUICK, format });
    for (const bytes of [file, utf8(armor(file))]) {
      for (const most of [1, 50, 1000]) {
        const pieces = new Random().cut(bytes, most);
        const before = pieces.length;
        const seen = {};
        assert.equal((await inspect(streamOf(pieces, seen))).format, format);
        assert.ok(before - pieces.length < 500 && pieces.length > 0);
        // Through the armor a cancellation takes some turns.
        while (!seen.cancelled) await new Promise((resolve) => setTimeout(resolve));
      }
    }
  });

  test(`${format}: the two parts joined are the file`, async () => {
    const { bytes, header: headerLen } = await makeFile(format, [65_536, 100]);
    const text = armor(bytes);
    for (const file of [bytes, bytes.buffer, new Blob([bytes]), utf8(text), new Blob([text])]) {
      const { header, payload } = await splitHeader(file);
      assert.equal(header.length, headerLen - 16);
      assert.equal(header.buffer.byteLength, header.length);
      assert.ok(payload instanceof Blob);
      const joined = new Blob([header, payload]);
      assert.bytesEqual(await joined.arrayBuffer(), bytes);
      assert.equal((await decrypt(joined, PASSPHRASE)).length, 65_636);
    }
  });

  test(`${format}: another chunk size`, async () => {
    const options = { ...QUICK, format, chunkSize: 100 };
    const file = await encrypt(new Uint8Array(250), PASSPHRASE, options);
    const found = await inspect(file);
    assert.equal(found.version, VERSIONS[format]);
    if (format === "age")
      assert.deepEqual([found.sizes.max_payload, sum(found.sizes)], [250, file.length]);
  });
}

const TYPES = [
  [["X25519 a"], "no"],
  [["ssh-ed25519 a b"], "no"],
  [["ssh-rsa a"], "no"],
  [["piv-p256 a b"], "no"],
  [["p256tag a b"], "no"],
  [["mlkem768x25519 a"], "yes"],
  [["mlkem768p256tag a b"], "yes"],
  [["age-encryption.org/fido2prf a"], "yes"],
  [["example.com/own a"], "unknown"],
  [["mlkem768x25519 a", "X25519 a"], "no"],
  [["mlkem768x25519 a", "x-grease a b"], "yes"],
];
for (const [stanzas, postquantum] of TYPES) {
  test(`${stanzas.join(" and ")}: postquantum is ${postquantum}`, async () => {
    const found = await inspect(forKeys(stanzas));
    assert.equal(found.postquantum, postquantum);
    assert.deepEqual(
      found.stanza_types,
      stanzas.map((line) => line.split(" ")[0]),
    );
    assert.deepEqual([found.recipients, "workFactor" in found], [stanzas.length, false]);
  });
}

test("a work factor beyond every limit is told, and costs nothing", async () => {
  const file = forKeys([`scrypt ${"A".repeat(22)} 63`]);
  assert.equal((await inspect(file)).workFactor, 63);
});

const GOOD = forKeys(["X25519 a"]);
const at = (text) => new TextDecoder("latin1").decode(GOOD).indexOf(text);
const FAULTS = {
  nothing: [new Uint8Array(0), "truncated"],
  "no age file": [utf8("attack at dawn"), "not-age"],
  "another version": [utf8("age-encryption.org/v2\n"), "unknown-format"],
  "a header cut short": [GOOD.subarray(0, 100), "truncated"],
  "a header without its last line feed": [GOOD.subarray(0, at("---") + 47), "truncated"],
  "two spaces": [utf8(`${VERSIONS.age}\n->  X25519 a\n`), "invalid-header"],
  "a nonce cut short": [GOOD.subarray(0, GOOD.length - 40), "truncated"],
  "a payload that no file has": [forKeys(["X25519 a"], 65_536 + 16 + 16), "truncated"],
  "damaged armor": [utf8(armor(GOOD).replace("\nA", "\n!")), "invalid-armor"],
  "armor without an end": [utf8(armor(GOOD).slice(0, -40)), "invalid-armor"],
};
for (const [what, [file, code]] of Object.entries(FAULTS)) {
  test(`${what}: ${code}`, async () => {
    const error = await assert.rejects(inspect(file), coded(code));
    assert.ok(error instanceof DecodeError, "it is the main entry's class");
    if (code === "not-age") assert.ok(error instanceof HeaderParseError);
  });
}

test("a file of another kind is refused at its beginning", async () => {
  const pieces = Array.from({ length: 1000 }, () => new Uint8Array(1000));
  await assert.rejects(inspect(streamOf(pieces)), coded("not-age"));
  assert.ok(pieces.length > 990);
});

test("what a source throws is the error", async () => {
  const reason = new Error("lost");
  const failing = new ReadableStream({ pull: (controller) => controller.error(reason) });
  await assert.rejects(inspect(failing), (error) => error === reason);
});

for (const value of [undefined, null, 1, {}, []]) {
  test(`${JSON.stringify(value)} is a TypeError`, async () => {
    await assert.rejects(inspect(value), TypeError);
    await assert.rejects(splitHeader(value), TypeError);
  });
}
