/**
 * Options: each is read by name, inherited ones too; what is unknown, misspelt or out of place is a
 * TypeError.
 */
import {
  AgeAutoDecoder,
  AgeAutoDecryptStream,
  AgeDecoder,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecoder,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  ciphertextSize,
  configure,
  decrypt,
  encrypt,
  fromWebSocket,
  init,
  plaintextSize,
} from "age-rt-wasm";
import { assert, inNode, test } from "../harness.js";
import { chunksOf, streamOf, through } from "../lib/streams.js";
import { concat, utf8 } from "./lib/bytes.js";
import { failure } from "./lib/fate.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";

await init();

const signal = new AbortController().signal;
const onProgress = () => undefined;
const bytes = utf8("text");
const { bytes: file } = await makeFile("age", [4]);
const socket = () => Object.assign(new EventTarget(), { readyState: 0, send() {}, close() {} });

/** Every way in that takes options: a call with some, what it takes, and what belongs elsewhere. */
const WAYS = {
  AgeEncryptStream: [
    (options) => new AgeEncryptStream(PASSPHRASE, options),
    { workFactor: 1, chunkSize: 10, signal, onProgress },
    { maxWorkFactor: 1, maxChunkSize: 10, closeAtFinal: true, format: "age" },
  ],
  AgeRtEncryptStream: [
    (options) => new AgeRtEncryptStream(PASSPHRASE, options),
    { workFactor: 1, maxChunkSize: 10, signal, onProgress },
    { maxWorkFactor: 1, chunkSize: 10, closeAtFinal: true, format: "age-rt" },
  ],
  AgeDecryptStream: [
    (options) => new AgeDecryptStream(PASSPHRASE, options),
    { maxWorkFactor: 18, chunkSize: 10, signal, onProgress },
    { workFactor: 18, maxChunkSize: 10, closeAtFinal: true, format: "age" },
  ],
  AgeRtDecryptStream: [
    (options) => new AgeRtDecryptStream(PASSPHRASE, options),
    { maxWorkFactor: 18, maxChunkSize: 10, closeAtFinal: true, signal, onProgress },
    { workFactor: 18, chunkSize: 10, format: "age-rt" },
  ],
  AgeAutoDecryptStream: [
    (options) => new AgeAutoDecryptStream(PASSPHRASE, options),
    { maxWorkFactor: 18, maxChunkSize: 10, closeAtFinal: true, signal, onProgress },
    { workFactor: 18, chunkSize: 10, format: "age" },
  ],
  "AgeEncoder.create": [
    async (options) => (await AgeEncoder.create(PASSPHRASE, options)).free(),
    { workFactor: 1, chunkSize: 10, signal },
    { maxWorkFactor: 1, maxChunkSize: 10, onProgress, format: "age" },
  ],
  "AgeRtEncoder.create": [
    async (options) => (await AgeRtEncoder.create(PASSPHRASE, options)).free(),
    { workFactor: 1, maxChunkSize: 10, signal },
    { maxWorkFactor: 1, chunkSize: 10, onProgress, format: "age-rt" },
  ],
  "AgeEncoder.fromPassphrase": [
    (options) => AgeEncoder.fromPassphrase(PASSPHRASE, options).free(),
    { workFactor: 1, chunkSize: 10 },
    { maxWorkFactor: 1, maxChunkSize: 10, signal, onProgress },
  ],
  "AgeRtEncoder.fromPassphrase": [
    (options) => AgeRtEncoder.fromPassphrase(PASSPHRASE, options).free(),
    { workFactor: 1, maxChunkSize: 10 },
    { maxWorkFactor: 1, chunkSize: 10, signal, onProgress },
  ],
  AgeDecoder: [
    (options) => new AgeDecoder(PASSPHRASE, options).free(),
    { maxWorkFactor: 18, chunkSize: 10 },
    { workFactor: 18, maxChunkSize: 10, signal, closeAtFinal: true },
  ],
  AgeRtDecoder: [
    (options) => new AgeRtDecoder(PASSPHRASE, options).free(),
    { maxWorkFactor: 18, maxChunkSize: 10 },
    { workFactor: 18, chunkSize: 10, signal, closeAtFinal: true },
  ],
  AgeAutoDecoder: [
    (options) => new AgeAutoDecoder(PASSPHRASE, options).free(),
    { maxWorkFactor: 18, maxChunkSize: 10 },
    { workFactor: 18, chunkSize: 10, signal, closeAtFinal: true },
  ],
  encrypt: [
    (options) => encrypt(bytes, PASSPHRASE, { ...QUICK, ...options }),
    { workFactor: 1, chunkSize: 10, format: "age", signal, onProgress },
    { maxWorkFactor: 1, maxChunkSize: 10, closeAtFinal: true },
  ],
  "encrypt, age-rt": [
    (options) => encrypt(bytes, PASSPHRASE, { ...QUICK, format: "age-rt", ...options }),
    { workFactor: 1, chunkSize: 10, signal, onProgress },
    { maxWorkFactor: 1, closeAtFinal: true },
  ],
  decrypt: [
    (options) => decrypt(file, PASSPHRASE, options),
    { maxWorkFactor: 18, maxChunkSize: 65_536, closeAtFinal: false, signal, onProgress },
    { workFactor: 18, chunkSize: 10, format: "age" },
  ],
  ciphertextSize: [
    (options) => ciphertextSize(1, options),
    { workFactor: 1, chunkSize: 10, format: "age", signal, onProgress },
    { maxWorkFactor: 1, maxChunkSize: 10, closeAtFinal: true },
  ],
  plaintextSize: [
    (options) => plaintextSize(1000, { chunkSize: 1000, ...options }),
    { workFactor: 1, chunkSize: 1000, format: "age", signal, onProgress },
    { maxWorkFactor: 1, maxChunkSize: 10, closeAtFinal: true },
  ],
  fromWebSocket: [
    (options) => fromWebSocket(socket(), options),
    { signal, maxBufferedBytes: 1, highWaterMark: 1 },
    { workFactor: 1, maxWorkFactor: 1, maxChunkSize: 10 },
  ],
  configure: [
    (options) => configure(options),
    {},
    { workFactor: 18, maxWorkFactor: 18, signal, maxBufferedBytes: 10 },
  ],
};

/** What a call throws or rejects with. */
const thrown = (call) => failure((async () => call())());

for (const [name, [call, own, others]] of Object.entries(WAYS)) {
  /** What makes a derivation short, where there is one. */
  const quick = "workFactor" in own ? QUICK : {};

  test(`${name} takes each of its options`, async () => {
    for (const [option, value] of Object.entries(own)) await call({ ...quick, [option]: value });
  });

  test(`${name} takes options that are undefined, other things' too`, async () => {
    for (const option of [...Object.keys(own), ...Object.keys(others), "whatever"])
      await call({ ...quick, [option]: undefined });
  });

  for (const [option, value] of Object.entries(others)) {
    test(`${name} refuses ${option}, and names it`, async () => {
      const error = await thrown(() => call({ [option]: value }));
      assert.ok(error instanceof TypeError && error.message.includes(option), String(error));
    });
  }

  for (const option of Object.keys(own)) {
    const misspelt = [
      option.toLowerCase(),
      option.slice(0, -1),
      `${option}s`,
      option.slice(1),
      option.slice(0, 3) + option.slice(4),
      `${option.slice(0, 2)}${option[3]}${option[2]}${option.slice(4)}`,
      `${option.slice(0, 4)}x${option.slice(5)}`,
    ].filter((word) => word !== option);
    test(`${name} refuses ${option} misspelt, and names the right one`, async () => {
      for (const word of misspelt) {
        const error = await thrown(() => call({ [word]: own[option] }));
        assert.ok(error instanceof TypeError, `${word}: ${error}`);
        assert.ok(
          error.message.includes(`"${word}" here; the nearest is "${option}"`),
          error.message,
        );
      }
    });
  }

  test(`${name} refuses what is no object of options`, async () => {
    for (const options of [1, "x", true, () => undefined, signal])
      if (!name.includes("encrypt") && !name.includes("Size"))
        if (!(typeof options === "number" && /Encoder|Decoder/.test(name)))
          assert.ok((await thrown(() => call(options))) instanceof TypeError, String(options));
  });
}

test("a bare signal instead of options is told apart", async () => {
  const error = await thrown(() => encrypt(bytes, PASSPHRASE, signal));
  assert.ok(error instanceof TypeError && /\{ format, .*workFactor/.test(error.message));
});

test("names that a script gave to every object are not taken for options", async () => {
  Object.prototype.addedByAScript = () => undefined;
  try {
    assert.ok(new AgeEncryptStream(PASSPHRASE, { workFactor: 1 }));
  } finally {
    delete Object.prototype.addedByAScript;
  }
});

test("what a script gave to every object stands in for no option", async () => {
  const polluted = { workFactor: 1, maxWorkFactor: 1, chunkSize: 10, maxChunkSize: 10 };
  Object.assign(polluted, { closeAtFinal: true, armor: true, format: "age-rt" });
  const clean = await encrypt(bytes, PASSPHRASE, { workFactor: 2 });
  const size = ciphertextSize(100_000);
  const text = (part) => new TextDecoder().decode(part);
  Object.assign(Object.prototype, polluted);
  try {
    for (const options of [undefined, {}, Object.create(null), { onProgress }]) {
      assert.equal(ciphertextSize(100_000, options), size);
      assert.bytesEqual(await decrypt(clean, PASSPHRASE, options), bytes);
    }
    assert.ok(text(await encrypt(bytes, PASSPHRASE)).startsWith("age-encryption.org/v1\n"));
    // What somebody set counts all the same, by whatever object it was inherited.
    for (const options of [{ workFactor: 2 }, Object.create({ workFactor: 2 })])
      assert.equal(text(await encrypt(bytes, PASSPHRASE, options)).split(/[ \n]/)[4], "2");
  } finally {
    for (const name of Object.keys(polluted)) delete Object.prototype[name];
  }
});

test("an option is read once", () => {
  let reads = 0;
  const options = {
    get workFactor() {
      reads += 1;
      return 1;
    },
  };
  assert.ok(new AgeEncryptStream(PASSPHRASE, options));
  assert.equal(reads, 1);
});

/**
 * Settings of an application, as objects that inherit: by prototype, by class, frozen and without a
 * prototype.
 */
class Settings {
  get workFactor() {
    return 1;
  }
}
const INHERITED = {
  "an object made from another": Object.create({ workFactor: 1 }),
  "an object of a class with a getter": new Settings(),
  "an object without a prototype": Object.assign(Object.create(null), { workFactor: 1 }),
};

for (const [what, options] of Object.entries(INHERITED)) {
  test(`encrypt() reads the options of ${what}`, async () => {
    for (const format of [undefined, "age", "age-rt"]) {
      const all = format
        ? Object.create(options, { format: { value: format, enumerable: true } })
        : options;
      const written = await encrypt(bytes, PASSPHRASE, all);
      assert.bytesEqual(await decrypt(written, PASSPHRASE, { maxWorkFactor: 1 }), bytes);
    }
  });
}

test("encrypt() hears an inherited signal", async () => {
  const reason = new Error("enough");
  const options = Object.create({ signal: AbortSignal.abort(reason) });
  assert.equal(await failure(encrypt(bytes, PASSPHRASE, options)), reason);
});

test("decrypt() holds to an inherited limit", async () => {
  const slow = await encrypt(bytes, PASSPHRASE, { workFactor: 2 });
  const error = await failure(decrypt(slow, PASSPHRASE, Object.create({ maxWorkFactor: 1 })));
  assert.equal(error.code, "excessive-work-factor");
});

test("encrypt() to age-rt takes its size under either name, and not under both", async () => {
  for (const size of [{ chunkSize: 2 }, { maxChunkSize: 2 }]) {
    const wire = await encrypt(bytes, PASSPHRASE, { ...QUICK, format: "age-rt", ...size });
    const messages = await through([wire], new AgeRtDecryptStream(PASSPHRASE, { maxChunkSize: 2 }));
    assert.deepEqual(
      messages.map(({ length }) => length),
      [2, 2],
    );
  }
  const both = { ...QUICK, format: "age-rt", chunkSize: 2, maxChunkSize: 2 };
  assert.ok((await failure(encrypt(bytes, PASSPHRASE, both))) instanceof TypeError);
});

for (const [name, Encoder, size] of [
  ["AgeEncoder", AgeEncoder, "chunkSize"],
  ["AgeRtEncoder", AgeRtEncoder, "maxChunkSize"],
]) {
  test(`${name}.fromPassphrase: the size alone, or an object with it and the work factor`, async () => {
    for (const options of [10, { [size]: 10, workFactor: 1 }]) {
      const encoder = Encoder.fromPassphrase(PASSPHRASE, options);
      assert.throws(() => encoder.encodeChunk(new Uint8Array(11)), RangeError);
      if (typeof options === "object") {
        const wire = concat(encoder.getHeader(), encoder.encodeChunk(new Uint8Array(3), true));
        const limits = { maxChunkSize: 10, maxWorkFactor: 1 };
        assert.equal((await decrypt(wire, PASSPHRASE, limits)).length, 3);
      }
      encoder.free();
    }
  });

  for (const argument of [PASSPHRASE, undefined, {}, null]) {
    test(`new ${name}(${JSON.stringify(argument)}) names create() and fromPassphrase()`, () => {
      assert.throws(
        () => new Encoder(argument),
        (error) =>
          error instanceof TypeError &&
          error.message.includes(`${name}.create(`) &&
          error.message.includes(`${name}.fromPassphrase(`),
      );
    });
  }
}

for (const [name, Decoder, size] of [
  ["AgeDecoder", AgeDecoder, "chunkSize"],
  ["AgeRtDecoder", AgeRtDecoder, "maxChunkSize"],
  ["AgeAutoDecoder", AgeAutoDecoder, "maxChunkSize"],
]) {
  const format = Decoder === AgeRtDecoder ? "age-rt" : "age";

  test(`new ${name}(): limits in an object are those of the positional form`, async () => {
    const { bytes: sized } = await makeFile(format, [4], { chunkSize: 10 });
    const push = (decoder) => {
      const chunks = [];
      try {
        for (let at = 0; at < sized.length && decoder.bytesWanted > 0;) {
          const chunk = decoder.feed(sized.subarray(at, (at += decoder.bytesWanted)));
          if (chunk?.length > 0) chunks.push(chunk.length);
        }
        return chunks.join();
      } catch (error) {
        return error.code;
      } finally {
        decoder.free();
      }
    };
    for (const [most, factor] of [
      [10, undefined],
      [5, undefined],
    ]) {
      assert.equal(
        push(new Decoder(PASSPHRASE, { [size]: most, maxWorkFactor: factor })),
        push(new Decoder(PASSPHRASE, most, factor)),
      );
    }
    const { workFactor } = { workFactor: 18, ...QUICK };
    assert.equal(push(new Decoder(PASSPHRASE, { [size]: 10, maxWorkFactor: workFactor })), "4");
  });

  test(`new ${name}(): a limit after an object of limits is a TypeError`, () =>
    assert.throws(() => new Decoder(PASSPHRASE, { [size]: 10 }, 18), TypeError));
}

// ------------------------------------------------------------------------------------ messages that fit the call

for (const data of [{ data: "x" }, [1, 2], 5, null, undefined, Promise.resolve(bytes)]) {
  test(`encrypt() and decrypt() of ${Object.prototype.toString.call(data)} say what they take`, async () => {
    for (const call of [encrypt, decrypt]) {
      const error = await thrown(() => call(data, PASSPHRASE));
      assert.ok(error instanceof TypeError, String(error));
      assert.ok(error.message.includes("Expected bytes, text or a Blob"), error.message);
    }
  });
}

test("encrypt({…}) alone speaks of its first argument", async () => {
  const error = await thrown(() => encrypt({ data: bytes, passphrase: PASSPHRASE }));
  assert.ok(error.message.includes("bytes, text or a Blob, got [object Object]"), error.message);
});

for (const call of [encrypt, decrypt]) {
  for (const passphrase of [undefined, null, 1234, {}]) {
    test(`${call === encrypt ? "encrypt" : "decrypt"}(x, ${JSON.stringify(passphrase)}) speaks of the passphrase`, async () => {
      const error = await thrown(() => call(bytes, passphrase));
      assert.ok(error instanceof TypeError && error.message.includes("passphrase"), String(error));
      assert.ok(!error.message.includes("encoder") && !error.message.includes("decoder"));
    });
  }
}

const EMPTY = {
  "encrypt()": () => encrypt(bytes, ""),
  "decrypt()": () => decrypt(bytes, ""),
  AgeEncryptStream: () => new AgeEncryptStream(""),
  AgeRtEncryptStream: () => new AgeRtEncryptStream(""),
  AgeDecryptStream: () => new AgeDecryptStream(""),
  AgeRtDecryptStream: () => new AgeRtDecryptStream(""),
  AgeAutoDecryptStream: () => new AgeAutoDecryptStream(""),
  "AgeEncoder.create": () => AgeEncoder.create(""),
  "AgeRtEncoder.create": () => AgeRtEncoder.create(""),
  "AgeEncoder.fromPassphrase": () => AgeEncoder.fromPassphrase(""),
  "AgeRtEncoder.fromPassphrase": () => AgeRtEncoder.fromPassphrase(""),
  AgeDecoder: () => new AgeDecoder(""),
  AgeRtDecoder: () => new AgeRtDecoder(""),
  AgeAutoDecoder: () => new AgeAutoDecoder(""),
};

for (const [name, call] of Object.entries(EMPTY)) {
  test(`${name}: an empty passphrase is a RangeError with a code that a form can catch`, async () => {
    const error = await thrown(call);
    assert.ok(error instanceof RangeError);
    assert.equal(error.code, "empty-passphrase");
  });
}

// ------------------------------------------------------------------------------------ signals

test("a signal has one listener, however many calls it is given to, and none after them", async () => {
  const abort = new AbortController();
  let listeners = 0;
  let most = 0;
  const { addEventListener, removeEventListener } = abort.signal;
  abort.signal.addEventListener = function (...args) {
    most = Math.max(most, (listeners += 1));
    addEventListener.apply(this, args);
  };
  abort.signal.removeEventListener = function (...args) {
    listeners -= 1;
    removeEventListener.apply(this, args);
  };
  const options = { ...QUICK, signal: abort.signal };
  await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      i % 2
        ? encrypt(bytes, PASSPHRASE, options)
        : AgeEncoder.create(PASSPHRASE, options).then((encoder) => encoder.free()),
    ),
  );
  assert.equal(most, 1);
  assert.equal(listeners, 0);
});

if (inNode) {
  test("Node does not warn of a leak where 200 calls have one signal", async () => {
    const warnings = [];
    const hear = (warning) => warnings.push(warning.name);
    process.on("warning", hear);
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const calls = Array.from({ length: 100 }, () => [
      encrypt(bytes, PASSPHRASE, options),
      AgeRtEncoder.create(PASSPHRASE, options),
    ]).flat();
    calls.push(...Array.from({ length: 20 }, () => decrypt(file, PASSPHRASE, options)));
    const sockets = Array.from({ length: 20 }, () => fromWebSocket(socket(), options));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const reason = new Error("enough");
    abort.abort(reason);
    for (const call of calls) await failure(call);
    for (const { closed, readable } of sockets) {
      closed.catch(() => undefined);
      assert.equal(await failure(readable.getReader().read()), reason);
    }
    process.off("warning", hear);
    assert.deepEqual(warnings, []);
  });
}

test("an aborted signal ends create() before any work", async () => {
  const reason = new Error("enough");
  const aborted = AbortSignal.abort(reason);
  for (const Encoder of [AgeEncoder, AgeRtEncoder])
    assert.equal(await failure(Encoder.create(PASSPHRASE, { signal: aborted })), reason);
});

// ------------------------------------------------------------------------------------ onProgress

const SIZES = [0, 1, 10, 11, 25, 100];
for (const [name, encryptStream, decryptStream] of [
  [
    "age",
    (o) => new AgeEncryptStream(PASSPHRASE, { ...QUICK, chunkSize: 10, ...o }),
    (o) => new AgeDecryptStream(PASSPHRASE, { chunkSize: 10, ...o }),
  ],
  [
    "age-rt",
    (o) => new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, maxChunkSize: 10, ...o }),
    (o) => new AgeRtDecryptStream(PASSPHRASE, { maxChunkSize: 10, ...o }),
  ],
  [
    "auto",
    (o) => new AgeEncryptStream(PASSPHRASE, { ...QUICK, chunkSize: 10, ...o }),
    (o) => new AgeAutoDecryptStream(PASSPHRASE, { maxChunkSize: 10, ...o }),
  ],
]) {
  test(`${name}: onProgress hears the bytes of plaintext so far, rising, at most once a chunk, to the last`, async () => {
    for (const size of SIZES) {
      const heard = { out: [], back: [] };
      const wire = await through(
        [new Uint8Array(size)],
        encryptStream({ onProgress: (n) => heard.out.push(n) }),
      );
      await through([concat(...wire)], decryptStream({ onProgress: (n) => heard.back.push(n) }));
      const expected = Array.from({ length: Math.ceil(size / 10) }, (_, i) =>
        Math.min(size, 10 * (i + 1)),
      );
      assert.deepEqual(heard, { out: expected, back: expected });
    }
  });

  test(`${name}: what onProgress throws is the stream's error`, async () => {
    const reason = new Error("from the callback");
    const onProgress = () => {
      throw reason;
    };
    assert.equal(
      await failure(through([new Uint8Array(25)], encryptStream({ onProgress }))),
      reason,
    );
    const wire = await through([new Uint8Array(25)], encryptStream({}));
    assert.equal(await failure(through([concat(...wire)], decryptStream({ onProgress }))), reason);
  });
}

test("onProgress is the stream's own beside an encoder or decoder", async () => {
  const heard = [];
  const onProgress = (n) => heard.push(n);
  const encoder = await AgeEncoder.create(PASSPHRASE, QUICK);
  const wire = await chunksOf(
    streamOf([bytes]).pipeThrough(new AgeEncryptStream(encoder, { onProgress })),
  );
  await through(
    [concat(...wire)],
    new AgeDecryptStream(new AgeDecoder(PASSPHRASE), { onProgress }),
  );
  assert.deepEqual(heard, [4, 4]);
});
