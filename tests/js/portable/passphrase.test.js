/** generatePassphrase(): its form, its arguments, and that no two are alike. */
import { generatePassphrase } from "age-rt-wasm/passphrase";
import { assert, test } from "../harness.js";

test("ten words unless another number is asked for, with hyphens between them", () => {
  for (const words of [undefined, 1, 7, 10, 1000]) {
    const passphrase = generatePassphrase(words);
    assert.ok(/^[a-z]{3,8}(-[a-z]{3,8})*$/.test(passphrase), passphrase);
    assert.equal(passphrase.split("-").length, words ?? 10);
  }
});

test("a thousand are all different", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, () => generatePassphrase())).size, 1000);
});

for (const words of [0, -1, 1.5, NaN, Infinity, 1001]) {
  test(`${words} words are a RangeError`, () =>
    assert.throws(() => generatePassphrase(words), RangeError));
}

for (const words of [null, "10", 10n, {}]) {
  test(`words of type ${words === null ? "null" : typeof words} are a TypeError`, () =>
    assert.throws(() => generatePassphrase(words), TypeError));
}
