import { encrypting, material, toSink } from "../lib/blobs.js";
import { spread } from "../lib/compare.js";
import { MIB } from "../lib/streams.js";

/**
 * By Chromium's own count of how long tasks of the page's thread took, which whoever drives the
 * page gives as `taskSeconds()`. What takes the core away from that thread counts as its work: of a
 * machine that does nothing else.
 */
export default {
  name: "workers-busy",
  title:
    "share of the time in which the page's thread is busy while 1 GiB is encrypted with `workers: 2`, from a Blob to a sink",
  unit: "",
  atMost: 0.35,
  async side(workers, { quick }) {
    const { blob, expected } = await material("encrypt", (quick ? 3 : 1024) * MIB);
    const encrypt = (source, length) =>
      toSink(source.stream().pipeThrough(encrypting(Number(workers))), length);
    if (!quick) await encrypt(blob, expected);
    const [busy, start] = [await globalThis.taskSeconds(), performance.now()];
    await encrypt(blob, expected);
    const seconds = (performance.now() - start) / 1000;
    return ((await globalThis.taskSeconds()) - busy) / seconds;
  },
  async run({ quick, fresh }) {
    const shares = { 0: [], 2: [] };
    const rounds = quick ? 1 : 5;
    for (let round = 0; round < rounds; round += 1)
      for (const workers of [2, 0]) shares[workers].push(await fresh(String(workers)));
    return {
      ...spread(shares[2]),
      rounds,
      further: [{ title: "and without workers", unit: "", ...spread(shares[0]), rounds }],
    };
  },
};
