/**
 * One signal may live as long as a program: the streams that were given it and then abandoned must
 * not.
 */
import "../lib/instances.js";
import assert from "node:assert/strict";
import { getEventListeners, setMaxListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  encrypt,
  init,
} from "age-rt-wasm";
import { liveObjects } from "../lib/instances.js";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");
const PASSPHRASE = "correct horse battery staple";
const COUNT = 100;
/** The engine may still hold the last ones from where they were made. */
const FEW = 2;

await init();
const file = await encrypt(new Uint8Array(1000), PASSPHRASE, { workFactor: 1, format: "age-rt" });
const aged = await encrypt(new Uint8Array(1000), PASSPHRASE, { workFactor: 1 });

async function collected(streams) {
  for (let round = 0; round < 20; round += 1) {
    gc();
    await turn();
    if (streams.every((stream) => !stream.deref())) break;
  }
  return streams.filter((stream) => stream.deref()).length;
}

for (const [name, Stream, bytes] of [
  ["AgeEncryptStream", AgeEncryptStream],
  ["AgeRtEncryptStream", AgeRtEncryptStream],
  ["AgeDecryptStream", AgeDecryptStream, aged],
  ["AgeRtDecryptStream", AgeRtDecryptStream, file],
  ["AgeAutoDecryptStream", AgeAutoDecryptStream, file],
]) {
  test(`${name}: abandoned before it has started`, async () => {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const streams = [];
    (() => {
      for (let i = 0; i < COUNT; i += 1)
        streams.push(new WeakRef(new Stream(PASSPHRASE, { signal: controller.signal })));
    })();
    assert.ok((await collected(streams)) <= FEW);
    assert.ok(getEventListeners(controller.signal, "abort").length <= FEW);
  });

  if (bytes)
    test(`${name}: abandoned in its midst, with what it holds in WebAssembly`, async () => {
      const { signal } = new AbortController();
      setMaxListeners(0, signal);
      const before = liveObjects();
      const streams = [];
      for (let i = 0; i < 20; i += 1) {
        const stream = new Stream(PASSPHRASE, { signal });
        const reader = stream.readable.getReader();
        const reading = reader.read();
        await stream.writable.getWriter().write(bytes.subarray(0, 210));
        reading.catch(() => undefined);
        streams.push(new WeakRef(stream));
      }
      assert.ok((await collected(streams)) <= FEW);
      for (let round = 0; round < 20 && liveObjects() > before + FEW; round += 1) {
        gc();
        await turn();
      }
      assert.ok(liveObjects() <= before + FEW);
    });

  test(`${name}: one that somebody holds by one side is ended by its signal all the same`, async () => {
    const controller = new AbortController();
    const { readable } = new Stream(PASSPHRASE, { signal: controller.signal });
    gc();
    await turn();
    gc();
    const reading = readable.getReader().read();
    controller.abort(new Error("enough"));
    await assert.rejects(reading, { message: "enough" });
  });
}
