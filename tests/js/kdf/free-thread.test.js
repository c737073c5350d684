/** The calling thread stays free while a key is derived. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtEncoder,
  decrypt,
  encrypt,
  init,
} from "age-rt-wasm";
import { headerOf } from "../lib/headers.js";
import { ticking } from "../lib/wait.js";

const MIN_TICKS = 20;

await init();

describe("a 10 ms timer fires during a derivation", () => {
  const cases = {
    "of an encrypting stream": () =>
      new AgeEncryptStream("a passphrase").readable.getReader().read(),
    "of a decrypting stream": async () => {
      const { readable, writable } = new AgeDecryptStream("a passphrase");
      writable
        .getWriter()
        .write(headerOf(18))
        .catch(() => undefined);
      await assert.rejects(readable.getReader().read(), { code: "wrong-passphrase" });
    },
    "of create()": async () => (await AgeRtEncoder.create("a passphrase")).free(),
    "of a call for everything": async () =>
      decrypt(await encrypt("text", "a passphrase", { workFactor: 18 }), "a passphrase"),
  };
  for (const [name, derive] of Object.entries(cases)) {
    test(name, async (t) => {
      const stop = ticking();
      await derive();
      const { ticks, longestGap } = stop();
      t.diagnostic(`${ticks} ticks, longest gap ${longestGap.toFixed(0)} ms`);
      assert.ok(ticks >= MIN_TICKS);
    });
  }
});
