/**
 * The words of generatePassphrase(): which, and how often each, as seen with a platform whose
 * random numbers are known.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, test } from "node:test";
import { generatePassphrase } from "age-rt-wasm/passphrase";

const descriptor = Object.getOwnPropertyDescriptor(globalThis, "crypto");
afterEach(() => Object.defineProperty(globalThis, "crypto", descriptor));

function setCrypto(value) {
  Object.defineProperty(globalThis, "crypto", { value, configurable: true });
}

/** The word that each of the 65,536 values of a draw gives, in their order. */
function everyWord() {
  let next = 0;
  setCrypto({
    getRandomValues(array) {
      const draws = new Uint16Array(array.buffer, array.byteOffset, array.byteLength / 2);
      for (let i = 0; i < draws.length; i += 1) draws[i] = next++;
      return array;
    },
  });
  const words = [];
  while (words.length < 65_536) words.push(...generatePassphrase(512).split("-"));
  return words;
}

test("the words are the published list, whole and in its order", () => {
  const list = everyWord().slice(0, 2048);
  // english.txt of BIP 39: https://github.com/bitcoin/bips/blob/master/bip-0039/english.txt
  assert.equal(
    createHash("sha256")
      .update(`${list.join("\n")}\n`)
      .digest("hex"),
    "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
  );
});

test("every word comes of as many values as every other", () => {
  const counts = new Map();
  for (const word of everyWord()) counts.set(word, (counts.get(word) ?? 0) + 1);
  assert.deepEqual([counts.size, [...new Set(counts.values())]], [2048, [32]]);
});

test("without random numbers there is an error and no passphrase", () => {
  for (const lack of [
    undefined,
    {},
    {
      getRandomValues: () => {
        throw new DOMException("no entropy", "OperationError");
      },
    },
  ]) {
    setCrypto(lack);
    assert.throws(() => generatePassphrase(), { name: "NotSupportedError", code: "no-random" });
  }
});
