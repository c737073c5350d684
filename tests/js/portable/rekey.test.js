/**
 * rekey(), RekeyStream, decryptHeader() and fileKeyIdentity(): other keys for a payload that stays
 * as it is.
 */
import {
  AgeAutoDecryptStream,
  AgeDecoder,
  AgeDecryptStream,
  AgeEncryptStream,
  armor,
  decrypt,
  encrypt,
  HeaderParseError,
  passphraseIdentity,
  passphraseRecipient,
  toBlob,
} from "age-rt-wasm";
import {
  decryptHeader,
  fileKeyIdentity,
  inspect,
  rekey,
  RekeyStream,
  splitHeader,
} from "age-rt-wasm/header";
import { AgeReader } from "age-rt-wasm/reader";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { assert, test } from "../harness.js";
import { concat, detach } from "./lib/bytes.js";
import { coded } from "./lib/errors.js";
import { FORMATS, makeFile, NONCE_LEN, PASSPHRASE, QUICK } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";
import { SecretIdentity, SecretRecipient } from "./lib/scheme.js";

const NEW = "another passphrase";
const utf8 = (text) => new TextEncoder().encode(text);
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());
/** Not by a Response, which browsers reject with errors of their own. */
const collect = async (readable) => bytesOf(await toBlob(readable));
const streamOf = (pieces) =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
/** Both ways to give a file other keys, on bytes. */
const WAYS = {
  rekey: async (file, from, to, options) =>
    bytesOf(await rekey(new Blob([file]), from, to, options)),
  RekeyStream: (file, from, to, options) =>
    collect(streamOf([file]).pipeThrough(new RekeyStream(from, to, options))),
};
const decryptAny = (file, key) =>
  collect(streamOf([file]).pipeThrough(new AgeAutoDecryptStream(key, { maxChunkSize: 2 ** 24 })));
const [classic, hybrid] = await Promise.all(
  ["x25519", "hybrid"].map(async (type) => {
    const text = await generateIdentity(type);
    return { identity: identity(text), recipient: recipient(await recipientOf(text)) };
  }),
);
/** Keys by what they are; a pair to seal with and to open with. */
const KEYS = {
  passphrase: [PASSPHRASE, PASSPHRASE],
  "passphrase as a key": [passphraseRecipient(PASSPHRASE, QUICK), passphraseIdentity(PASSPHRASE)],
  X25519: [classic.recipient, classic.identity],
  "two recipients": [
    [classic.recipient, new SecretRecipient("s")],
    [new SecretIdentity("no"), new SecretIdentity("s")],
  ],
  hybrid: [hybrid.recipient, hybrid.identity],
};
const factorFor = (key) => (typeof key === "string" ? QUICK : {});

for (const [way, change] of Object.entries(WAYS)) {
  for (const format of FORMATS) {
    for (const [old, [oldTo, oldFrom]] of Object.entries(KEYS)) {
      test(`${way}, ${format}: from ${old} to each, and only header bytes differ`, async () => {
        const data = new Random(7).bytes(70_000);
        const file = await encrypt(data, oldTo, { ...factorFor(oldTo), format });
        const before = await splitHeader(file);
        for (const [to, from] of Object.values(KEYS)) {
          const renewed = await change(file, oldFrom, to, factorFor(to));
          assert.deepEqual(await decrypt(renewed, from), data);
          const after = await splitHeader(renewed);
          assert.deepEqual(await bytesOf(after.payload), await bytesOf(before.payload));
          assert.ok(!(await equal(after.header, before.header)));
        }
      });
    }

    test(`${way}, ${format}: the first line stays, with a chunk size of any spelling`, async () => {
      for (const chunkSize of [1, 1000, 2 ** 20, 65_536]) {
        let { bytes } = await makeFile(format, [chunkSize, 1], { chunkSize });
        const first = firstLine(bytes);
        bytes = await change(bytes, PASSPHRASE, NEW, QUICK);
        assert.equal(firstLine(bytes), first);
        const stream = await decryptAny(bytes, NEW);
        assert.equal(stream.length, chunkSize + 1);
      }
    });

    test(`${way}, ${format}: an armored file goes in, and a binary one comes out`, async () => {
      const data = new Random(8).bytes(50_000);
      const file = await encrypt(data, PASSPHRASE, { ...QUICK, format });
      const text = utf8(`\n${armor(file).replaceAll("\n", "\r\n")}\n`);
      const renewed = await change(text, PASSPHRASE, NEW, QUICK);
      assert.equal((await inspect(renewed)).armor, false);
      assert.equal(renewed.length, file.length);
      assert.deepEqual(await decrypt(renewed, NEW), data);
    });
  }

  test(`${way}: the old passphrase is refused by the new file`, async () => {
    const file = await encrypt("text", PASSPHRASE, QUICK);
    const renewed = await change(file, PASSPHRASE, NEW, QUICK);
    await assert.rejects(decrypt(renewed, PASSPHRASE), coded("wrong-passphrase"));
    assert.equal((await inspect(renewed)).workFactor, 1);
  });

  test(`${way}: a header with another file's payload is refused`, async () => {
    const files = await Promise.all(["one", "two"].map((text) => encrypt(text, PASSPHRASE, QUICK)));
    const [one, two] = await Promise.all(
      files.map(async (file) => splitHeader(await change(file, PASSPHRASE, NEW, QUICK))),
    );
    const mixed = new Blob([one.header, two.payload]);
    await assert.rejects(decrypt(mixed, NEW), (error) => error.code === "chunk-authentication");
  });

  test(`${way}: it shuts nobody out: the old header before the new payload opens with the old passphrase`, async () => {
    const file = await encrypt("text", PASSPHRASE, QUICK);
    const { header } = await splitHeader(file);
    const { payload } = await splitHeader(await change(file, PASSPHRASE, NEW, QUICK));
    const old = await decrypt(new Blob([header, payload]), PASSPHRASE);
    assert.equal(new TextDecoder().decode(old), "text");
  });

  test(`${way}: what is wrong with the old header or key is an error before anything comes out`, async () => {
    const file = await encrypt("text", PASSPHRASE, QUICK);
    const refused = (input, from, code) =>
      assert.rejects(change(input, from, NEW, QUICK), coded(code));
    await refused(file, NEW, "wrong-passphrase");
    await refused(file, classic.identity, "no-identity-match");
    await refused(utf8("<html>"), PASSPHRASE, "not-age");
    await refused(new Uint8Array(0), PASSPHRASE, "truncated");
    await refused(file.subarray(0, 60), PASSPHRASE, "truncated");
    const text = armor(file);
    await refused(utf8(text.replace("\n", "\n\n")), PASSPHRASE, "invalid-armor");
    const forged = await encrypt("text", classic.recipient);
    const end = (await splitHeader(forged)).header.length;
    forged[end - 2] = forged[end - 2] === 65 ? 66 : 65;
    await assert.rejects(change(forged, classic.identity, NEW, QUICK), HeaderParseError);
    await assert.rejects(
      change(file, PASSPHRASE, [passphraseRecipient(NEW), classic.recipient]),
      coded("incompatible-recipients"),
    );
    await assert.rejects(
      change(file, PASSPHRASE, [hybrid.recipient, classic.recipient]),
      coded("incompatible-recipients"),
    );
    await assert.rejects(
      change(await encrypt("text", PASSPHRASE, { workFactor: 3 }), PASSPHRASE, NEW, {
        ...QUICK,
        maxWorkFactor: 2,
      }),
      coded("excessive-work-factor"),
    );
  });

  test(`${way}: what cannot be a key is refused before any work`, async () => {
    let asked = 0;
    const never = { unwrapFileKey: () => void (asked += 1) };
    const file = await encrypt("text", classic.recipient);
    const attempt = (from, to, options) => async () => change(file, from, to, options);
    await assert.rejects(attempt(never, [])(), RangeError);
    await assert.rejects(attempt([], NEW)(), RangeError);
    await assert.rejects(attempt(never, "")(), RangeError);
    await assert.rejects(attempt(never, classic.identity)(), TypeError);
    await assert.rejects(attempt(classic.recipient, NEW)(), TypeError);
    await assert.rejects(attempt(never, undefined)(), TypeError);
    await assert.rejects(attempt(never, classic.recipient, { workFactor: 1 })(), TypeError);
    await assert.rejects(attempt(never, NEW, { workFaktor: 1 })(), TypeError);
    await assert.rejects(attempt(never, NEW, { workFactor: 21 })(), RangeError);
    assert.equal(asked, 0);
  });

  test(`${way}: a signal ends it before, while the old key is looked for, and while the new one is made`, async () => {
    const file = await encrypt("text", classic.recipient);
    const reason = new Error("enough");
    let asked = 0;
    let abort;
    const end = () => abort.abort(reason);
    const later = () => queueMicrotask(end);
    const ask = () => ((asked += 1), later(), new Promise(() => undefined));
    const from = { unwrapFileKey: ask };
    const done = AbortSignal.abort(reason);
    const same = (error) => error === reason;
    await assert.rejects(change(file, from, NEW, { ...QUICK, signal: done }), same);
    assert.equal(asked, 0);
    // Each ends it when it has come to that, however long it took.
    for (const [opening, sealing, options] of [
      [from, NEW, { workFactor: 16 }],
      [classic.identity, { wrapFileKey: () => (end(), ask()) }, {}],
      [classic.identity, NEW, { workFactor: 16, onDerivation: later }],
    ]) {
      abort = new AbortController();
      const work = change(file, opening, sealing, { ...options, signal: abort.signal });
      await assert.rejects(work, same);
    }
    assert.equal(asked, 2);
  });

  test(`${way}: what a recipient is shown is wiped, and what an identity gives too`, async () => {
    const file = await encrypt("text", classic.recipient);
    const seen = [];
    const keep = {
      async unwrapFileKey(stanzas) {
        const key = await classic.identity.unwrapFileKey(stanzas);
        seen.push(key);
        return key;
      },
    };
    const show = {
      wrapFileKey(key) {
        assert.ok(key.some((byte) => byte !== 0));
        seen.push(key);
        return [{ args: ["x"], body: new Uint8Array(16) }];
      },
    };
    await change(file, keep, [show, show]);
    assert.equal(seen.length, 3);
    for (const key of seen) assert.deepEqual([...key], Array(16).fill(0));
  });

  test(`${way}: both derivations are told of as one that rises from 0 to 1`, async () => {
    const old = await encrypt("text", PASSPHRASE, { workFactor: 8 });
    const heard = async (from, to, options) => {
      const fractions = [];
      const onDerivation = (fraction) => void fractions.push(fraction);
      await change(from === PASSPHRASE ? old : await encrypt("text", classic.recipient), from, to, {
        ...options,
        onDerivation,
      });
      assert.deepEqual(
        fractions,
        [...fractions].sort((a, b) => a - b),
      );
      return fractions;
    };
    for (const [from, to, options] of [
      [PASSPHRASE, NEW, { workFactor: 9 }],
      [PASSPHRASE, classic.recipient, {}],
      [classic.identity, NEW, { workFactor: 9 }],
    ]) {
      const fractions = await heard(from, to, options);
      assert.equal(fractions[0], 0);
      assert.equal(fractions.at(-1), 1);
    }
    assert.deepEqual(await heard(classic.identity, classic.recipient, {}), []);
  });

  test(`${way}: what onDerivation throws is its error`, async () => {
    const file = await encrypt("text", PASSPHRASE, QUICK);
    const fault = new Error("mine");
    const onDerivation = () => {
      throw fault;
    };
    await assert.rejects(
      change(file, PASSPHRASE, NEW, { ...QUICK, onDerivation }),
      (error) => error === fault,
    );
  });

  test(`${way}: a file whose payload was cut stays cut`, async () => {
    const file = await encrypt(new Uint8Array(70_000), PASSPHRASE, QUICK);
    const cut = await change(file.subarray(0, -1), PASSPHRASE, NEW, QUICK);
    await assert.rejects(decrypt(cut, NEW), (error) => error.code === "chunk-authentication");
    const { header } = await splitHeader(file);
    const bare = await change(header, PASSPHRASE, NEW, QUICK);
    await assert.rejects(decrypt(bare, NEW), coded("truncated"));
  });
}

async function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
function firstLine(bytes) {
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(10)));
}

test("RekeyStream: any split of a file, armored or not, gives the same payload", async () => {
  const random = new Random(seed);
  const file = await encrypt(random.bytes(3000), classic.recipient);
  const payload = file.subarray((await splitHeader(file)).header.length);
  for (const input of [file, utf8(armor(file))]) {
    for (let round = 0; round < 40; round += 1) {
      const pieces = [];
      for (let at = 0; at < input.length;) {
        const len = round === 0 ? 1 : random.below(round < 20 ? 60 : 2000);
        pieces.push(input.slice(at, (at += len)));
      }
      const stream = new RekeyStream(classic.identity, classic.recipient);
      const renewed = await collect(streamOf(pieces).pipeThrough(stream));
      assert.deepEqual(renewed.subarray(-payload.length), payload);
      assert.deepEqual(
        await decrypt(renewed, classic.identity),
        await decrypt(file, classic.identity),
      );
    }
  }
});

test("RekeyStream: what was written is kept as it was while the key is looked for", async () => {
  const file = await encrypt("text", classic.recipient);
  for (const input of [file, utf8(armor(file))]) {
    const own = input.slice();
    const from = {
      unwrapFileKey(stanzas) {
        own.fill(0);
        return classic.identity.unwrapFileKey(stanzas);
      },
    };
    const stream = new RekeyStream(from, classic.recipient);
    const made = collect(stream.readable);
    const writer = stream.writable.getWriter();
    await writer.write(own.subarray(0, 10));
    await writer.write(own.subarray(10));
    await writer.close();
    const renewed = await made;
    assert.equal(new TextDecoder().decode(await decrypt(renewed, classic.identity)), "text");
  }
});

test("RekeyStream: chunks own their buffers, and progress counts the payload", async () => {
  const file = await encrypt(new Uint8Array(200_000), classic.recipient);
  const heard = [];
  const onProgress = (bytes) => void heard.push(bytes);
  const stream = new RekeyStream(classic.identity, classic.recipient, { onProgress });
  const reader = streamOf([file]).pipeThrough(stream).getReader();
  const first = await reader.read();
  assert.equal(first.value.buffer.byteLength, first.value.length);
  let rest = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    assert.ok(read.value.length <= 65_536);
    assert.equal(read.value.buffer.byteLength, read.value.length);
    rest += read.value.length;
  }
  assert.equal(heard.at(-1), rest);
  assert.equal(String(stream), "[object RekeyStream]");
});

test("RekeyStream: cancelled while its key is looked for, it asks no further", async () => {
  const file = await encrypt("text", classic.recipient);
  let signal;
  const from = {
    unwrapFileKey: (_, options) => ((signal = options.signal), new Promise(() => undefined)),
  };
  const stream = new RekeyStream(from, classic.recipient);
  const writer = stream.writable.getWriter();
  const written = writer.write(file).catch((error) => error);
  while (!signal) await new Promise((resolve) => setTimeout(resolve, 1));
  await stream.readable.cancel("enough");
  await written;
  assert.ok(signal.aborted);
});

test("rekey: a Blob keeps its type, and its payload is shared rather than read", async () => {
  const file = await encrypt(new Uint8Array(100_000), PASSPHRASE, QUICK);
  const blob = new Blob([file], { type: "application/x-age" });
  let read = 0;
  const watched = new Proxy(blob, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== "slice") return typeof value === "function" ? value.bind(target) : value;
      return (start, end) => {
        if (end !== undefined) read += end - start;
        return target.slice(start, end);
      };
    },
  });
  const renewed = await rekey(watched, PASSPHRASE, NEW, QUICK);
  assert.equal(renewed.type, "application/x-age");
  assert.ok(read <= 65_536, `${read} bytes were read`);
  await assert.rejects(rekey(file, PASSPHRASE, NEW, QUICK), TypeError);
  await assert.rejects(rekey("text", PASSPHRASE, NEW, QUICK), TypeError);
});

test("rekey: a Blob that the platform's Blob cannot contain is copied", async () => {
  const plaintext = new Uint8Array(100_000).fill(7);
  const blob = new Blob([await encrypt(plaintext, PASSPHRASE, QUICK)], { type: "x/age" });
  // As jsdom's, or Bun's of a file, which `new Blob([header, file])` leaves out.
  const foreign = (part) => ({
    size: part.size,
    type: part.type,
    slice: (start, end) => foreign(part.slice(start, end, part.type)),
    arrayBuffer: () => part.arrayBuffer(),
  });
  const progress = [];
  const onProgress = (bytes) => progress.push(bytes);
  const renewed = await rekey(foreign(blob), PASSPHRASE, NEW, { ...QUICK, onProgress });
  assert.equal(renewed.type, "x/age");
  assert.deepEqual(await decrypt(renewed, NEW), plaintext);
  const { payload } = await splitHeader(blob);
  assert.equal(progress.at(-1), payload.size);
});

test("rekey: again and again, and back to the first passphrase", async () => {
  let file = new Blob([await encrypt("text", PASSPHRASE, QUICK)]);
  const size = file.size;
  for (const [from, to] of [
    [PASSPHRASE, NEW],
    [NEW, "a third"],
    ["a third", PASSPHRASE],
  ])
    file = await rekey(file, from, to, QUICK);
  assert.equal(file.size, size);
  assert.equal(new TextDecoder().decode(await decrypt(file, PASSPHRASE)), "text");
});

for (const format of FORMATS) {
  for (const [name, [to, from]] of Object.entries(KEYS)) {
    test(`decryptHeader, ${format}, ${name}: the file key opens the file without its key`, async () => {
      const file = await encrypt("text", to, { ...factorFor(to), format });
      const { header } = await splitHeader(file);
      const fileKey = await decryptHeader(header, from);
      assert.equal(fileKey.length, 16);
      assert.deepEqual(await decryptHeader(utf8(armor(file)), from), fileKey);
      const key = fileKeyIdentity(fileKey);
      fileKey.fill(0);
      // More than once: a retry must not need another derivation.
      for (let round = 0; round < 2; round += 1)
        assert.equal(new TextDecoder().decode(await decrypt(file, key)), "text");
      const renewed = await rekey(new Blob([file]), key, NEW, QUICK);
      assert.equal(new TextDecoder().decode(await decrypt(renewed, NEW)), "text");
      assert.equal(new TextDecoder().decode(await decrypt(renewed, key)), "text");
    });
  }
}

test("decryptHeader: the payload key that it leads to is that of the file", async () => {
  const file = await encrypt("text", PASSPHRASE, QUICK);
  const { header, payload } = await splitHeader(file);
  const nonce = new Uint8Array(await payload.slice(0, NONCE_LEN).arrayBuffer());
  const fileKey = await decryptHeader(header, PASSPHRASE);
  const secret = await crypto.subtle.importKey("raw", fileKey, "HKDF", false, ["deriveBits"]);
  const hkdf = (salt, info) =>
    crypto.subtle.deriveBits(
      { name: "HKDF", hash: "SHA-256", salt, info: utf8(info) },
      secret,
      256,
    );
  const mac = await crypto.subtle.importKey(
    "raw",
    await hkdf(new Uint8Array(0), "header"),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const text = new TextDecoder().decode(header);
  const [signed, claimed] = text.split("--- ");
  const tag = new Uint8Array(await crypto.subtle.sign("HMAC", mac, utf8(`${signed}---`)));
  assert.equal(btoa(String.fromCharCode(...tag)).replace(/=+$/, ""), claimed.trim());
  assert.equal((await hkdf(nonce, "payload")).byteLength, 32);
});

test("decryptHeader: a header that is wrong, cut or not for this key is an error", async () => {
  const { header } = await splitHeader(await encrypt("text", PASSPHRASE, QUICK));
  await assert.rejects(decryptHeader(header, NEW), coded("wrong-passphrase"));
  await assert.rejects(decryptHeader(header, classic.identity), coded("no-identity-match"));
  for (const len of [0, 10, header.length - 1])
    await assert.rejects(decryptHeader(header.subarray(0, len), PASSPHRASE), coded("truncated"));
  await assert.rejects(decryptHeader("text", PASSPHRASE), TypeError);
  await assert.rejects(decryptHeader(header, []), RangeError);
  await assert.rejects(decryptHeader(header, PASSPHRASE, { workFactor: 1 }), TypeError);
  const reason = new Error("enough");
  await assert.rejects(
    decryptHeader(header, PASSPHRASE, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  const { header: other } = await splitHeader(await encrypt("text", classic.recipient));
  const forged = utf8(new TextDecoder().decode(other).replace("--- ", "-> x\n\n--- "));
  await assert.rejects(decryptHeader(forged, classic.identity), coded("header-mac"));
});

/** Every entry that takes a key, with a file's own file key. */
const ENTRIES = {
  decrypt: (file, key) => decrypt(file, key),
  AgeDecryptStream: (file, key) => collect(streamOf([file]).pipeThrough(new AgeDecryptStream(key))),
  AgeReader: async (file, key) => {
    const reader = await AgeReader.open(new Blob([file]), key);
    const bytes = await reader.read();
    reader.close();
    return bytes;
  },
  AgeDecoder: async (file, key) => {
    const decoder = await AgeDecoder.create(key);
    let at = 0;
    while (decoder.bytesWanted > 0) decoder.feed(file.subarray(at, (at += decoder.bytesWanted)));
    await decoder.unlock();
    decoder.feed(file.subarray(at, (at += decoder.bytesWanted)));
    const bytes = decoder.feed(file.subarray(at));
    decoder.free();
    return bytes;
  },
  decryptHeader: async (file, key) => (await decryptHeader(file, key), utf8("text")),
};

for (const [entry, open] of Object.entries(ENTRIES)) {
  test(`fileKeyIdentity in ${entry}: opens its file, and is header-mac for another and a changed one`, async () => {
    const file = await encrypt("text", PASSPHRASE, QUICK);
    const other = await encrypt("text", PASSPHRASE, QUICK);
    const key = fileKeyIdentity(await decryptHeader(file, PASSPHRASE));
    assert.equal(new TextDecoder().decode(await open(file, key)), "text");
    await assert.rejects(open(other, key), coded("header-mac"));
    const changed = utf8(String.fromCharCode(...file.subarray(0, 150)).replace(" 1\n", " 2\n"));
    await assert.rejects(open(concat(changed, file.subarray(150)), key), coded("header-mac"));
  });
}

test("fileKeyIdentity: takes 16 bytes, of its own, and shows none of them", async () => {
  for (const len of [0, 15, 17, 32])
    assert.throws(() => fileKeyIdentity(new Uint8Array(len)), coded("invalid-identity"));
  assert.throws(() => fileKeyIdentity("0123456789abcdef"), TypeError);
  const key = fileKeyIdentity(new Uint8Array(16).fill(0x2a));
  assert.ok(!/42|2a/i.test(`${JSON.stringify(key)}${String(key)}${Object.values(key).join()}`));
  assert.throws(() => structuredClone(key));
});

test("four at once, of one Blob with one identity, do not disturb each other", async () => {
  const data = new Random(9).bytes(100_000);
  const blob = new Blob([await encrypt(data, classic.recipient)]);
  const made = await Promise.all(
    [1, 2, 3, 4].map((i) => rekey(blob, classic.identity, `passphrase ${i}`, QUICK)),
  );
  for (const [i, each] of made.entries())
    assert.deepEqual(await decrypt(each, `passphrase ${i + 1}`), data);
  assert.deepEqual(await decrypt(blob, classic.identity), data);
});

test("a stream that is encrypted is rekeyed on its way", async () => {
  const data = new Random(10).bytes(300_000);
  const renewed = await collect(
    new Blob([data])
      .stream()
      .pipeThrough(new AgeEncryptStream(classic.recipient))
      .pipeThrough(new RekeyStream(classic.identity, NEW, QUICK)),
  );
  assert.deepEqual(await decrypt(renewed, NEW), data);
});

test("RekeyStream: memory that goes away while it is read is an error, and no shorter payload", async () => {
  const file = await encrypt(new Uint8Array(400_000), PASSPHRASE, QUICK);
  const key = fileKeyIdentity(await decryptHeader((await splitHeader(file)).header, PASSPHRASE));
  const { readable, writable } = new RekeyStream(key, passphraseRecipient(NEW, QUICK));
  const [writer, reader] = [writable.getWriter(), readable.getReader()];
  // The header first: what is written before the key is there is copied.
  const header = file.slice(0, 300);
  const first = writer.write(header);
  const buffer = file.slice(300).buffer;
  const second = assert.rejects(writer.write(new Uint8Array(buffer)), TypeError);
  const closed = assert.rejects(writer.close(), TypeError);
  let count = 0;
  await assert.rejects(async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      count += 1;
      if (count === 3) detach(buffer);
    }
  }, TypeError);
  assert.ok(count >= 3);
  await first;
  await second;
  await closed;
});
