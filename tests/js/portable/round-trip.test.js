/** What goes in comes out, at every size around a boundary. */
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { through } from "../lib/streams.js";
import { concat } from "./lib/bytes.js";
import { PASSPHRASE, QUICK } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const SIZES = [0, 1, 15, 16, 17, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 300_000];
const CHUNK_SIZES = [1, 16, 1000, 65_537, 1_048_576];
const random = new Random();

const FORMATS = {
  age: {
    encrypt: (options) => new AgeEncryptStream(PASSPHRASE, { ...QUICK, ...options }),
    decrypt: (options) => new AgeDecryptStream(PASSPHRASE, options),
    sized: (chunkSize) => ({ chunkSize }),
  },
  "age-rt": {
    encrypt: (options) => new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, ...options }),
    decrypt: (options) => new AgeRtDecryptStream(PASSPHRASE, options),
    sized: (maxChunkSize) => ({ maxChunkSize }),
  },
};

for (const [format, { encrypt, decrypt, sized }] of Object.entries(FORMATS)) {
  for (const size of SIZES) {
    test(`${format}: ${size} bytes, in random pieces (seed ${seed})`, async () => {
      const plaintext = random.bytes(size);
      const wire = concat(...(await through(random.cut(plaintext, 70_000), encrypt())));
      assert.bytesEqual(concat(...(await through(random.cut(wire, 70_000), decrypt()))), plaintext);
    });
  }

  for (const chunkSize of CHUNK_SIZES) {
    test(`${format}: a chunk size of ${chunkSize} bytes (seed ${seed})`, async () => {
      const plaintext = random.bytes(
        Math.min(chunkSize * 2 + random.below(chunkSize), 20 * chunkSize),
      );
      const wire = concat(...(await through([plaintext], encrypt(sized(chunkSize)))));
      assert.bytesEqual(concat(...(await through([wire], decrypt(sized(chunkSize))))), plaintext);
    });
  }

  test(`${format}: the stream of both formats reads it (seed ${seed})`, async () => {
    const plaintext = random.bytes(100_000);
    const decrypted = await through(
      await through([plaintext], encrypt()),
      new AgeAutoDecryptStream(PASSPHRASE),
    );
    assert.bytesEqual(concat(...decrypted), plaintext);
  });

  test(`${format}: the stream of both formats says which it is before the key is derived`, async () => {
    const stream = new AgeAutoDecryptStream(PASSPHRASE);
    const writer = stream.writable.getWriter();
    for (const piece of await through([], encrypt())) writer.write(piece).catch(() => undefined);
    assert.equal(await stream.format, format);
    await writer.abort("enough");
  });

  test(`${format}: encrypting a stream piped into decrypting it`, async () => {
    const plaintext = random.bytes(500_000);
    const encrypted = new Blob([plaintext]).stream().pipeThrough(encrypt());
    assert.bytesEqual(
      new Uint8Array(await new Response(encrypted.pipeThrough(decrypt())).arrayBuffer()),
      plaintext,
    );
  });

  test(`${format}: two files of one plaintext have nothing in common after the identifier`, async () => {
    const [one, other] = await Promise.all(
      [0, 0].map(async () => concat(...(await through([new Uint8Array(1000)], encrypt())))),
    );
    const places = one.reduce(
      (count, byte, i) => count + (i > 200 && byte === other[i] ? 1 : 0),
      0,
    );
    assert.ok(one.length === other.length && places < 50);
  });

  test(`${format}: every chunk that comes out owns its buffer`, async () => {
    const wire = await through([new Uint8Array(200_000)], encrypt());
    const plain = await through(wire, decrypt());
    for (const chunk of [...wire, ...plain]) {
      assert.ok(chunk.constructor === Uint8Array && chunk.buffer.constructor === ArrayBuffer);
      assert.equal(chunk.buffer.byteLength, chunk.length);
    }
  });
}

test("a passphrase of any characters", async () => {
  for (const passphrase of [" ", "\u0000", "пароль🔐密码", "a".repeat(10_000)]) {
    const wire = await through([new Uint8Array(3)], new AgeRtEncryptStream(passphrase, QUICK));
    assert.equal((await through(wire, new AgeRtDecryptStream(passphrase)))[0].length, 3);
  }
});

test("a passphrase is not normalised", async () => {
  const wire = await through([new Uint8Array(3)], new AgeRtEncryptStream("\u00c5", QUICK));
  await assert.rejects(through(wire, new AgeRtDecryptStream("A\u030a")), "wrong-passphrase");
});
