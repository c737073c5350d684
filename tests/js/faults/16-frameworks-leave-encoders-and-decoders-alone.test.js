/**
 * An encoder or decoder in a framework's reactive state works; where something still makes a proxy
 * of it, the message says so.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as mobx from "mobx";
// Where Svelte's compiler sends `$state(…)`.
import * as svelte from "svelte/internal/client";
import { reactive, ref, shallowRef } from "@vue/reactivity";
import {
  AgeAutoDecoder,
  AgeDecoder,
  AgeEncoder,
  AgeRtDecoder,
  AgeRtEncoder,
  AgeRtEncryptStream,
  decodeBytes,
  encodeBytes,
  init,
} from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 1 };

await init();

/** Each way to put an object into a state, and to take it out again. */
const STATES = {
  "Vue's ref": (object) => ref(object).value,
  "Vue's reactive": (object) => reactive({ object }).object,
  "Vue's reactive array": (object) => reactive([object])[0],
  "Vue's shallowRef": (object) => shallowRef(object).value,
  "Svelte's $state": (object) => svelte.proxy({ object }).object,
  "MobX's observable": (object) => mobx.observable({ object }).object,
  "MobX's box": (object) => mobx.observable.box(object).get(),
};

for (const [name, through] of Object.entries(STATES)) {
  test(`${name}: encoders and decoders work`, async () => {
    for (const [Encoder, Decoder] of [
      [AgeEncoder, AgeDecoder],
      [AgeRtEncoder, AgeRtDecoder],
      [AgeEncoder, AgeAutoDecoder],
    ]) {
      const encoder = through(await Encoder.create(PASSPHRASE, QUICK));
      const wire = encodeBytes([Uint8Array.of(1, 2, 3)], encoder);
      assert.equal(encoder.finalized, true);
      const [chunk] = decodeBytes(wire, through(new Decoder(PASSPHRASE)));
      assert.deepEqual(chunk, Uint8Array.of(1, 2, 3));
    }
    const stream = new AgeRtEncryptStream(through(await AgeRtEncoder.create(PASSPHRASE, QUICK)));
    await stream.readable.cancel();
  });
}

test("each names its class, as the platform's own do", async () => {
  for (const [name, object] of [
    ["AgeEncoder", await AgeEncoder.create(PASSPHRASE, QUICK)],
    ["AgeRtEncoder", await AgeRtEncoder.create(PASSPHRASE, QUICK)],
    ["AgeDecoder", new AgeDecoder(PASSPHRASE)],
    ["AgeRtDecoder", new AgeRtDecoder(PASSPHRASE)],
    ["AgeAutoDecoder", new AgeAutoDecoder(PASSPHRASE)],
  ])
    assert.equal(Object.prototype.toString.call(object), `[object ${name}]`);
});

test("a proxy all the same: a TypeError that names the cause", async () => {
  const encoder = new Proxy(await AgeEncoder.create(PASSPHRASE, QUICK), {});
  const decoder = new Proxy(new AgeDecoder(PASSPHRASE), {});
  for (const call of [
    () => encoder.getHeader(),
    () => encodeBytes([], encoder),
    () => decoder.bytesWanted,
    () => [...decodeBytes(new Uint8Array(1), decoder)],
  ])
    assert.throws(call, (error) => error instanceof TypeError && /proxy/.test(error.message));
});
