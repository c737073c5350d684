/**
 * Input made to exhaust: each gets the right error, early, and no more memory than it has sent
 * bytes. The figures are in SECURITY.md.
 */
import { memoryLen } from "../lib/instances.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import threads from "node:worker_threads";
import { runChild } from "../../lib/child.js";
import { drain } from "../../portable/lib/fate.js";

let workers = 0;
const Native = threads.Worker;
threads.Worker = class Worker extends Native {
  constructor(...args) {
    super(...args);
    workers += 1;
  }
};

const { AgeAutoDecryptStream, AgeRtDecryptStream, AgeRtEncoder, decrypt, init } =
  await import("age-rt-wasm");
await init();

const KIB = 1024;
const MIB = 1024 * KIB;
const PASSPHRASE = "a passphrase";
const AGE = "age-encryption.org/v1\n";
const SALT = "A".repeat(22);
const BODY = "A".repeat(43);

function* endless(start, again) {
  yield Buffer.from(start);
  for (;;) yield Buffer.from(again);
}

/**
 * Lets a stream have what it takes.
 *
 * @returns the error; how many bytes were taken; how far WebAssembly memory rose; workers started.
 */
async function attack(t, pieces, pair = new AgeAutoDecryptStream(PASSPHRASE)) {
  const [memoryBefore, workersBefore] = [memoryLen(), workers];
  let taken = 0;
  const iterator = pieces[Symbol.iterator]();
  const source = new ReadableStream(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) return controller.close();
        taken += value.length;
        controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
  const piped = source.pipeTo(pair.writable).catch((error) => error);
  const { chunks, error } = await drain(pair.readable.getReader());
  await piped;
  const seen = {
    chunks,
    error,
    taken,
    rise: memoryLen() - memoryBefore,
    workers: workers - workersBefore,
  };
  t.diagnostic(
    `${error.code} after ${taken} bytes, memory +${seen.rise / KIB} KiB, ${seen.workers} workers`,
  );
  return seen;
}

/**
 * A file whose chunks the test makes up itself; only the header and what `texts` hold is genuine.
 */
async function started(texts = [], maxChunkSize = 65_536) {
  const encoder = await AgeRtEncoder.create(PASSPHRASE, { workFactor: 10, maxChunkSize });
  const parts = [encoder.getHeader(), ...texts.map((text) => encoder.encodeChunk(text))];
  encoder.free();
  return Buffer.concat(parts);
}

describe("a header", () => {
  const HEADER_LIMIT = 64 * KIB;

  for (const [name, start, again] of [
    ["without an end to its identifier", "age-encryption.org/v", "1".repeat(1000)],
    ["without an end to a stanza's line", `${AGE}-> scrypt`, " x".repeat(500)],
    ["without an end to a stanza's body", `${AGE}-> x\n`, `${"A".repeat(64)}\n`.repeat(16)],
    ["without an end to its stanzas", AGE, "-> x\n\n".repeat(150)],
  ]) {
    test(name, async (t) => {
      const { error, taken, rise, workers: started } = await attack(t, endless(start, again));
      assert.equal(error.code, "invalid-header");
      assert.ok(taken <= HEADER_LIMIT + 2 * again.length);
      assert.ok(rise <= MIB);
      assert.equal(started, 0);
    });
  }

  test("of 100,000 stanzas in one write", async (t) => {
    const {
      error,
      rise,
      workers: started,
    } = await attack(t, [Buffer.from(AGE + "-> x\n\n".repeat(100_000))]);
    assert.equal(error.code, "invalid-header");
    assert.ok(rise <= MIB);
    assert.equal(started, 0);
  });

  test("of as many stanza types as fit: the error stays short", async (t) => {
    const stanzas = Array.from({ length: 5000 }, (_, i) => `-> t${i}\n\n`).join("");
    const { error } = await attack(t, [Buffer.from(`${AGE}${stanzas}--- ${BODY}\n`)]);
    assert.equal(error.code, "no-passphrase-stanza");
    assert.ok(error.message.length < 2000);
    assert.ok(error.stanzaTypes.join("").length <= 1024);
  });

  test("that asks for work factor 63: nothing is derived", async (t) => {
    const {
      error,
      workers: started,
      rise,
    } = await attack(t, [Buffer.from(`${AGE}-> scrypt ${SALT} 63\n${BODY}\n--- ${BODY}\n`)]);
    assert.equal(error.code, "excessive-work-factor");
    assert.equal(started, 0);
    assert.ok(rise <= MIB);
  });

  for (const identifier of [
    "github.com/parsimonit/age-rt-encryption/v0.2?maxchunk=16777216",
    "age-encryption.org/v1?chunk=16777216",
  ]) {
    test(`${identifier} against a decoder's default: nothing is derived`, async (t) => {
      const {
        error,
        workers: started,
        rise,
      } = await attack(t, [
        Buffer.from(`${identifier}\n-> scrypt ${SALT} 10\n${BODY}\n--- ${BODY}\n`),
      ]);
      assert.equal(error.code, "chunk-size-mismatch");
      assert.equal(started, 0);
      assert.ok(rise <= MIB);
    });
  }

  test("that is 100 MB of anything else, in one write", async (t) => {
    const pieces = [new Uint8Array(100e6)];
    const before = process.memoryUsage().arrayBuffers;
    const { error, rise } = await attack(t, pieces);
    assert.equal(error.code, "not-age");
    assert.ok(rise <= MIB);
    // JavaScript's: a copy, since the caller may use the array again before the module is loaded.
    assert.ok(process.memoryUsage().arrayBuffers - before <= 100e6 + MIB);
  });
});

describe("an armored text", () => {
  // Searched backwards from every line, the first would take hours: the child would not live to
  // report.
  for (const name of ["white space", "short lines"]) {
    test(`of ${name}, megabytes of it, ends at the first line that is wrong`, async (t) => {
      const { report } = await runChild(new URL("../children/armor.js", import.meta.url), {
        args: [name],
        flags: ["--expose-gc"],
      });
      t.diagnostic(`heap +${(report.rise / KIB).toFixed(0)} KiB`);
      assert.deepEqual(report.codes, ["invalid-armor", "invalid-armor"]);
      assert.ok(report.rise <= 8 * MIB);
    });
  }
});

describe("a payload", () => {
  test("with a length of 4 GiB: nothing is allocated for it", async (t) => {
    const { error, rise } = await attack(t, [
      Buffer.concat([await started([Buffer.from("hi")]), Buffer.alloc(4, 0xff)]),
    ]);
    assert.equal(error.code, "chunk-length");
    assert.equal(error.chunkIndex, 1);
    assert.ok(rise <= MIB);
  });

  test("with a length of 16 MiB that was agreed on, of which a byte comes: memory follows the bytes", async (t) => {
    const length = Buffer.alloc(5);
    length.writeUInt32BE(16 * MIB + 16);
    const pair = new AgeRtDecryptStream(PASSPHRASE, { maxChunkSize: 16 * MIB });
    const { error, rise } = await attack(t, [await started([], 16 * MIB), length], pair);
    assert.equal(error.code, "truncated");
    assert.ok(rise <= MIB);
  });

  test("of 100,000 empty messages in one write: one at a time", async (t) => {
    const { error, chunks, rise } = await attack(t, [
      await started(Array(100_000).fill(new Uint8Array(0))),
    ]);
    assert.equal(error.code, "truncated");
    assert.equal(chunks.length, 100_000);
    assert.ok(rise <= MIB);
  });

  test("that goes on after the final chunk", async (t) => {
    const encoder = await AgeRtEncoder.create(PASSPHRASE, { workFactor: 10 });
    const file = Buffer.concat([encoder.getHeader(), encoder.encodeChunk(Buffer.from("hi"), true)]);
    const { error, taken, rise } = await attack(t, endless(file, "x".repeat(1000)));
    assert.equal(error.code, "trailing-data");
    assert.ok(taken <= file.length + 3000);
    assert.ok(rise <= MIB);
  });
});

describe("headers without an end, many at once, in a memory of 64 MiB", () => {
  // Few large ones, and small ones that use up the memory to the last step.
  for (const [stanza, length] of [
    ["-> x//", 65_500],
    ["-> x", 65_500],
    ["-> x//", 60],
  ]) {
    test(`${length} bytes each of ${stanza}: more are refused, and a stream under way comes to its end`, async (t) => {
      const { report } = await runChild(
        new URL("../children/unfinished-headers.js", import.meta.url),
        {
          args: [stanza, `${length}`, "500"],
          flags: ["--wasm-max-mem-pages=1024"],
          timeoutMs: 600_000,
        },
      );
      t.diagnostic(
        `${report.accepted} streams, ${(report.each / KIB).toFixed(0)} KiB for ${report.sent} bytes of each; then ${report.codes}`,
      );
      assert.deepEqual(report.codes, ["out-of-memory"]);
      assert.equal(report.error, undefined);
      assert.equal(report.received, 300_000);
      assert.ok(report.each <= report.sent + 8 * KIB);
    });
  }
});

describe("a stream that comes a byte at a time", () => {
  for (const format of ["age", "age-rt"]) {
    test(`${format}: 4 chunks, 260,000 writes`, async (t) => {
      const { report } = await runChild(new URL("../children/trickle.js", import.meta.url), {
        args: [format, "4"],
        flags: ["--expose-gc"],
        timeoutMs: 600_000,
      });
      t.diagnostic(
        `heap ${((report.last.heap - report.first.heap) / KIB).toFixed(0)} KiB more after the last chunk than after the first, WebAssembly ${(report.last.wasm - report.first.wasm) / KIB} KiB`,
      );
      assert.equal(report.received, 4 * 65_536);
      assert.ok(report.last.heap - report.first.heap <= 8 * MIB);
      assert.ok(report.last.wasm - report.first.wasm <= MIB);
    });
  }
});

describe("a thousand derivations at once", () => {
  test("two run, the others wait or are given up", async (t) => {
    const { report } = await runChild(new URL("../children/derivations.js", import.meta.url), {
      args: ["1000", "14"],
      flags: ["--expose-gc"],
      timeoutMs: 600_000,
    });
    t.diagnostic(
      `${report.started} workers, ${report.most} at a time, memory +${(report.rise / MIB).toFixed(0)} MiB where all at once would take 16000 MiB`,
    );
    assert.equal(report.first, "text");
    assert.ok(report.opened >= 250);
    assert.equal(report.opened + report.aborted, 1000);
    assert.ok(report.aborted > 700, "those that waited heard of it");
    assert.ok(report.started <= report.opened + 2, "nothing was started for those that waited");
    assert.equal(report.most, 2);
    assert.ok(report.rise <= 512 * MIB);
  });
});

test("a message of an attacker's making is not quoted in the errors", async () => {
  const error = await decrypt(Buffer.from("<script>alert(1)</script>"), PASSPHRASE).catch(
    (thrown) => thrown,
  );
  assert.equal(error.code, "not-age");
  assert.ok(!error.message.includes("script"));
});
