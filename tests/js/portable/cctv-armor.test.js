/**
 * The age authors' armored vectors through every entry that reads armor, in one piece and in any
 * others: each ends as the whole does, with the same plaintext before its fault. And what inspect()
 * says of all of their files.
 */
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeRtError,
  armor,
  dearmor,
  DearmorStream,
  decrypt,
} from "age-rt-wasm";
import { decryptHeader, inspect, rekey, RekeyStream, splitHeader } from "age-rt-wasm/header";
import { AgeReader } from "age-rt-wasm/reader";
import { assert, test } from "../harness.js";
import { concat } from "./lib/bytes.js";
import { keysOf, readCctv, cctvNames } from "./lib/cctv.js";
import { Random, seed } from "./lib/random.js";

const all = await Promise.all(cctvNames.map(async (name) => ({ name, ...(await readCctv(name)) })));
const armored = all.filter((each) => each.armored === "yes");
const random = new Random(seed);
const OWN = { wrapFileKey: (fileKey) => [{ args: ["x"], body: fileKey.slice() }] };
const own = {
  unwrapFileKey: (stanzas) => stanzas.find(({ args }) => args[0] === "x")?.body.slice() ?? null,
};

/** What came out, and the code of what ended it. */
async function drain(stream) {
  const chunks = [];
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      chunks.push(next.value);
    return { bytes: concat(...chunks) };
  } catch (error) {
    if (!(error instanceof AgeRtError)) throw error;
    return { bytes: concat(...chunks), code: error.code };
  }
}
async function attempt(work) {
  try {
    return { bytes: await work() };
  } catch (error) {
    if (!(error instanceof AgeRtError)) throw error;
    return { code: error.code };
  }
}
const streamOf = (pieces) =>
  new ReadableStream(
    {
      pull(controller) {
        const piece = pieces.shift();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
const text = (file) => new TextDecoder("latin1").decode(file);

/**
 * Takes the pieces of a stream. What each gives for the same bytes is the same, however they are
 * cut.
 */
const STREAMS = {
  AgeAutoDecryptStream: (pieces, key) =>
    drain(streamOf(pieces).pipeThrough(new AgeAutoDecryptStream(key))),
  "DearmorStream, then AgeDecryptStream": (pieces, key) =>
    drain(streamOf(pieces).pipeThrough(new DearmorStream()).pipeThrough(new AgeDecryptStream(key))),
  "RekeyStream, then AgeAutoDecryptStream": (pieces, key) =>
    drain(
      streamOf(pieces)
        .pipeThrough(new RekeyStream(key, OWN))
        .pipeThrough(new AgeAutoDecryptStream(own)),
    ),
};
/** Takes all of it. The same end as decrypt() where it reads the whole. */
const WHOLE = {
  "decrypt() of bytes": ({ file }, key) => decrypt(file, key),
  "decrypt() of text": ({ file }, key) => decrypt(text(file), key),
  "decrypt() of a Blob": ({ file }, key) => decrypt(new Blob([file]), key),
  "dearmor(), then decrypt()": ({ file }, key) => decrypt(dearmor(text(file)), key),
  "splitHeader() of bytes": async ({ file }, key) => decrypt(await joinedAgain(file), key),
  "splitHeader() of a Blob": async ({ file }, key) =>
    decrypt(await joinedAgain(new Blob([file])), key),
  "rekey()": async ({ file }, key) => decrypt(await rekey(new Blob([file]), key, OWN), own),
};
async function joinedAgain(file) {
  const { header, payload } = await splitHeader(file);
  return new Blob([header, payload]);
}

/**
 * A chunk that does not verify, and an end of the text that is wrong, are both at the end: which is
 * told first is the entry's.
 */
const alike = (code) =>
  ["invalid-armor", "not-age", "truncated", "chunk-authentication"].includes(code)
    ? "damaged"
    : code;

test("there are 143, and 33 of them are armored", () => {
  assert.equal(all.length, 143);
  assert.equal(armored.length, 33);
});

for (const vector of armored) {
  test(`${vector.name}: the same through every entry, in pieces of any size (seed ${seed})`, async () => {
    const key = keysOf(vector);
    const expected = await attempt(() => decrypt(vector.file, key));
    for (const [entry, open] of Object.entries(WHOLE)) {
      const found = await attempt(() => open(vector, key));
      assert.equal(alike(found.code), alike(expected.code), entry);
      if (expected.bytes) assert.bytesEqual(found.bytes, expected.bytes, entry);
    }
    for (const [entry, open] of Object.entries(STREAMS)) {
      const once = await open([vector.file], key);
      assert.equal(alike(once.code), alike(expected.code), entry);
      if (expected.bytes) assert.bytesEqual(once.bytes, expected.bytes, entry);
      const cuts = [Array.from(vector.file, (_, at) => vector.file.slice(at, at + 1))];
      if (vector.file.length > 1000) cuts.pop();
      for (const most of [70, 5000]) cuts.push(random.cut(vector.file, most));
      for (const pieces of cuts) {
        const cut = await open([...pieces], key);
        assert.equal(cut.code, once.code, entry);
        assert.bytesEqual(cut.bytes, once.bytes, entry);
      }
    }
    const reader = await attempt(async () => {
      const opened = await AgeReader.open(new Blob([vector.file]), key);
      try {
        return await opened.read();
      } finally {
        opened.close();
      }
    });
    // It looks at the last chunk first, where what was added makes another chunk of it.
    const late = expected.code === "trailing-data" ? "damaged" : alike(expected.code);
    assert.equal(alike(reader.code), late, "AgeReader");
    if (expected.bytes) assert.bytesEqual(reader.bytes, expected.bytes, "AgeReader");
    if (!expected.bytes) return;
    const { armor: isArmored, sizes } = await inspect(vector.file);
    assert.equal(isArmored, true);
    assert.equal(sizes.max_payload, expected.bytes.length);
    assert.equal((await decryptHeader(vector.file, key)).length, 16);
    // Armored again it is what it was, but for white space around it.
    const again = text(vector.file).replaceAll("\r\n", "\n").trim();
    assert.equal(armor(dearmor(text(vector.file))).trim(), again);
  });
}

/** The header's own lines, read here by hand, where its grammar is right. */
function headerOf(file) {
  const lines = text(file).split("\n");
  const end = lines.findIndex((line) => line.startsWith("---"));
  const stanzas = lines.slice(1, end).filter((line) => line.startsWith("-> "));
  const length = lines.slice(0, end + 1).reduce((sum, line) => sum + line.length + 1, 0);
  return { version: lines[0], stanzas: stanzas.map((line) => line.slice(3).split(" ")), length };
}
const CLASSIC = ["X25519", "ssh-rsa", "ssh-ed25519", "piv-p256", "p256tag"];
const POSTQUANTUM = ["scrypt", "mlkem768x25519", "mlkem768p256tag"];

for (const vector of all) {
  test(`inspect() of ${vector.name} says what its header says, or refuses it as decrypt() does`, async () => {
    let found;
    try {
      found = await inspect(vector.file);
    } catch (error) {
      // Only what is wrong without any key.
      assert.ok(error instanceof AgeRtError, String(error));
      assert.ok(vector.expect !== "success" && vector.expect !== "no match", error.code);
      const refused = await attempt(() => decrypt(vector.file, keysOf(vector)));
      assert.ok(refused.code, error.code);
      return;
    }
    const binary = vector.armored === "yes" ? dearmor(text(vector.file)) : vector.file;
    const { version, stanzas, length } = headerOf(binary);
    assert.equal(found.version, version);
    assert.equal(found.format, "age");
    assert.equal(found.armor, vector.armored === "yes");
    assert.equal(found.stanza_types.join(), stanzas.map(([type]) => type).join());
    assert.equal(found.recipients, stanzas.length);
    const types = found.stanza_types;
    const postquantum = types.some((type) => CLASSIC.includes(type))
      ? "no"
      : types.some((type) => POSTQUANTUM.includes(type))
        ? "yes"
        : "unknown";
    assert.equal(found.postquantum, postquantum);
    const [first] = stanzas;
    assert.equal(found.workFactor, first[0] === "scrypt" ? Number(first[2]) : undefined);
    const { sizes } = found;
    assert.equal(sizes.header, length);
    assert.equal(
      sizes.header + sizes.armor + sizes.overhead + sizes.max_payload + sizes.max_padding,
      vector.file.length,
    );
    assert.equal(sizes.armor, vector.file.length - binary.length);
  });
}
