/**
 * Where iterators derive their key: the asynchronous ones in a worker if it takes any time, the
 * synchronous ones in place.
 */
import { workers } from "../lib/workers.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AgeAutoDecoder,
  AgeEncoder,
  AgeRtEncoder,
  aiterDecodeCallable,
  aiterDecodeChunks,
  decodeBytes,
  decodeFile,
  encodeBytes,
  init,
  iterDecodeCallable,
  iterDecodeChunks,
} from "age-rt-wasm";

/** More than is derived on the spot. */
const WORK = { workFactor: 10 };

await init();
const encoder = await AgeRtEncoder.create("pw", WORK);
const wire = encodeBytes([Buffer.from("text")], encoder);

function source() {
  let at = 0;
  return (n) => wire.subarray(at, (at += n));
}

/** @returns how many workers were made for it. */
async function workersFor(run) {
  const before = workers.made;
  const result = await run();
  if (result?.[Symbol.iterator] || result?.[Symbol.asyncIterator]) {
    let count = 0;
    for await (const _ of result) count += 1;
    assert.equal(count, 2);
  }
  return workers.made - before;
}

const IN_A_WORKER = {
  aiterDecodeChunks: () => aiterDecodeChunks([wire], new AgeAutoDecoder("pw")),
  aiterDecodeCallable: () => aiterDecodeCallable(source(), new AgeAutoDecoder("pw")),
  decodeFile: () => decodeFile(new Blob([wire]), new AgeAutoDecoder("pw")),
  "create()": async () => (await AgeEncoder.create("pw", WORK)).free(),
};
for (const [name, run] of Object.entries(IN_A_WORKER))
  test(`${name} derives in a worker`, async () => assert.equal(await workersFor(run), 1));

const small = encodeBytes(
  [Buffer.from("text")],
  await AgeRtEncoder.create("pw", { workFactor: 1 }),
);

const IN_PLACE = {
  "a small derivation of aiterDecodeChunks": () =>
    aiterDecodeChunks([small], new AgeAutoDecoder("pw")),
  "a small derivation of create()": async () =>
    (await AgeEncoder.create("pw", { workFactor: 8 })).free(),
  iterDecodeChunks: () => iterDecodeChunks([wire], new AgeAutoDecoder("pw")),
  iterDecodeCallable: () => iterDecodeCallable(source(), new AgeAutoDecoder("pw")),
  decodeBytes: () => decodeBytes(wire, new AgeAutoDecoder("pw")),
  "fromPassphrase()": () => AgeEncoder.fromPassphrase("pw").free(),
};
for (const [name, run] of Object.entries(IN_PLACE))
  test(`${name} derives in place`, async () => assert.equal(await workersFor(run), 0));
