/**
 * Keys and passphrases are gone from WebAssembly memory once they are not needed: searched for byte
 * by byte, and found before, since a search that never finds anything shows nothing.
 */
import { atCall, holds, occurrences, replace, trap } from "../lib/instances.js";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { beforeEach, describe, test } from "node:test";
import {
  AgeDecoder,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecoder,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  decodeFile,
  decrypt,
  init,
  iterDecodeCallable,
  iterDecodeChunks,
} from "age-rt-wasm";
import { decryptHeader, rekey, RekeyStream } from "age-rt-wasm/header";
import { until } from "../../lib/wait.js";
import { scryptBlocks } from "../lib/scrypt-blocks.js";
import { oneTimeKey, secretsOf, tagOf, workings, wrapKeyOf } from "../lib/secrets.js";

const LOW = { workFactor: 1 };
const SIDES = {
  age: {
    Encoder: AgeEncoder,
    Decoder: AgeDecoder,
    EncryptStream: AgeEncryptStream,
    DecryptStream: AgeDecryptStream,
  },
  "age-rt": {
    Encoder: AgeRtEncoder,
    Decoder: AgeRtDecoder,
    EncryptStream: AgeRtEncryptStream,
    DecryptStream: AgeRtDecryptStream,
  },
};

await init();

let count = 0;
/** Its own for each test: nothing that an earlier one left can be taken for this one's. */
let passphrase;
/** What somebody wrote; found in memory it shows that buffers are not wiped. */
let marker;

beforeEach(() => {
  count += 1;
  passphrase = `passphrase number ${count} of ${process.pid}`;
  marker = Buffer.from(`plaintext number ${count} of ${process.pid}`);
});

function plaintext() {
  const text = new Uint8Array(65_536);
  text.set(marker, 1000);
  return text;
}

/** A file of two full chunks and a short one, with its secrets. */
async function file(format) {
  const encoder = await SIDES[format].Encoder.create(passphrase, LOW);
  const chunks = [
    encoder.getHeader(),
    encoder.encodeChunk(plaintext(), false),
    encoder.encodeChunk(plaintext(), false),
    encoder.encodeChunk(marker, true),
  ];
  encoder.free();
  const bytes = new Uint8Array(Buffer.concat(chunks));
  return { bytes, chunks, secrets: secretsOf(bytes, passphrase) };
}

/** Feeds a push decoder until `stop` says so, or to the end. */
function feed(decoder, bytes, stop = () => false) {
  let at = 0;
  while (at < bytes.length && !stop(at)) {
    const end = Math.min(bytes.length, at + decoder.bytesWanted);
    decoder.feed(bytes.subarray(at, end));
    at = end;
  }
}

function readerOf(bytes) {
  let at = 0;
  return (length) => bytes.subarray(at, (at += length));
}

/**
 * It lives within one call, where nobody can look: that it is the one to look for is all that can
 * be shown before.
 */
function assertIsMacKey(macKey, header) {
  const text = Buffer.from(header).toString("latin1");
  const [authenticated, mac] = text.split(/(?<=\n---) /, 2);
  assert.equal(
    createHmac("sha256", macKey).update(authenticated, "latin1").digest("base64").slice(0, 43),
    mac.slice(0, 43),
  );
}

function assertGone(secrets, when) {
  for (const [name, secret] of Object.entries(secrets))
    assert.ok(!holds(secret), `${name} ${when}`);
  assert.ok(!holds(Buffer.from(passphrase)), `passphrase ${when}`);
  assert.ok(!holds(marker), `plaintext ${when}`);
}

describe("a trap", () => {
  test("wipes every key of its instance, those of other objects too", async () => {
    const { bytes, chunks, secrets } = await file("age");
    const decoder = new AgeDecoder(passphrase);
    feed(decoder, bytes, (at) => at >= chunks[0].length + chunks[1].length);
    assert.ok(holds(secrets.payloadKey) && holds(marker), "before");
    const other = new AgeRtDecoder(passphrase);
    const restore = replace("decoder_advance", trap);
    assert.throws(() => other.feed(Uint8Array.of(1)), { code: "internal" });
    restore();
    assertGone(secrets, "after");
    await init();
  });

  test("in the derivation wipes the passphrase that it worked on", async () => {
    const { bytes } = await file("age");
    let found;
    const restore = replace("kdfStep", () => {
      found = holds(Buffer.from(passphrase));
      trap();
    });
    const decoder = new AgeDecoder(passphrase);
    assert.throws(() => feed(decoder, bytes), { code: "out-of-memory" });
    restore();
    assert.ok(found);
    assert.ok(!holds(Buffer.from(passphrase)));
    decoder.free();
  });
});

describe("the derivation, on the calling thread", () => {
  test("has the passphrase while it runs and neither it nor the wrap key afterwards", async () => {
    const { bytes, secrets } = await file("age");
    const found = {};
    const ended = [
      atCall("kdfStep", () => (found.passphrase = holds(Buffer.from(passphrase)))),
      atCall("kdfWipe", () => (found.wrapKey = holds(secrets.wrapKey))),
    ];
    const decoder = new AgeDecoder(passphrase);
    feed(decoder, bytes, () => decoder.bytesWanted > 1);
    for (const end of ended.reverse()) end();
    assert.deepEqual(found, { passphrase: true, wrapKey: true });
    assert.ok(!holds(Buffer.from(passphrase)));
    assert.ok(!holds(secrets.wrapKey));
    decoder.free();
  });

  test("leaves none of what cuts an attacker's guesses short: scrypt's blocks, and HMAC's keyed pads", async () => {
    const LOG_N = 6;
    const salt = Buffer.concat([Buffer.from("age-encryption.org/v1/scrypt"), Buffer.alloc(16)]);
    const header = `age-encryption.org/v1\n-> scrypt ${"A".repeat(22)} ${LOG_N}\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`;
    const pads = [0x36, 0x5c].map((pad) =>
      Buffer.from(Buffer.from(passphrase).map((byte) => byte ^ pad)),
    );
    const decoder = new AgeDecoder(passphrase);
    assert.throws(() => feed(decoder, Buffer.from(header)), { code: "wrong-passphrase" });
    // That the crate leaves just these, unless they are wiped, is shown in tests/wasm.rs, where it
    // can be run by itself.
    const { key, left } = scryptBlocks(passphrase, salt, LOG_N);
    assert.deepEqual(key, wrapKeyOf(passphrase, Buffer.alloc(16), LOG_N));
    for (const [name, block] of Object.entries(left)) {
      for (let at = 0; at < block.length; at += 16)
        assert.ok(!holds(block.subarray(at, at + 16)), `${name} at ${at}`);
    }
    for (const pad of pads) assert.ok(!holds(pad));
    assert.ok(!holds(key));
  });
});

for (const format of Object.keys(SIDES)) {
  const { Encoder, Decoder, EncryptStream, DecryptStream } = SIDES[format];

  describe(`${format}: a decoder`, () => {
    test("holds each key for its time", async () => {
      const { bytes, chunks, secrets } = await file(format);
      const found = {};
      const ended = atCall("decoder_answer", () => (found.wrapKey = holds(secrets.wrapKey)));
      const decoder = new Decoder(passphrase);
      const header = chunks[0].length - 16;
      feed(decoder, bytes.subarray(0, header));
      ended();
      assert.ok(found.wrapKey, "the wrap key in its slot");
      assert.ok(!holds(secrets.wrapKey), "the wrap key after it");
      assert.ok(holds(secrets.fileKey), "the file key until the nonce is there");
      assertIsMacKey(secrets.macKey, chunks[0]);
      assert.ok(!holds(secrets.macKey), "the header's key once the MAC has verified");
      feed(decoder, bytes.subarray(header, header + 16));
      assert.ok(!holds(secrets.fileKey), "the file key after it");
      assert.ok(holds(secrets.payloadKey), "the payload key during the payload");
      feed(decoder, chunks[1]);
      assert.ok(holds(marker), "the chunk just opened");
      const tagKey = oneTimeKey(secrets.payloadKey, 0, false);
      assert.deepEqual(
        tagOf(tagKey, chunks[1].subarray(format === "age" ? 0 : 4, -16)),
        Buffer.from(chunks[1].subarray(-16)),
      );
      assert.ok(!holds(tagKey), "the key of its tag");
      decoder.free();
      assertGone(secrets, "after free()");
    });

    test("holds none after the final chunk, before it is freed", async () => {
      const { bytes, chunks, secrets } = await file(format);
      const decoder = new Decoder(passphrase);
      const before = bytes.length - chunks.at(-1).length;
      feed(decoder, bytes, (at) => at >= before);
      assert.ok(holds(secrets.payloadKey) && holds(marker), "before it");
      feed(decoder, bytes.subarray(before));
      assert.ok(decoder.isDone());
      assertGone(secrets, "after the final chunk");
      decoder.free();
    });

    for (const [name, iterate] of Object.entries({
      decodeFile: (bytes, decoder) => decodeFile(new Blob([bytes]), decoder),
      iterDecodeChunks: (bytes, decoder) => iterDecodeChunks([bytes], decoder),
      iterDecodeCallable: (bytes, decoder) => iterDecodeCallable(readerOf(bytes), decoder),
    })) {
      test(`holds none when ${name}() has come to its end, before it is freed`, async () => {
        const { bytes, secrets } = await file(format);
        const decoder = new Decoder(passphrase);
        let found = false;
        for await (const chunk of iterate(bytes, decoder))
          found ||= chunk.length > 0 && holds(marker);
        assert.ok(found, "before the end");
        assertGone(secrets, "after it");
        decoder.free();
      });
    }

    test("holds none after a chunk that was changed, before it is freed", async () => {
      const { bytes, chunks, secrets } = await file(format);
      const changed = bytes.slice();
      changed[chunks[0].length + chunks[1].length + 5000] ^= 1;
      const decoder = new Decoder(passphrase);
      const before = chunks[0].length + chunks[1].length;
      feed(decoder, changed, (at) => at >= before);
      assert.ok(holds(secrets.payloadKey) && holds(marker), "before the error");
      assert.throws(() => feed(decoder, changed.subarray(before)), {
        code: "chunk-authentication",
      });
      assertGone(secrets, "after the error");
      decoder.free();
    });

    test("holds none after a header that was changed", async () => {
      const { bytes, chunks, secrets } = await file(format);
      const changed = bytes.slice();
      const mac = chunks[0].length - 16 - 44;
      changed[mac] = changed[mac] === 65 ? 66 : 65;
      const decoder = new Decoder(passphrase);
      const ended = atCall("decoder_answer", () => assert.ok(holds(secrets.wrapKey)));
      assert.throws(() => feed(decoder, changed), { code: "header-mac" });
      ended();
      assertGone(secrets, "after the error");
      decoder.free();
    });

    test("holds none after the wrong passphrase", async () => {
      const { bytes } = await file(format);
      const wrong = "not the passphrase at all";
      const salt = Buffer.from(
        /-> scrypt (\S+)/.exec(Buffer.from(bytes).toString("latin1"))[1],
        "base64",
      );
      const wrapKey = wrapKeyOf(wrong, salt, 1);
      const decoder = new Decoder(wrong);
      let found;
      const ended = atCall("decoder_answer", () => (found = holds(wrapKey)));
      assert.throws(() => feed(decoder, bytes), { code: "wrong-passphrase" });
      ended();
      assert.ok(found);
      assert.ok(!holds(wrapKey));
      assert.ok(!holds(Buffer.from(wrong)));
    });
  });

  describe(`${format}: an encoder`, () => {
    test("holds the payload key until the final chunk and nothing after it", async () => {
      const encoder = await Encoder.create(passphrase, LOW);
      const secrets = secretsOf(encoder.getHeader(), passphrase);
      assert.ok(holds(secrets.payloadKey), "before the final chunk");
      for (const name of ["wrapKey", "fileKey", "macKey"]) assert.ok(!holds(secrets[name]), name);
      encoder.encodeChunk(plaintext(), false);
      assert.ok(!holds(marker), "what was sealed in place");
      encoder.encodeChunk(marker, true);
      assertGone(secrets, "after the final chunk");
      encoder.free();
    });

    test("holds none after free() in the middle", async () => {
      const encoder = await Encoder.create(passphrase, LOW);
      const secrets = secretsOf(encoder.getHeader(), passphrase);
      encoder.encodeChunk(plaintext(), false);
      assert.ok(holds(secrets.payloadKey));
      encoder.free();
      assertGone(secrets, "after free()");
    });
  });

  describe(`${format}: between chunks`, () => {
    // In age only the last may be short.
    const lengths = format === "age" ? [65_536, 65_536] : [65_536, 0, 100, 300, 65_536];

    function assertIdle(payloadKey, index, when) {
      assert.equal(occurrences(payloadKey), 1, `the payload key ${when}`);
      for (const [name, bytes] of Object.entries(workings(payloadKey, index, false)))
        assert.ok(!holds(bytes), `${name} ${when}`);
    }

    test("an encoder holds its key once, and nothing of what sealed them", async () => {
      const encoder = await Encoder.create(passphrase, LOW);
      const { payloadKey } = secretsOf(encoder.getHeader(), passphrase);
      for (const [index, length] of lengths.entries()) {
        encoder.encodeChunk(new Uint8Array(length).fill(1), false);
        assertIdle(payloadKey, index, `after ${length} bytes`);
      }
      encoder.free();
    });

    test("a decoder holds its key once, and nothing of what opened them", async () => {
      const encoder = await Encoder.create(passphrase, LOW);
      const header = encoder.getHeader();
      const { payloadKey } = secretsOf(header, passphrase);
      const chunks = lengths.map((length) =>
        encoder.encodeChunk(new Uint8Array(length).fill(1), false),
      );
      encoder.free();
      const decoder = new Decoder(passphrase);
      feed(decoder, header);
      assert.equal(occurrences(payloadKey), 1, "the payload key before the first");
      for (const [index, chunk] of chunks.entries()) {
        feed(decoder, chunk);
        assertIdle(payloadKey, index, `after ${lengths[index]} bytes`);
      }
      decoder.free();
    });
  });

  describe(`${format}: a stream`, () => {
    const endings = {
      "cancelled by its reader": (writer, reader) => reader.cancel("no more"),
      "aborted by its writer": (writer) => writer.abort("no more"),
      "aborted by its signal": (writer, reader, controller) => controller.abort("no more"),
    };
    for (const [how, end] of Object.entries(endings)) {
      test(`that decrypts, ${how}, holds none`, async () => {
        const { chunks, secrets } = await file(format);
        const controller = new AbortController();
        const pair = new DecryptStream(passphrase, { signal: controller.signal });
        const [writer, reader] = quiet(pair);
        for (const chunk of chunks.slice(0, 3)) writer.write(chunk).catch(() => undefined);
        await reader.read();
        assert.ok(holds(secrets.payloadKey), "before");
        await Promise.resolve(end(writer, reader, controller)).catch(() => undefined);
        assertGone(secrets, "after");
      });

      test(`that encrypts, ${how}, holds none`, async () => {
        const controller = new AbortController();
        const pair = new EncryptStream(passphrase, { ...LOW, signal: controller.signal });
        const [writer, reader] = quiet(pair);
        const { value: header } = await reader.read();
        const secrets = secretsOf(header, passphrase);
        for (let i = 0; i < 3; i += 1) writer.write(plaintext()).catch(() => undefined);
        await reader.read();
        assert.ok(holds(secrets.payloadKey), "before");
        await Promise.resolve(end(writer, reader, controller)).catch(() => undefined);
        assertGone(secrets, "after");
      });
    }

    test("aborted while the key is being derived leaves no file key", async () => {
      const drawn = [];
      const native = crypto.getRandomValues;
      crypto.getRandomValues = (array) => {
        native.call(crypto, array);
        drawn.push(Buffer.from(array));
        return array;
      };
      try {
        const controller = new AbortController();
        const [, reader] = quiet(new EncryptStream(passphrase, { signal: controller.signal }));
        const first = reader.read().catch(() => undefined);
        while (drawn.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
        const [fileKey] = drawn;
        assert.equal(fileKey.length, 16);
        assert.ok(holds(fileKey), "before");
        controller.abort();
        await first;
        // The derivation, which was waiting for its worker, hears of it in a turn of its own.
        await until(() => !holds(fileKey));
      } finally {
        crypto.getRandomValues = native;
      }
    });

    test("that ran to its end holds none", async () => {
      const { bytes, secrets } = await file(format);
      const ended = atCall("decoder_finish", () => undefined);
      assert.equal((await decrypt(bytes, passphrase)).length, 2 * 65_536 + marker.length);
      ended();
      assertGone(secrets, "after the end");
    });
  });
}

describe("a file that gets other keys", () => {
  /** Looks into the memory while it has the file key, and then makes a stanza or does not. */
  const recipient = (seen, end) => ({
    wrapFileKey(fileKey) {
      seen.push(holds(Buffer.from(fileKey)));
      end?.();
      return [{ args: ["x"], body: Buffer.from(fileKey).map((byte) => byte ^ 0xff) }];
    },
  });

  for (const format of Object.keys(SIDES)) {
    test(`${format}, for a recipient: none of its keys is left`, async () => {
      const { bytes, secrets } = await file(format);
      const seen = [];
      await rekey(new Blob([bytes]), passphrase, recipient(seen));
      assert.deepEqual(seen, [true], "while its header is made");
      assertGone(secrets, "after");
    });

    test(`${format}, for a passphrase: none of the old or new keys is left`, async () => {
      const { bytes, secrets } = await file(format);
      const other = `another ${passphrase}`;
      const made = await rekey(new Blob([bytes]), passphrase, other, LOW);
      const renewed = new Uint8Array(await made.arrayBuffer());
      const { fileKey, payloadKey, ...others } = secretsOf(renewed, other);
      assert.deepEqual(fileKey, secrets.fileKey);
      assert.deepEqual(payloadKey, secrets.payloadKey);
      assertGone({ ...secrets, ...others }, "after");
      assert.ok(!holds(Buffer.from(other)));
    });

    test(`${format}: none is left where a recipient fails, or the signal ends it`, async () => {
      const { bytes, secrets } = await file(format);
      const seen = [];
      const enough = new Error("enough");
      const failing = recipient(seen, () => {
        throw enough;
      });
      await assert.rejects(rekey(new Blob([bytes]), passphrase, failing), enough);
      const abort = new AbortController();
      const ending = recipient(seen, () => abort.abort(enough));
      const { signal } = abort;
      await assert.rejects(rekey(new Blob([bytes]), passphrase, ending, { signal }), enough);
      assert.deepEqual(seen, [true, true], "before");
      assertGone(secrets, "after");
    });

    test(`${format}: a stream forgets its keys once the new header is out`, async () => {
      const { bytes, secrets } = await file(format);
      const [writer, reader] = quiet(new RekeyStream(passphrase, recipient([])));
      writer.write(bytes).catch(() => undefined);
      await reader.read();
      assertGone(secrets, "with the stream open");
      await reader.cancel();
    });

    test(`${format}: decryptHeader() leaves nothing in the module`, async () => {
      const { bytes, secrets } = await file(format);
      const fileKey = await decryptHeader(bytes, passphrase);
      assert.deepEqual(Buffer.from(fileKey), Buffer.from(secrets.fileKey));
      assertGone(secrets, "after");
    });
  }
});

/**
 * Last: their derivation leaves an instance of 256 MiB, which every search goes through from then
 * on.
 */
describe("an encoder made synchronously holds no more", () => {
  for (const format of Object.keys(SIDES)) {
    test(format, () => {
      const encoder = SIDES[format].Encoder.fromPassphrase(passphrase);
      const secrets = secretsOf(encoder.getHeader(), passphrase);
      assert.ok(holds(secrets.payloadKey));
      assert.ok(
        !holds(secrets.wrapKey) && !holds(secrets.fileKey) && !holds(Buffer.from(passphrase)),
      );
      encoder.free();
      assertGone(secrets, "after free()");
    });
  }
});

/** Its writer and reader, whose promises may reject without anybody waiting. */
function quiet(pair) {
  const writer = pair.writable.getWriter();
  const reader = pair.readable.getReader();
  writer.closed.catch(() => undefined);
  writer.ready.catch(() => undefined);
  reader.closed.catch(() => undefined);
  return [writer, reader];
}
