/**
 * The age authors' vectors through the package as it is shipped: armor, passphrases, and files for
 * keys that it does not take.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inflateSync } from "node:zlib";
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  dearmor,
  DearmorStream,
  DecodeError,
  decrypt,
} from "age-rt-wasm";
import { inspect } from "age-rt-wasm/header";
import * as cctv from "cctv-age";
import { root } from "../../lib/repository.js";
import { concat } from "../../portable/lib/bytes.js";
import { CLASSES } from "../../portable/lib/cctv.js";
import { fate, FINE } from "../../portable/lib/fate.js";
import { Random } from "../../portable/lib/random.js";

const COUNT = 143;
const folder = join(root, "tests", "vectors", "cctv");

function read(name) {
  const bytes = Buffer.from(cctv[name]);
  const end = bytes.indexOf("\n\n");
  const vector = { name };
  for (const line of bytes.toString("latin1", 0, end).split("\n")) {
    const at = line.indexOf(": ");
    // Of two passphrases the first is the one to try.
    vector[line.slice(0, at)] ??= line.slice(at + 2);
  }
  const body = bytes.subarray(end + 2);
  return { ...vector, file: new Uint8Array(vector.compressed ? inflateSync(body) : body) };
}

const vectors = Object.keys(cctv).map(read);

function classOf(error, vector) {
  if (typeof error === "symbol") return "success";
  assert.ok(error instanceof DecodeError, `${vector.name}: ${error?.stack}`);
  // Nothing but a cut in the header or nonce is truncated in these vectors, where a passphrase is
  // tried.
  return error.code === "truncated" ? "header failure" : CLASSES[error.code];
}

function checkPayload(chunks, vector) {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  assert.equal(
    hash.digest("hex"),
    vector.payload ?? createHash("sha256").digest("hex"),
    vector.name,
  );
}

test(`the copies in tests/vectors/cctv are the ${COUNT} vectors of the npm package`, () => {
  assert.equal(vectors.length, COUNT);
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(cctv).sort());
  for (const name of Object.keys(cctv))
    assert.ok(readFileSync(join(folder, name)).equals(Buffer.from(cctv[name])), name);
});

describe("with a passphrase", () => {
  const those = vectors.filter((vector) => vector.passphrase && !vector.armored);

  test("there are 25", () => assert.equal(those.length, 25));

  for (const vector of those) {
    test(vector.name, async () => {
      const { chunks, read } = await fate(new AgeDecryptStream(vector.passphrase), [vector.file]);
      assert.equal(classOf(read, vector), vector.expect);
      checkPayload(chunks, vector);
    });
  }
});

/** The code that a promise of the payload rejects with; the payload is compared. */
async function codeOf(promise, vector) {
  try {
    checkPayload([await promise], vector);
    return undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.code;
  }
}

function armorIsNotFirst(file) {
  const start = Buffer.from(file).toString("latin1").trimStart();
  return !start.startsWith("-----BEGIN AGE ENCRYPTED FILE-----");
}

describe("armored", () => {
  const those = vectors.filter((vector) => vector.armored);

  test("there are 33", () => assert.equal(those.length, 33));

  for (const vector of those) {
    test(vector.name, () => {
      const text = Buffer.from(vector.file).toString("latin1");
      if (vector.expect === "armor failure") {
        assert.throws(() => dearmor(text), { code: "invalid-armor" });
        return;
      }
      // Node's own decoder takes what it gets; only the grammar is ours to judge.
      const base64 = text
        .split(/\r?\n/)
        .filter((line) => !line.includes("-----"))
        .join("");
      assert.deepEqual(dearmor(text), new Uint8Array(Buffer.from(base64, "base64")));
    });
  }

  for (const vector of those) {
    test(`${vector.name}, as a stream, however it is cut`, async () => {
      const random = new Random(1);
      for (const pieces of [
        [vector.file],
        random.cut(vector.file, 1),
        random.cut(vector.file, 99),
      ]) {
        const { chunks, read } = await fate(new DearmorStream(), pieces);
        assert.equal(read.code, vector.expect === "armor failure" ? "invalid-armor" : undefined);
        if (read === FINE)
          assert.deepEqual(concat(...chunks), dearmor(Buffer.from(vector.file).toString("latin1")));
      }
    });

    test(`${vector.name}, through everything that tells armor by itself`, async () => {
      const { file, passphrase = "of nobody" } = vector;
      const codes = new Set();
      for (const data of [file, new Blob([file]), new File([file], "text.age")])
        codes.add(await codeOf(decrypt(data, passphrase), vector));
      for (const pieces of [[file], new Random(1).cut(file, 1), new Random(1).cut(file, 99)])
        codes.add((await fate(new AgeAutoDecryptStream(passphrase), pieces)).read.code);
      assert.equal(codes.size, 1, [...codes].join());
      const [code] = codes;
      const text = await codeOf(decrypt(Buffer.from(file).toString("latin1"), passphrase), vector);
      if (vector.expect === "armor failure") {
        assert.equal(text, "invalid-armor");
        // The header's own error may come first, and what does not begin as armor does is none.
        assert.ok(["invalid-armor", "no-passphrase-stanza", "not-age"].includes(code), code);
        assert.equal(code === "not-age", armorIsNotFirst(file));
      } else {
        assert.equal(text, code);
        assert.equal(code, vector.passphrase ? undefined : text);
      }
    });
  }
});

describe("for a public key", () => {
  const those = vectors.filter((vector) => !vector.passphrase && !vector.armored);

  test("there are 85", () => assert.equal(those.length, 85));

  for (const vector of those) {
    test(vector.name, async () => {
      const pair = new AgeDecryptStream("password");
      const { chunks, read } = await fate(pair, [vector.file]);
      assert.ok(read instanceof DecodeError);
      assert.equal(chunks.length, 0);
      // The grammar's failures come before anybody asks for whom the file is.
      const grammar =
        /^(hmac_(?!bad)|stanza_|header_|version_|empty$|.*_not_canonical_body)/.test(vector.name) &&
        vector.expect === "header failure";
      assert.equal(classOf(read, vector), grammar ? "header failure" : "no match");
    });
  }
});

describe("inspected", () => {
  /** Refused by the stanza's own rules, which a header is read without, or beyond the header. */
  const BEYOND = ["no match", "HMAC failure", "payload failure", "header failure"];

  for (const vector of vectors) {
    test(vector.name, async () => {
      let found;
      try {
        found = await inspect(vector.file);
      } catch (error) {
        assert.ok(error instanceof DecodeError, error.stack);
        assert.notEqual(vector.expect, "success");
        return;
      }
      assert.ok(["success", ...BEYOND].includes(vector.expect), vector.expect);
      let { file } = vector;
      if (vector.armored) file = dearmor(Buffer.from(file).toString("latin1"));
      const [header] = Buffer.from(file)
        .toString("latin1")
        .split(/(?<=\n--- .*\n)/);
      const types = [...header.matchAll(/^-> (\S+)/gm)].map(([, type]) => type);
      assert.deepEqual(found.stanza_types, types);
      assert.deepEqual([found.version, found.armor], [header.split("\n")[0], !!vector.armored]);
      const { sizes } = found;
      assert.equal(sizes.header, header.length);
      assert.equal(
        sizes.header + sizes.armor + sizes.overhead + sizes.max_payload,
        vector.file.length,
      );
    });
  }
});
