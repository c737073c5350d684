/**
 * `size()` of the age streams: exact for every key, and an error of the right kind where there is
 * no size.
 */
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  encrypt,
  passphraseRecipient,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { joined, through } from "../lib/streams.js";
import { coded } from "./lib/errors.js";
import { PASSPHRASE, QUICK } from "./lib/files.js";
import { SecretIdentity, SecretRecipient } from "./lib/scheme.js";

const SIZES = [0, 1, 65_535, 65_536, 65_537, 200_000];
const secret = new SecretRecipient("x");

for (const [name, key, options, opens] of [
  ["a passphrase", PASSPHRASE, QUICK, PASSPHRASE],
  ["a passphrase with two digits of work", PASSPHRASE, { workFactor: 10 }, PASSPHRASE],
  ["a passphrase as recipient", passphraseRecipient(PASSPHRASE, QUICK), {}, PASSPHRASE],
  ["a recipient", secret, {}, new SecretIdentity("x")],
  ["three recipients", [secret, secret, secret], {}, [new SecretIdentity("x")]],
  ["chunks of another size", PASSPHRASE, { ...QUICK, chunkSize: 1000 }, PASSPHRASE],
])
  test(`${name}: the size of the file, and back`, async () => {
    for (const size of SIZES) {
      const encrypting = new AgeEncryptStream(key, options);
      const expected = await encrypting.size(size);
      const wire = joined(await through([new Uint8Array(size)], encrypting));
      assert.equal(wire.length, expected);
      assert.equal(await encrypting.size(size), expected);
      const { chunkSize } = options;
      for (const stream of [
        new AgeDecryptStream(opens, { chunkSize }),
        new AgeAutoDecryptStream(opens),
      ]) {
        const told = stream.size(wire.length);
        await through([wire], stream);
        assert.equal(await told, size);
      }
    }
  });

test("a size that no file has is a RangeError", async () => {
  const stream = new AgeEncryptStream(PASSPHRASE, QUICK);
  for (const size of [-1, 0.5, NaN, Infinity, 2 ** 53])
    await assert.rejects(stream.size(size), RangeError);
  await assert.rejects(stream.size("1"), TypeError);
  const wire = await encrypt("x", PASSPHRASE, QUICK);
  const decrypting = new AgeDecryptStream(PASSPHRASE);
  const none = decrypting.size(10).catch((error) => error);
  await through([wire], decrypting);
  assert.ok((await none) instanceof RangeError);
});

test("an age-rt stream has no size", async () => {
  const wire = await encrypt("x", PASSPHRASE, { ...QUICK, format: "age-rt" });
  const stream = new AgeAutoDecryptStream(PASSPHRASE);
  const none = stream.size(wire.length).catch((error) => error);
  await through([wire], stream);
  assert.ok((await none) instanceof TypeError);
});

test("a stream that fails has no size, but its error", async () => {
  const failing = { wrapFileKey: () => Promise.reject(new Error("mine")) };
  const stream = new AgeEncryptStream(failing);
  await assert.rejects(stream.size(1), (error) => error.message === "mine");
  const wire = await encrypt("x", PASSPHRASE, QUICK);
  const wrong = new AgeDecryptStream("wrong");
  const none = wrong.size(wire.length);
  none.catch(() => undefined);
  await through([wire], wrong).catch(() => undefined);
  await assert.rejects(none, coded("wrong-passphrase"));
});
