/**
 * What each public call does in each state of an encoder, a decoder and a stream: the tables in
 * tests/README.md, row by row; lib/states.js says how to print them. Sockets, sessions, the reader
 * and what is done in one call: states-around.test.js.
 */
import assert from "node:assert/strict";
import {
  AgeAutoDecoder,
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  aiterDecodeCallable,
  aiterDecodeChunks,
  aiterEncodeChunks,
  armor,
  ArmorStream,
  DearmorStream,
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
import { NONE, table, turns } from "./lib/states.js";

const PASSPHRASE = "correct horse battery staple";
/**
 * Derived in a worker, whose answer takes a turn of the event loop at least: the calls below are
 * made before.
 */
const SLOW = { workFactor: 10 };
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

async function first(chunks) {
  await chunks.next();
  await chunks.return();
}

/**
 * Each gives the object, the error that it has failed with, and what ends whatever is under way.
 */
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

/** What follows the header that a decoder was fed already. */
const fed = new WeakMap();

/** Fed its header, and no more. */
async function created(file, passphrase = PASSPHRASE) {
  const object = await AgeAutoDecoder.create(passphrase);
  let at = 0;
  while (object.bytesWanted > 0) object.feed(file.subarray(at, (at += object.bytesWanted)));
  fed.set(object, file.subarray(at));
  return object;
}

function rest({ quick }, decoder) {
  return fed.get(decoder) ?? quick;
}

const createdStates = {
  "before the header": async () => ({ object: await AgeAutoDecoder.create(PASSPHRASE) }),
  "before unlock()": async ({ quick }) => ({ object: await created(quick) }),
  "while it is derived": async ({ slow }) => {
    const object = await created(slow);
    const unlocked = object.unlock().catch((error) => error);
    await turns();
    return {
      object,
      end: async (freed) => {
        if (!freed) assert.equal(await unlocked, undefined, "the first unlock() is unharmed");
      },
    };
  },
  "after unlock()": async ({ quick }) => {
    const object = await created(quick);
    await object.unlock();
    return { object };
  },
  "after a wrong passphrase": async ({ quick }) => {
    const object = await created(quick, "wrong");
    return { object, error: await object.unlock().catch((error) => error) };
  },
  "after the end": async ({ quick }) => {
    const object = await AgeAutoDecoder.create(PASSPHRASE);
    for await (const chunk of aiterDecodeChunks([quick], object)) assert.ok(chunk);
    return { object };
  },
  "after free()": async () => {
    const object = await AgeAutoDecoder.create(PASSPHRASE);
    object.free();
    return { object };
  },
  "given away": async () => {
    const object = await AgeAutoDecoder.create(PASSPHRASE);
    const stream = new AgeAutoDecryptStream(object);
    return { object, end: () => stream.readable.cancel() };
  },
  "claimed by another": async ({ quick }) => {
    const object = await AgeAutoDecoder.create(PASSPHRASE);
    const reading = aiterDecodeChunks([quick], object);
    await reading.next();
    return {
      object,
      end: async (freed) => {
        if (!freed) assert.ok((await reading.next()).value, "the first reader is unharmed");
        await reading.return();
      },
    };
  },
};

const decoderCalls = {
  bytesWanted: (decoder) => decoder.bytesWanted,
  "isDone()": (decoder) => decoder.isDone(),
  format: (decoder) => decoder.format,
  "feed()": (decoder, file) => decoder.feed(rest(file, decoder).subarray(0, decoder.bytesWanted)),
  "finish()": (decoder) => decoder.finish(),
  "unlock()": (decoder) => decoder.unlock(),
  "iterDecodeChunks()": (decoder, file) => first(iterDecodeChunks([rest(file, decoder)], decoder)),
  "iterDecodeCallable()": (decoder, file) => {
    let at = 0;
    return first(iterDecodeCallable((n) => rest(file, decoder).subarray(at, (at += n)), decoder));
  },
  "aiterDecodeChunks()": (decoder, file) =>
    first(aiterDecodeChunks([rest(file, decoder)], decoder)),
  "aiterDecodeCallable()": (decoder, file) => {
    let at = 0;
    return first(
      aiterDecodeCallable(async (n) => rest(file, decoder).subarray(at, (at += n)), decoder),
    );
  },
  "decodeBytes()": (decoder, file) => first(decodeBytes(rest(file, decoder), decoder)),
  "decodeFile()": (decoder, file) => first(decodeFile(new Blob([rest(file, decoder)]), decoder)),
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
  "new …EncryptStream()": (encoder, _, Encoder, Stream) => new Stream(encoder).readable.cancel(),
  "free()": (encoder) => encoder.free(),
};

/** A stream and its writer; each side's outcome is somebody's to hear. */
function opened(stream) {
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => undefined);
  writer.ready.catch(() => undefined);
  return { stream, writer };
}

function decrypting({ Decrypt = AgeAutoDecryptStream }) {
  return opened(new Decrypt(PASSPHRASE));
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

/**
 * @param make - the stream, for a file.
 * @param fault - where a changed byte is found out.
 */
const statesOf = (make, fault) => ({
  "before the key": (file) => ({ object: make(file) }),
  "while it is derived": async (file) => {
    const object = make(file);
    object.writer.write(file.slow).catch(() => undefined);
    await turns();
    return { object };
  },
  "after an error": async (file) => {
    const object = make(file);
    const changed = file.quick.slice();
    changed[fault] ^= 1;
    return { object, error: await through(object, changed) };
  },
  "after the end": async (file) => {
    const object = make(file);
    await through(object, file.quick);
    return { object };
  },
  "after an abort": async (file) => {
    const object = make(file);
    const error = new Error("enough");
    await object.writer.abort(error);
    return { object, error };
  },
  "after a cancel": async (file) => {
    const object = make(file);
    const error = new Error("enough");
    await object.stream.readable.cancel(error);
    return { object, error };
  },
});

/** Whatever becomes of it. Node 20 throws at once where a rejection belongs. */
function feed(writer, bytes) {
  Promise.resolve()
    .then(() => writer.write(bytes))
    .catch(() => undefined);
}

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
    feed(writer, quick);
    const reader = stream.readable.getReader();
    try {
      await reader.read();
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  },
  "cancel()": ({ stream }) => stream.readable.cancel(new Error("over")),
};

/** Where the first full line of an armored text ends. */
const LINE_END = 99;

const decryptCalls = {
  ...streamCalls,
  opened: async ({ stream, writer }, { quick }) => {
    feed(writer, quick);
    const reading = drained(stream);
    try {
      await stream.opened;
    } finally {
      await writer.abort().catch(() => undefined);
      await reading;
    }
  },
  format: async ({ stream, writer }, { quick, Decrypt }) => {
    if (Decrypt) throw NONE;
    feed(writer, quick);
    try {
      await stream.format;
    } finally {
      await stream.readable.cancel().catch(() => undefined);
    }
  },
  "size()": async ({ stream, writer }, { quick }, Encoder) => {
    // Of age-rt it depends on the messages.
    if (Encoder === AgeRtEncoder) throw NONE;
    feed(writer, quick);
    const reading = drained(stream);
    try {
      await stream.size(quick.length);
    } finally {
      await writer.abort().catch(() => undefined);
      await reading;
    }
  },
};

const encryptStates = () => {
  const made = ({ Stream }, options = QUICK) => opened(new Stream(PASSPHRASE, options));
  const { "before the key": _, ...states } = statesOf(made, 0);
  return {
    ...states,
    "while it is derived": (file) => ({ object: made(file, SLOW) }),
    "after an error": (file) => noBytes(made(file)),
  };
};

const encryptCalls = {
  ...streamCalls,
  "size()": async ({ stream }) => {
    if (!stream.size) throw NONE;
    await stream.size(1000);
  },
};

/** Armor has no key to wait for. */
const armorStates = (Stream, failed) => {
  const made = () => opened(new Stream());
  const {
    "before the key": fresh,
    "while it is derived": inTheMidst,
    ...others
  } = statesOf(made, LINE_END);
  return {
    "before any bytes": fresh,
    "in the midst": inTheMidst,
    ...others,
    ...(failed && { "after an error": () => failed(made()) }),
  };
};
const text = new TextEncoder().encode(armor(files.age.quick));
/** Bytes cannot be wrong, what is none can. */
const noBytes = async (object) => ({
  object,
  error: await object.writer.write("text").catch((error) => error),
});

const kinds = [
  ["age", files.age, AgeEncoder, AgeEncryptStream],
  ["age-rt", files["age-rt"], AgeRtEncoder, AgeRtEncryptStream],
];
table("Decoders", kinds, decoderStates, decoderCalls);
table("Decoders of `create()`", kinds, createdStates, decoderCalls);
table("Encoders", kinds, encoderStates, encoderCalls);
table(
  "Decrypt streams",
  [
    ...kinds,
    ["AgeDecryptStream", { ...files.age, Decrypt: AgeDecryptStream }, AgeEncoder],
    ["AgeRtDecryptStream", { ...files["age-rt"], Decrypt: AgeRtDecryptStream }, AgeRtEncoder],
  ],
  statesOf(decrypting, 300),
  decryptCalls,
);
table(
  "Encrypt streams",
  [AgeEncryptStream, AgeRtEncryptStream].map((Stream) => [
    Stream.name,
    { Stream, slow: chunk, quick: plaintext },
  ]),
  encryptStates(),
  encryptCalls,
);
table("RekeyStream", kinds, statesOf(rekeying, 100), streamCalls);
table(
  "ArmorStream",
  [["bytes", { slow: files.age.quick.subarray(0, 100_000), quick: files.age.quick }]],
  armorStates(ArmorStream, noBytes),
  streamCalls,
);
table(
  "DearmorStream",
  [["text", { slow: text.subarray(0, 100_000), quick: text }]],
  armorStates(DearmorStream),
  streamCalls,
);
