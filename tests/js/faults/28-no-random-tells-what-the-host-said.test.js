/**
 * A host that has random numbers, but not here and now (workerd's global scope), is not said to
 * lack them. tests/hosts has workerd itself.
 */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { encrypt } from "age-rt-wasm";

const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
afterEach(() => Object.defineProperty(globalThis, "crypto", own));

function withCrypto(value) {
  Object.defineProperty(globalThis, "crypto", { value, configurable: true });
}

test("what it threw is the cause, and the message names handlers", async () => {
  const refusal = new Error("Disallowed operation called within global scope");
  withCrypto({
    getRandomValues() {
      throw refusal;
    },
  });
  await assert.rejects(encrypt("x", "pw", { workFactor: 1 }), {
    name: "NotSupportedError",
    code: "no-random",
    message: /inside of a handler/,
    cause: refusal,
  });
});

test("a host without them is said to lack them", async () => {
  withCrypto(undefined);
  await assert.rejects(encrypt("x", "pw", { workFactor: 1 }), {
    code: "no-random",
    message: /has no crypto\.getRandomValues/,
  });
});
