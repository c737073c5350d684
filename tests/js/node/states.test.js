/**
 * What each public call does in each state of an encoder, a decoder and a stream: the tables in tests/README.md, row by row. `PRINT=1
 * node --test tests/js/node/states.test.js` prints the rows as they are.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import {
  AgeAutoDecoder,
  AgeAutoDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  AgeRtError,
  aiterDecodeCallable,
  aiterDecodeChunks,
  aiterEncodeChunks,
  decodeBytes,
  decodeFile,
  encodeBytes,
  encodeFile,
  encrypt,
  init,
  iterDecodeCallable,
  iterDecodeChunks,
  iterEncodeChunks,
} from "age-rt-wasm";
import { RekeyStream } from "age-rt-wasm/header";

const PASSPHRASE = "correct horse battery staple";
/** Takes long enough that the calls below are made meanwhile. */
const SLOW = { workFactor: 14 };
const QUICK = { workFactor: 1 };

await init();
const plaintext = new Uint8Array(150_000);
const files = {};
for (const format of ["age", "age-rt"]) {
  files[format] = {
    slow: await encrypt(plaintext, PASSPHRASE, { ...SLOW, format }),
    quick: await encrypt(plaintext, PASSPHRASE, { ...QUICK, format }),
  };
}

/** What a call comes to: ok, an error's code, or the name of an error without one. */
async function outcome(call, known) {
  try {
    await call();
    return "ok";
  } catch (error) {
    if (known !== undefined && error === known) return "its error";
    // Node 20 fails an assertion of its own where something is written to a closed stream; the standard says TypeError.
    if (error.code === "ERR_INTERNAL_ASSERTION") return "TypeError";
    return error instanceof AgeRtError ? error.code : error.name;
  }
}

async function first(chunks) {
  await chunks.next();
  await chunks.return();
}

async function turns() {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

/** Each gives the object, the error that it has failed with, and what ends whatever is under way. */
const decoderStates = {
  "before the key": () => ({ object: new AgeAutoDecoder(PASSPHRASE) }),
  "while it is derived": async ({ slow }) => {
    const object = new AgeAutoDecoder(PASSPHRASE);
    const reading = aiterDecodeChunks([slow], object);
    const chunk = reading.next();
    await turns();
    return {
      object,
      end: async (freed) => {
        if (freed) await chunk.catch(() => undefined);
        else assert.equal((await chunk).value.length > 0, true, "the first reader is unharmed");
        await reading.return().catch(() => undefined);
      },
    };
  },
  "after an error": async ({ quick }) => {
    const object = new AgeAutoDecoder(PASSPHRASE);
    const changed = quick.slice();
    changed[300] ^= 1;
    let error;
    try {
      for (const chunk of iterDecodeChunks([changed], object)) assert.ok(chunk);
    } catch (thrown) {
      error = thrown;
    }
    return { object, error };
  },
  "after the end": ({ quick }) => {
    const object = new AgeAutoDecoder(PASSPHRASE);
    for (const chunk of iterDecodeChunks([quick], object)) assert.ok(chunk);
    return { object };
  },
  "after free()": () => {
    const object = new AgeAutoDecoder(PASSPHRASE);
    object.free();
    return { object };
  },
  "given away": () => {
    const object = new AgeAutoDecoder(PASSPHRASE);
    const stream = new AgeAutoDecryptStream(object);
    return { object, end: () => stream.readable.cancel() };
  },
  "claimed by another": ({ quick }) => {
    const object = new AgeAutoDecoder(PASSPHRASE);
    const reading = iterDecodeChunks([quick], object);
    reading.next();
    return {
      object,
      end: (freed) => {
        if (!freed) assert.ok(reading.next().value, "the first reader is unharmed");
        reading.return();
      },
    };
  },
};

const decoderCalls = {
  bytesWanted: (decoder) => decoder.bytesWanted,
  "isDone()": (decoder) => decoder.isDone(),
  format: (decoder) => decoder.format,
  "feed()": (decoder, { quick }) => decoder.feed(quick.subarray(0, 1)),
  "finish()": (decoder) => decoder.finish(),
  "iterDecodeChunks()": (decoder, { quick }) => first(iterDecodeChunks([quick], decoder)),
  "iterDecodeCallable()": (decoder, { quick }) => {
    let at = 0;
    return first(iterDecodeCallable((n) => quick.subarray(at, (at += n)), decoder));
  },
  "aiterDecodeChunks()": (decoder, { quick }) => first(aiterDecodeChunks([quick], decoder)),
  "aiterDecodeCallable()": (decoder, { quick }) => {
    let at = 0;
    return first(aiterDecodeCallable(async (n) => quick.subarray(at, (at += n)), decoder));
  },
  "decodeBytes()": (decoder, { quick }) => first(decodeBytes(quick, decoder)),
  "decodeFile()": (decoder, { quick }) => first(decodeFile(new Blob([quick]), decoder)),
  "new …DecryptStream()": (decoder) => new AgeAutoDecryptStream(decoder).readable.cancel(),
  "free()": (decoder) => decoder.free(),
};

const chunk = new Uint8Array(100);

/** One that seals no more: its chunk could not be handed out. */
async function failedEncoder(Encoder) {
  const object = await Encoder.create(PASSPHRASE, QUICK);
  const { slice } = Uint8Array.prototype;
  Uint8Array.prototype.slice = () => {
    throw new RangeError("Array buffer allocation failed");
  };
  try {
    object.encodeChunk(chunk, true);
  } catch (error) {
    return { object, error };
  } finally {
    Uint8Array.prototype.slice = slice;
  }
  throw new Error("it has not failed");
}

const encoderStates = {
  "with its key": async (_, Encoder) => ({ object: await Encoder.create(PASSPHRASE, QUICK) }),
  "after an error": (_, Encoder) => failedEncoder(Encoder),
  "after the end": async (_, Encoder) => {
    const object = await Encoder.create(PASSPHRASE, QUICK);
    object.encodeChunk(chunk, true);
    return { object };
  },
  "after free()": async (_, Encoder) => {
    const object = await Encoder.create(PASSPHRASE, QUICK);
    object.free();
    return { object };
  },
  "given away": async (_, Encoder, Stream) => {
    const object = await Encoder.create(PASSPHRASE, QUICK);
    const stream = new Stream(object);
    return { object, end: () => stream.readable.cancel() };
  },
  "claimed by another": async (_, Encoder) => {
    const object = await Encoder.create(PASSPHRASE, QUICK);
    const encoding = iterEncodeChunks([chunk], object);
    encoding.next();
    return { object, end: () => encoding.return() };
  },
};

const encoderCalls = {
  "getHeader()": (encoder) => encoder.getHeader(),
  finalized: (encoder) => encoder.finalized,
  "encodeChunk()": (encoder) => encoder.encodeChunk(chunk, true),
  "iterEncodeChunks()": (encoder) => [...iterEncodeChunks([chunk], encoder)],
  "aiterEncodeChunks()": async (encoder) => {
    for await (const part of aiterEncodeChunks([chunk], encoder)) assert.ok(part);
  },
  "encodeBytes()": (encoder) => encodeBytes([chunk], encoder),
  "encodeFile()": (encoder) => encodeFile([chunk], new WritableStream(), encoder),
  "new …EncryptStream()": (encoder, _, Stream) => new Stream(encoder).readable.cancel(),
  "free()": (encoder) => encoder.free(),
};

/** A stream and its writer; each side's outcome is somebody's to hear. */
function opened(stream = new AgeAutoDecryptStream(PASSPHRASE)) {
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => undefined);
  writer.ready.catch(() => undefined);
  return { stream, writer };
}

function rekeying() {
  return opened(new RekeyStream(PASSPHRASE, PASSPHRASE, QUICK));
}

/** Reads all that comes. @returns the error at its end */
async function drained({ readable }) {
  const reader = readable.getReader();
  try {
    while (!(await reader.read()).done);
  } catch (error) {
    return error;
  } finally {
    reader.releaseLock();
  }
  return undefined;
}

async function through({ stream, writer }, bytes) {
  const reading = drained(stream);
  await writer.write(bytes).catch(() => undefined);
  await writer.close().catch(() => undefined);
  return reading;
}

/** @param fault - where a changed byte is found out. */
const statesOf = (opened, fault) => ({
  "before the key": () => ({ object: opened() }),
  "while it is derived": async ({ slow }) => {
    const object = opened();
    object.writer.write(slow).catch(() => undefined);
    await turns();
    return { object };
  },
  "after an error": async ({ quick }) => {
    const object = opened();
    const changed = quick.slice();
    changed[fault] ^= 1;
    return { object, error: await through(object, changed) };
  },
  "after the end": async ({ quick }) => {
    const object = opened();
    await through(object, quick);
    return { object };
  },
  "after an abort": async () => {
    const object = opened();
    const error = new Error("enough");
    await object.writer.abort(error);
    return { object, error };
  },
  "after a cancel": async () => {
    const object = opened();
    const error = new Error("enough");
    await object.stream.readable.cancel(error);
    return { object, error };
  },
});

const streamCalls = {
  "write()": async ({ stream, writer }) => {
    const reading = drained(stream);
    try {
      await writer.write(new Uint8Array(0));
    } finally {
      await writer.abort().catch(() => undefined);
      await reading;
    }
  },
  "close()": async ({ stream, writer }) => {
    const reading = drained(stream);
    try {
      await writer.close();
    } finally {
      await reading;
    }
  },
  "abort()": ({ writer }) => writer.abort(new Error("over")),
  "read()": async ({ stream, writer }, { quick }) => {
    Promise.resolve()
      .then(() => writer.write(quick))
      .catch(() => undefined);
    const reader = stream.readable.getReader();
    try {
      await reader.read();
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  },
  "cancel()": ({ stream }) => stream.readable.cancel(new Error("over")),
};

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const print = process.env.PRINT ? [] : undefined;
after(() => print && console.log(print.join("\n")));

/** The cells of the README's row that begins with `call`, in the table under `heading`. */
function row(heading, call) {
  const table = readme.slice(readme.indexOf(`### ${heading}\n`));
  const line = table.split("\n").find((each) => each.startsWith(`| \`${call}\` |`));
  assert.ok(line, `tests/README.md has no row for ${call} under ${heading}`);
  return line
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

function head(heading) {
  const table = readme.slice(readme.indexOf(`### ${heading}\n`));
  const line = table.split("\n").find((each) => each.startsWith("| call |"));
  return line
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

for (const [heading, states, calls] of [
  ["Decoders", decoderStates, decoderCalls],
  ["Encoders", encoderStates, encoderCalls],
  ["Streams", statesOf(opened, 300), streamCalls],
  ["RekeyStream", statesOf(rekeying, 100), streamCalls],
]) {
  print?.push("", `### ${heading}`, "", `| call | ${Object.keys(states).join(" | ")} |`);
  print?.push(
    `| --- |${Object.keys(states)
      .map(() => " --- |")
      .join("")}`,
  );
  if (!print)
    test(`${heading}: the table has these states`, () =>
      assert.deepEqual(head(heading), Object.keys(states)));

  for (const [name, call] of Object.entries(calls)) {
    test(`${heading}: ${name}`, async () => {
      const seen = {};
      for (const [format, given] of Object.entries(files)) {
        const Encoder = format === "age" ? AgeEncoder : AgeRtEncoder;
        const Stream = format === "age" ? AgeEncryptStream : AgeRtEncryptStream;
        const cells = [];
        for (const make of Object.values(states)) {
          const { object, error, end } = await make(given, Encoder, Stream);
          cells.push(await outcome(() => call(object, given, Stream), error));
          await end?.(name === "free()");
          object.free?.();
        }
        seen[format] = cells;
      }
      assert.deepEqual(seen.age, seen["age-rt"], "both formats are alike");
      if (print) print.push(`| \`${name}\` | ${seen.age.join(" | ")} |`);
      else assert.deepEqual(seen.age, row(heading, name));
    });
  }
}
