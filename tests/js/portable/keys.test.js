/**
 * Recipients and identities of everybody's, in both formats, at every place that takes a key. Every
 * rule of api.d.ts below `DecryptKey`.
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
  aiterDecodeChunks,
  decrypt,
  decodeBytes,
  decodeFile,
  encodeBytes,
  encrypt,
  init,
  passphraseIdentity,
  passphraseRecipient,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { liveObjects } from "../lib/instances.js";
import { joined, through } from "../lib/streams.js";
import { utf8 } from "./lib/bytes.js";
import { assertError, coded } from "./lib/errors.js";
import { FORMATS, PASSPHRASE, QUICK } from "./lib/files.js";
import { SecretIdentity, SecretRecipient } from "./lib/scheme.js";

await init();

const TEXT = utf8("attack at dawn");
const HERE = { age: AgeDecoder, "age-rt": AgeRtDecoder };
const same = (bytes) => assert.equal(String(bytes), String(TEXT));

/**
 * Holds the file key of a file that it has wrapped, as a peer would; and remembers what it was
 * given.
 */
class Peer {
  given = [];
  constructor(stanzas = [{ args: ["example.com/peer"], body: new Uint8Array(3) }]) {
    this.stanzas = stanzas;
  }
  wrapFileKey(fileKey, options) {
    this.given.push({ fileKey, options });
    this.fileKey = fileKey.slice();
    return this.stanzas;
  }
  unwrapFileKey(stanzas, options) {
    this.given.push({ stanzas, options });
    this.answer = this.fileKey.slice();
    return this.answer;
  }
}
const nobody = { unwrapFileKey: () => null };
const giving = (...stanzas) => ({ wrapFileKey: () => stanzas });
const stanza = (...args) => ({ args, body: new Uint8Array(32) });

for (const format of FORMATS) {
  test(`${format}: a user's own recipient and identity`, async () => {
    const key = new SecretRecipient("hunter2");
    const file = await encrypt(TEXT, key, { format });
    same(await decrypt(file, new SecretIdentity("hunter2")));
    same(await decrypt(file, [nobody, new SecretIdentity("x"), new SecretIdentity("hunter2")]));
    await assert.rejects(decrypt(file, new SecretIdentity("x")), coded("no-identity-match"));
  });

  test(`${format}: each of several recipients opens it`, async () => {
    const secrets = ["one", "two", "three"];
    const file = await encrypt(
      TEXT,
      secrets.map((secret) => new SecretRecipient(secret)),
      { format },
    );
    for (const secret of secrets) same(await decrypt(file, new SecretIdentity(secret)));
  });

  test(`${format}: streams, encoders, decoders and iterators`, async () => {
    const [Encryption, Decryption, Encoder, Decoder] =
      format === "age"
        ? [AgeEncryptStream, AgeDecryptStream, AgeEncoder, AgeDecoder]
        : [AgeRtEncryptStream, AgeRtDecryptStream, AgeRtEncoder, AgeRtDecoder];
    const recipient = new SecretRecipient("hunter2");
    const identity = new SecretIdentity("hunter2");
    const wires = [
      joined(await through([TEXT], new Encryption(recipient))),
      joined(await through([TEXT], new Encryption(await Encoder.create(recipient)))),
      joined(await through([TEXT], new Encryption(Encoder.create([recipient])))),
      encodeBytes([TEXT], await Encoder.create(recipient)),
    ];
    for (const wire of wires) {
      same(joined(await through([wire], new Decryption(identity))));
      same(joined(await through([wire], new AgeAutoDecryptStream([identity]))));
      same(joined(await through([wire], new Decryption(await Decoder.create(identity)))));
      for (const Kind of [Decoder, AgeAutoDecoder]) {
        const chunks = [];
        const decoder = await Kind.create(identity);
        for await (const chunk of aiterDecodeChunks([wire], decoder)) chunks.push(chunk);
        same(joined(chunks));
        const read = [];
        const file = decodeFile(new Blob([wire]), await Kind.create(identity));
        for await (const chunk of file) read.push(chunk);
        same(joined(read));
      }
    }
  });

  test(`${format}: feed() stops for unlock(), and nothing else moves it`, async () => {
    const file = await encrypt(TEXT, new SecretRecipient("hunter2"), { format });
    const decoder = await HERE[format].create(new SecretIdentity("hunter2"));
    await decoder.unlock();
    let at = 0;
    while (decoder.bytesWanted > 0) decoder.feed(file.subarray(at, (at += decoder.bytesWanted)));
    for (let i = 0; i < 2; i += 1) {
      assert.equal(decoder.bytesWanted, 0);
      assert.equal(decoder.isDone(), false);
      assert.throws(() => decoder.feed(file.subarray(at, at + 1)), coded("key-pending"));
      assert.throws(() => decoder.finish(), coded("key-pending"));
      assert.throws(() => [...decodeBytes(file.subarray(at), decoder)], coded("key-pending"));
    }
    await assert.rejects(
      decoder.unlock({ signal: AbortSignal.abort(new Error("mine")) }),
      (error) => error.message === "mine",
    );
    const [first, second] = [decoder.unlock(), decoder.unlock()];
    assert.throws(() => decoder.feed(file.subarray(at, at + 16)), coded("key-pending"));
    await Promise.all([first, second]);
    await decoder.unlock();
    const text = [];
    for (; decoder.bytesWanted > 0;) {
      const end = Math.min(file.length, at + decoder.bytesWanted);
      const chunk = decoder.feed(file.subarray(at, end));
      at = end;
      if (chunk) text.push(chunk);
    }
    decoder.finish();
    same(joined(text));
    decoder.free();
    await assert.rejects(decoder.unlock(), coded("freed"));
  });

  test(`${format}: the file key that crosses is wiped, whatever comes of it`, async () => {
    const peer = new Peer();
    const file = await encrypt(TEXT, [peer, new SecretRecipient("x")], { format });
    assert.equal(String(peer.given[0].fileKey), String(new Uint8Array(16)));
    assert.ok(peer.fileKey.some((byte) => byte !== 0));
    same(await decrypt(file, peer));
    assert.equal(String(peer.answer), String(new Uint8Array(16)));

    const wrong = new Peer();
    wrong.fileKey = new Uint8Array(16).fill(7);
    await assert.rejects(decrypt(file, wrong), coded("header-mac"));
    assert.equal(String(wrong.answer), String(new Uint8Array(16)));
    const long = { unwrapFileKey: () => (long.answer = new Uint8Array(17).fill(7)) };
    await assert.rejects(decrypt(file, long), TypeError);
    assert.equal(String(long.answer), String(new Uint8Array(17)));
  });
}

test("a recipient hears the end of its stream, and its copy is wiped then", async () => {
  const abort = new AbortController();
  const peer = new Peer();
  let copy;
  peer.wrapFileKey = (fileKey, { signal }) => {
    copy = fileKey;
    return new Promise(() => signal.addEventListener("abort", () => (peer.heard = true)));
  };
  const made = encrypt(TEXT, peer, { signal: abort.signal });
  while (!copy) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(copy.some((byte) => byte !== 0));
  abort.abort(new Error("mine"));
  await assert.rejects(made, (error) => error.message === "mine");
  assert.equal(String(copy), String(new Uint8Array(16)));
  assert.ok(peer.heard);
});

test("a file key that comes after the end of its stream is wiped", async () => {
  const file = await encrypt(TEXT, new SecretRecipient("x"));
  const abort = new AbortController();
  const late = new Uint8Array(16).fill(7);
  let answer;
  const identity = { unwrapFileKey: () => new Promise((resolve) => (answer = resolve)) };
  const opened = decrypt(file, identity, { signal: abort.signal });
  while (!answer) await new Promise((resolve) => setTimeout(resolve, 1));
  abort.abort(new Error("mine"));
  await assert.rejects(opened, (error) => error.message === "mine");
  answer(late);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(String(late), String(new Uint8Array(16)));
});

test("each identity gets stanzas of its own, as they were written", async () => {
  const bodies = [0, 1, 47, 48, 49, 96].map((length) => new Uint8Array(length).fill(length));
  const peer = new Peer(bodies.map((body, i) => ({ args: ["!~", `arg${i}`], body })));
  const file = await encrypt(TEXT, peer);
  const vandal = {
    unwrapFileKey(stanzas) {
      stanzas[1].body.fill(9);
      stanzas.length = 1;
      return null;
    },
  };
  same(await decrypt(file, [vandal, peer]));
  const { stanzas, options } = peer.given[1];
  assert.equal(
    JSON.stringify(stanzas.map(({ args }) => args)),
    JSON.stringify(peer.stanzas.map(({ args }) => args)),
  );
  assert.equal(String(stanzas.map(({ body }) => body)), String(bodies));
  assert.equal(options.signal.aborted, false);
});

const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l".repeat(2);
for (const key of [
  `age1${BECH32}`,
  `AGE1${BECH32.toUpperCase()}`,
  ` age1pq1${BECH32}\n`,
  `age1tag1${BECH32}`,
  `age1tagpq1${BECH32}`,
  `AGE-SECRET-KEY-1${BECH32.toUpperCase()}`,
  `age-secret-key-pq-1${BECH32}`,
  `AGE-PLUGIN-YUBIKEY-1${BECH32.toUpperCase()}`,
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== someone@example",
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ==",
])
  test(`a whole key is no passphrase: ${key.trim().slice(0, 20)}`, async () => {
    const refused = (error) =>
      error instanceof TypeError &&
      /recipient\(\).*identity\(\)/.test(error.message) &&
      !error.message.includes(key.trim().slice(-10));
    await assert.rejects(encrypt(TEXT, key, QUICK), refused);
    await assert.rejects(decrypt(TEXT, key), refused);
    for (const Stream of [
      AgeEncryptStream,
      AgeRtEncryptStream,
      AgeDecryptStream,
      AgeRtDecryptStream,
      AgeAutoDecryptStream,
      AgeDecoder,
      AgeRtDecoder,
      AgeAutoDecoder,
    ])
      assert.throws(() => new Stream(key), refused);
    for (const Encoder of [AgeEncoder, AgeRtEncoder]) {
      assert.throws(() => Encoder.fromPassphrase(key), refused);
      await assert.rejects(Encoder.create(key, QUICK), refused);
    }
    for (const Decoder of [AgeDecoder, AgeRtDecoder, AgeAutoDecoder])
      await assert.rejects(Decoder.create(key), refused);
    // Where it is said that it is one, it is one.
    const file = await encrypt(TEXT, passphraseRecipient(key, QUICK));
    same(await decrypt(file, passphraseIdentity(key)));
  });

test("what only looks like a key is a passphrase", async () => {
  for (const passphrase of [
    "age1",
    `age1${"q".repeat(49)}`,
    "ssh-rsa",
    "age-secret-key",
    "age-secret-key-1",
  ])
    same(await decrypt(await encrypt(TEXT, passphrase, QUICK), passphrase));
});

const peer = new Peer();
for (const [name, key, encrypting, decrypting] of [
  ["an empty array", [], RangeError, RangeError],
  ["a string in an array", ["x"], TypeError, TypeError],
  ["a recipient and a string", [peer, "x"], TypeError, TypeError],
  ["an identity where a recipient belongs", nobody, TypeError, undefined],
  ["a recipient where an identity belongs", giving(), undefined, TypeError],
  ["a promise of a key in an array", [Promise.resolve(peer)], TypeError, TypeError],
  ["an object that is neither", {}, TypeError, TypeError],
  ["null", null, TypeError, TypeError],
  ["a number", 1, TypeError, TypeError],
])
  test(`${name} is refused`, async () => {
    for (const [kind, takers, calls] of [
      [
        encrypting,
        [AgeEncryptStream, AgeRtEncryptStream],
        [(k) => encrypt(TEXT, k), (k) => AgeEncoder.create(k), (k) => AgeRtEncoder.create(k)],
      ],
      [
        decrypting,
        [AgeDecryptStream, AgeRtDecryptStream, AgeAutoDecryptStream],
        [(k) => decrypt(TEXT, k), (k) => AgeDecoder.create(k), (k) => AgeAutoDecoder.create(k)],
      ],
    ]) {
      if (!kind) continue;
      for (const Stream of takers) assert.throws(() => new Stream(key), kind, Stream.name);
      for (const call of calls) await assert.rejects(call(key), kind);
    }
  });

test("an unawaited promise of a key says so", async () => {
  const promise = Promise.resolve(peer);
  const says = (error) => error instanceof TypeError && /await/.test(error.message);
  await assert.rejects(encrypt(TEXT, promise), says);
  await assert.rejects(decrypt(TEXT, promise), says);
  assert.throws(() => new AgeDecryptStream(promise), says);
  for (const key of [promise, Promise.resolve("passphrase")])
    await assert.rejects(through([TEXT], new AgeEncryptStream(key)), says);
});

test("a work factor beside recipients is refused, and a largest one beside identities is a ceiling", async () => {
  for (const key of [peer, [peer], passphraseRecipient("x")])
    await assert.rejects(encrypt(TEXT, key, QUICK), TypeError);
  const file = await encrypt(TEXT, passphraseRecipient("x", { workFactor: 3 }));
  for (const [own, ceiling, opens] of [
    [3, undefined, true],
    [2, undefined, false],
    [3, 2, false],
    [2, 3, false],
    [3, 3, true],
  ]) {
    const opened = decrypt(file, passphraseIdentity("x", { maxWorkFactor: own }), {
      maxWorkFactor: ceiling,
    });
    if (opens) same(await opened);
    else assertError(await opened.catch((error) => error), "excessive-work-factor");
  }
});

test("several passphrases are tried in order, each within its own limit", async () => {
  const file = await encrypt(TEXT, "third", { workFactor: 3 });
  const [first, second, third] = ["first", "second", "third"].map((text) =>
    passphraseIdentity(text),
  );
  same(await decrypt(file, [first, second, third]));
  same(await decrypt(file, [first, second, third]));
  await assert.rejects(decrypt(file, [first, second]), coded("wrong-passphrase"));
  const cautious = passphraseIdentity("third", { maxWorkFactor: 2 });
  await assert.rejects(decrypt(file, [cautious, first]), coded("wrong-passphrase"));
  same(await decrypt(file, [cautious, first, third]));
});

test("passphrases are tried before identities of others, which may still know the key", async () => {
  const order = [];
  const observer = { unwrapFileKey: () => (order.push("identity"), null) };
  const file = await encrypt(TEXT, PASSPHRASE, QUICK);
  same(await decrypt(file, [observer, passphraseIdentity(PASSPHRASE)]));
  assert.equal(order.length, 0);
  await assert.rejects(
    decrypt(file, [observer, passphraseIdentity("wrong")]),
    coded("wrong-passphrase"),
  );
  assert.equal(order.length, 1);
  const heavy = await encrypt(TEXT, PASSPHRASE, { workFactor: 3 });
  await assert.rejects(
    decrypt(heavy, [observer, passphraseIdentity(PASSPHRASE)], { maxWorkFactor: 2 }),
    coded("excessive-work-factor"),
  );
  assert.equal(order.length, 2);
});

test("what no key opens has the error that the key's kind deserves", async () => {
  const file = await encrypt(TEXT, new SecretRecipient("x"));
  const scrypt = await encrypt(TEXT, PASSPHRASE, QUICK);
  for (const [bytes, key, code, types] of [
    [scrypt, "wrong", "wrong-passphrase"],
    [scrypt, nobody, "no-identity-match", "scrypt"],
    [file, nobody, "no-identity-match", "example.com/secret"],
    [file, passphraseIdentity("x"), "no-identity-match", "example.com/secret"],
    [file, [nobody, passphraseIdentity("x")], "no-identity-match", "example.com/secret"],
    [file, "x", "no-passphrase-stanza", "example.com/secret"],
  ]) {
    const error = await decrypt(bytes, key).catch((e) => e);
    assertError(error, code);
    assert.equal(error.stanzaTypes?.join(), types);
  }
});

test("what a key throws ends the stream with it", async () => {
  const mine = new Error("mine");
  const failing = {
    wrapFileKey: () => Promise.reject(mine),
    unwrapFileKey() {
      throw mine;
    },
  };
  await assert.rejects(encrypt(TEXT, failing), (error) => error.message === "mine");
  const file = await encrypt(TEXT, new SecretRecipient("x"));
  await assert.rejects(
    decrypt(file, [failing, new SecretIdentity("x")]),
    (error) => error.message === "mine",
  );
});

for (const answer of [undefined, "x", 1, [], new Uint8Array(15), new Uint8Array(32)])
  test(`unwrapFileKey() giving ${answer?.length ?? answer} of ${typeof answer} is a TypeError`, async () => {
    const file = await encrypt(TEXT, new SecretRecipient("x"));
    await assert.rejects(decrypt(file, { unwrapFileKey: () => answer }), TypeError);
  });

for (const [name, given, kind] of [
  ["nothing", undefined, TypeError],
  ["no array", stanza("x"), TypeError],
  ["no stanza", [], RangeError],
  ["no args", [{ body: new Uint8Array(1) }], TypeError],
  ["empty args", [stanza()], TypeError],
  ["an empty word", [stanza("x", "")], TypeError],
  ["a space", [stanza("x y")], TypeError],
  ["a line feed", [stanza("x\ny")], TypeError],
  ["a character beyond ASCII", [stanza("é")], TypeError],
  ["a number among the args", [stanza("x", 1)], TypeError],
  ["no body", [{ args: ["x"] }], TypeError],
  ["text as body", [{ args: ["x"], body: "x" }], TypeError],
  ["more than a header may have", [{ args: ["x"], body: new Uint8Array(1_000_000) }], RangeError],
])
  test(`wrapFileKey() giving ${name} is refused`, async () => {
    for (const format of FORMATS)
      await assert.rejects(encrypt(TEXT, { wrapFileKey: () => given }, { format }), kind);
  });

test("a header of a thousand recipients", async () => {
  const peers = Array.from({ length: 1000 }, () => new Peer());
  const file = await encrypt(TEXT, peers);
  peers[999].fileKey = peers[0].fileKey;
  same(await decrypt(file, peers[999]));
});

test("all recipients of a file have the same labels", async () => {
  const labelled = (labels, type = "x") => ({ ...giving(stanza(type)), labels });
  for (const fits of [
    [giving(stanza("x")), giving(stanza("y"))],
    [giving(stanza("x")), labelled([])],
    [labelled(["b", "a"]), labelled(["a", "b", "a"])],
    [giving(stanza("mlkem768x25519", "x")), labelled(["postquantum"])],
    [giving(stanza("mlkem768p256tag", "x")), giving(stanza("age-encryption.org/fido2prf"))],
  ])
    assert.ok((await encrypt(TEXT, fits)).length > 0);
  for (const unfit of [
    [labelled(["a"]), labelled(["b"])],
    [labelled(["a"]), labelled([])],
    [giving(stanza("X25519", "x")), giving(stanza("mlkem768x25519", "x"))],
    [giving(stanza("mlkem768x25519", "x")), labelled([])],
    [labelled([], "mlkem768x25519"), giving(stanza("mlkem768x25519", "x"))],
  ])
    await assert.rejects(encrypt(TEXT, unfit), coded("incompatible-recipients"));
  await assert.rejects(encrypt(TEXT, labelled("postquantum")), TypeError);
});

test("a passphrase stands alone", async () => {
  const key = passphraseRecipient("x", QUICK);
  for (const keys of [
    [key, peer],
    [peer, key],
    [key, key],
    [giving(stanza("scrypt")), peer],
    [peer, giving(stanza("scrypt"))],
    giving(stanza("scrypt"), stanza("x")),
  ])
    await assert.rejects(encrypt(TEXT, keys), coded("incompatible-recipients"));
  same(await decrypt(await encrypt(TEXT, [key]), [passphraseIdentity("x")]));
});

test("a passphrase's file key does not leave the package", () => {
  assert.throws(() => passphraseRecipient("x").wrapFileKey(new Uint8Array(16)), TypeError);
  assert.throws(() => passphraseIdentity("x").unwrapFileKey([]), TypeError);
});

test("nothing is left of what failed", async () => {
  const before = liveObjects();
  const file = await encrypt(TEXT, new SecretRecipient("x"));
  await decrypt(file, nobody).catch(() => undefined);
  await encrypt(TEXT, giving()).catch(() => undefined);
  await encrypt(TEXT, [giving(stanza("scrypt")), peer]).catch(() => undefined);
  // Fewer where the collector has taken what a test before this one left.
  assert.ok(liveObjects() <= before);
});

test("somebody who ends the stream while asked has ended it, whatever comes of the question", async () => {
  const reason = new Error("enough");
  const file = await encrypt("text", new SecretRecipient("s"));
  const same = (error) => error === reason;
  for (const late of [false, true]) {
    const ending = (result) => {
      const abort = new AbortController();
      const { signal } = abort;
      const end = () => (abort.abort(reason), late ? Promise.resolve(result) : result);
      return [signal, end];
    };
    const [opening, unwrapFileKey] = ending(new Uint8Array(16));
    await assert.rejects(decrypt(file, { unwrapFileKey }, { signal: opening }), same);
    const [sealing, wrapFileKey] = ending([{ args: ["x"], body: new Uint8Array(16) }]);
    await assert.rejects(AgeEncoder.create({ wrapFileKey }, { signal: sealing }), same);
  }
});
