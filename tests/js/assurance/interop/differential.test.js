/**
 * The same streams, changed at random, through this package and through two others: the same
 * verdict and the same plaintext; or, with the reference, a departure that is listed here with its
 * reason. From age-encryption there is one, `?chunk=`. `SEED=… ROUNDS=… node --test
 * tests/js/assurance/interop/differential.test.js` repeats or extends it.
 */
import "../../portable/lib/remembered-keys.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AgeDecryptStream, AgeEncoder, AgeRtDecryptStream, AgeRtEncoder, init } from "age-rt-wasm";
import { Decrypter, Encrypter } from "age-encryption";
import { seeded } from "../../lib/random.js";
import { python } from "../../lib/repository.js";
import { streamOf } from "../../lib/streams.js";
import { FINE, fate } from "../../portable/lib/fate.js";
import { secretsOf } from "../lib/secrets.js";
import { changes, joined, messagesOf } from "../lib/streams-at-random.js";

const ROUNDS = Number(process.env.ROUNDS ?? 250);
const PASSPHRASE = "correct horse battery staple";
const SALT = Buffer.alloc(16, 0x73);

await init();

/**
 * The salt is the third thing that is drawn. One for all files: what was derived once is
 * remembered.
 */
const native = crypto.getRandomValues;
let draws = 0;
crypto.getRandomValues = (array) => {
  native.call(crypto, array);
  if (draws % 3 === 2) array.set(SALT);
  draws += 1;
  return array;
};

const ours = {
  async encode(format, size, messages, workFactor) {
    const encoder =
      format === "age"
        ? await AgeEncoder.create(PASSPHRASE, { chunkSize: size, workFactor })
        : await AgeRtEncoder.create(PASSPHRASE, { maxChunkSize: size, workFactor });
    const chunks = messages.map((message, i) =>
      encoder.encodeChunk(message, i === messages.length - 1),
    );
    const wire = joined(encoder.getHeader(), ...chunks);
    encoder.free();
    return wire;
  },

  async decode(format, size, pieces) {
    const pair =
      format === "age"
        ? new AgeDecryptStream(PASSPHRASE, { chunkSize: size })
        : new AgeRtDecryptStream(PASSPHRASE, { maxChunkSize: size });
    const { chunks, read } = await fate(pair, pieces);
    return { plaintext: joined(...chunks), code: read === FINE ? undefined : read.code };
  },
};

const typage = {
  async encode(plaintext, workFactor) {
    const encrypter = new Encrypter();
    encrypter.setPassphrase(PASSPHRASE);
    encrypter.setScryptWorkFactor(workFactor);
    return new Uint8Array(await encrypter.encrypt(plaintext));
  },

  async decode(pieces) {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(PASSPHRASE);
    const chunks = [];
    try {
      for await (const chunk of await decrypter.decrypt(streamOf(pieces))) chunks.push(chunk);
      return { plaintext: joined(...chunks), accepted: true };
    } catch {
      return { plaintext: joined(...chunks), accepted: false };
    }
  },
};

class Reference {
  #process = spawn(
    python(),
    [fileURLToPath(new URL("../lib/differential.py", import.meta.url)), SALT.toString("hex")],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  #waiting = [];

  constructor() {
    createInterface({ input: this.#process.stdout }).on("line", (line) =>
      this.#waiting.shift()(JSON.parse(line)),
    );
    this.#process.on("exit", () => this.#waiting.splice(0).forEach((answer) => answer(undefined)));
  }

  async encode(format, size, messages) {
    return new Uint8Array(
      Buffer.from(
        (await this.#ask({ task: "encode", format, size, messages: messages.map(base64) })).wire,
        "base64",
      ),
    );
  }

  async decode(format, size, pieces) {
    const { chunks, error } = await this.#ask({
      task: "decode",
      format,
      size,
      pieces: pieces.map(base64),
    });
    return { plaintext: joined(...chunks.map((chunk) => Buffer.from(chunk, "base64"))), error };
  }

  stop() {
    this.#process.stdin.end();
  }

  #ask(question) {
    this.#process.stdin.write(`${JSON.stringify({ passphrase: PASSPHRASE, ...question })}\n`);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function base64(bytes) {
  return Buffer.from(bytes).toString("base64");
}

const EXCEPTIONS = {
  "not-age": "HeaderParseError",
  "invalid-header": "HeaderParseError",
  "unknown-format": "HeaderParseError",
  "wrong-format": "HeaderParseError",
  "no-passphrase-stanza": "HeaderParseError",
  "excessive-work-factor": "HeaderParseError",
  "chunk-size-mismatch": "HeaderParseError",
  "header-mac": "HeaderParseError",
  "wrong-passphrase": "ChunkAuthenticationError",
  "chunk-authentication": "ChunkAuthenticationError",
  "chunk-length": "ChunkAuthenticationError",
  truncated: "StreamTruncatedError",
  "trailing-data": "DecodeError",
};

function startsWith(long, short) {
  return Buffer.from(long.buffer, long.byteOffset, short.length).equals(short);
}

/** One plaintext is the other's beginning. */
function consistent(a, b) {
  return a.length >= b.length ? startsWith(a, b) : startsWith(b, a);
}

/**
 * Where this package and the reference may differ, and why. Each takes (our code, their exception)
 * of a stream after a change; in all of them this package refuses the stream.
 */
const REFERENCE_DEPARTURES = {
  "A header that is not ASCII: the reference's exception is not one of its own.": (code, error) =>
    EXCEPTIONS[code] === "HeaderParseError" && error === "UnicodeDecodeError",
  "Base64 with unused bits set, padding, or more than belongs there: the grammar is strict here, or a header could be changed without a trace.":
    (code, error, change) =>
      code === "invalid-header" &&
      (error === null || error === "ChunkAuthenticationError") &&
      /MAC|header|carriage/.test(change),
  "A header that cannot become valid is refused at once; the reference reads on, to the end of the input or its own limit.":
    (code, error, change) =>
      EXCEPTIONS[code] === "HeaderParseError" &&
      error === "StreamTruncatedError" &&
      /header|carriage|MAC|cut off/.test(change),
  "Less than a tag where the last chunk of an age file would be: cut short is an error of its own here.":
    (code, error) => code === "truncated" && error === "ChunkAuthenticationError",
  "Cut inside a length, a chunk or the nonce: the reference has two exceptions for that.": (
    code,
    error,
  ) => code === "truncated" && error === "InsufficientDataError",
};

function departure(...observed) {
  const found = Object.entries(REFERENCE_DEPARTURES).find(([, applies]) => applies(...observed));
  assert.ok(found, `not listed: ${JSON.stringify(observed)}`);
  return found[0];
}

class Tally {
  #counts = new Map();

  add(what) {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  report(t) {
    for (const [what, count] of [...this.#counts].sort()) t.diagnostic(`${count} × ${what}`);
  }

  of(what) {
    return this.#counts.get(what) ?? 0;
  }
}

function drawn(random) {
  // A third of the streams is left as it is.
  const names = Object.keys(changes);
  return random.below(3) === 0 ? "none" : names[random.below(names.length)];
}

describe("age-rt 0.2.2 from PyPI", () => {
  let reference;
  before(() => void (reference = new Reference()));
  after(() => reference.stop());

  test(`${ROUNDS} streams`, async (t) => {
    const random = seeded(t);
    const tally = new Tally();
    for (let round = 0; round < ROUNDS; round += 1) {
      const format = ["age", "age-rt"][random.below(2)];
      const size = [65_536, 1 + random.below(100), 1 + random.below(3000)][random.below(3)];
      const messages = messagesOf(random, format, size);
      const wire =
        random.below(2) === 0
          ? await ours.encode(format, size, messages, 18)
          : await reference.encode(format, size, messages);
      const change = drawn(random);
      const changed = changes[change](wire, random);
      const pieces = random.cut(changed, 1 + random.below(2 * size));
      const [a, b] = await Promise.all([
        ours.decode(format, size, pieces),
        reference.decode(format, size, pieces),
      ]);
      assert.ok(consistent(a.plaintext, b.plaintext), change);
      if (EXCEPTIONS[a.code] === (b.error ?? undefined)) {
        assert.equal(a.plaintext.length, b.plaintext.length, change);
        tally.add(a.code === undefined ? "both accept it" : "both refuse it, for one reason");
        if (change === "none") assert.deepEqual(a.plaintext, joined(...messages));
      } else {
        tally.add(departure(a.code, b.error, change));
      }
    }
    tally.report(t);
    assert.ok(
      tally.of("both accept it") > ROUNDS / 5 &&
        tally.of("both refuse it, for one reason") > ROUNDS / 5,
    );
  });

  /** The deliberate ones, which chance would hardly find. */
  test("an empty final chunk after full ones: the reference writes and reads it, no other age tool does", async () => {
    const full = new Uint8Array(100);
    const wire = await reference.encode("age", 100, [full, new Uint8Array(0)]);
    assert.equal((await reference.decode("age", 100, [wire])).error, null);
    assert.equal((await ours.decode("age", 100, [wire])).code, "chunk-length");
  });

  test("a work factor other than 18: age tools choose their own", async () => {
    const wire = await ours.encode("age-rt", 100, [new Uint8Array(1)], 1);
    assert.equal((await reference.decode("age-rt", 100, [wire])).error, "HeaderParseError");
    assert.equal((await ours.decode("age-rt", 100, [wire])).code, undefined);
  });

  test("a parameter that nobody knows: it might change what the stream means", async () => {
    const wire = await ours.encode("age-rt", 65_536, [new Uint8Array(1)], 18);
    const unknown = withParameter(wire, "?future=1");
    assert.equal((await reference.decode("age-rt", 65_536, [unknown])).error, null);
    assert.equal((await ours.decode("age-rt", 65_536, [unknown])).code, "invalid-header");
  });

  test("the size that is meant anyway, said: both read it", async () => {
    const wire = withParameter(
      await ours.encode("age-rt", 65_536, [new Uint8Array(1)], 18),
      "?maxchunk=65536",
    );
    assert.equal((await reference.decode("age-rt", 65_536, [wire])).error, null);
    assert.equal((await ours.decode("age-rt", 65_536, [wire])).code, undefined);
  });
});

/** The stream with another first line, and the MAC that goes with it. */
function withParameter(wire, parameter) {
  const { macKey } = secretsOf(wire, PASSPHRASE);
  const text = Buffer.from(wire).toString("latin1");
  const end = text.indexOf("\n---") + 4;
  const header = text.slice(0, end).replace("\n", `${parameter}\n`);
  const mac = createHmac("sha256", macKey).update(header).digest("base64").replace("=", "");
  return joined(Buffer.from(`${header} ${mac}\n`), wire.subarray(text.indexOf("\n", end) + 1));
}

describe("age-encryption from npm", () => {
  test(`${ROUNDS} streams`, async (t) => {
    const random = seeded(t);
    const tally = new Tally();
    for (let round = 0; round < ROUNDS; round += 1) {
      const size = 65_536;
      const messages = messagesOf(random, "age", size);
      const wire =
        random.below(2) === 0
          ? await ours.encode("age", size, messages, 1 + random.below(4))
          : await typage.encode(joined(...messages), 1 + random.below(4));
      const change = drawn(random);
      const changed = changes[change](wire, random);
      const a = await ours.decode("age", size, random.cut(changed, 1 + random.below(2 * size)));
      const b = await typage.decode(random.cut(changed, 1 + random.below(2 * size)));
      assert.ok(consistent(a.plaintext, b.plaintext), change);
      assert.equal(a.code === undefined, b.accepted, `${change}: ${a.code}`);
      if (b.accepted) assert.deepEqual(a.plaintext, b.plaintext);
      if (change === "none") assert.deepEqual(a.plaintext, joined(...messages));
      tally.add(b.accepted ? "both accept it" : "both refuse it");
    }
    tally.report(t);
    assert.ok(tally.of("both accept it") > ROUNDS / 5 && tally.of("both refuse it") > ROUNDS / 5);
  });

  /**
   * The one departure: age v1 has no parameters, age-rt's implementations write and read this one.
   */
  test("a chunk size in the first line, the usual one too: read here, refused by age", async () => {
    for (const size of [100, 65_536]) {
      const standard = await ours.encode("age", size, [new Uint8Array(1)], 1);
      const wire = size === 65_536 ? withParameter(standard, "?chunk=65536") : standard;
      assert.equal((await ours.decode("age", size, [wire])).code, undefined);
      assert.equal((await typage.decode([wire])).accepted, false);
    }
  });
});
