/**
 * encrypt() and decrypt() take all of the data: for a stream, a Response and a promise the
 * TypeError says what to use instead.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, encrypt } from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";

for (const [name, call] of [
  ["encrypt", (data) => encrypt(data, PASSPHRASE, { workFactor: 1 })],
  ["decrypt", (data) => decrypt(data, PASSPHRASE)],
]) {
  for (const [what, data, remedy] of [
    ["a stream", new Blob(["x"]).stream(), /stream.*Stream/],
    ["a Response", new Response("x"), /response\.blob\(\)/],
    ["a Response without a body", new Response(null), /response\.blob\(\)/],
    ["a Request", new Request("https://example.com/"), /blob\(\)/],
    ["a promise", Promise.resolve(new Uint8Array(1)), /[Pp]romise/],
  ]) {
    test(`${name}() of ${what}`, () =>
      assert.rejects(
        () => call(data),
        (error) => error instanceof TypeError && remedy.test(error.message),
      ));
  }
}
