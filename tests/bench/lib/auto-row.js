/** Age v1 with `workers: "auto"`, beside none. Portable. */
import { decrypting, encrypting, material, toSink } from "./blobs.js";
import { compare } from "./compare.js";
import { MIB } from "./streams.js";

/** Sizes in MiB. Workers are asked for at 4. */
const SIZES = [0.0625, 1, 4, 5, 8, 16, 64, 256];
/** Until the workers of an earlier round have ended, in milliseconds: each round starts its own. */
const IDLE_MS = 2500;

const streamOf = { encrypt: encrypting, decrypt: decrypting };

/** A row: every size, from a Blob to a sink. */
export function autoRow(task) {
  return {
    name: `workers-auto-${task}`,
    title: `age v1 ${task} stream with \`workers: "auto"\` vs without workers, from a Blob to a sink: the least of all sizes`,
    atLeast: 0.95,
    async run({ quick }) {
      const further = [];
      for (const mib of quick ? [1, 5] : SIZES) {
        const { blob, expected } = await material(task, mib * MIB);
        // What takes a millisecond is done many times.
        const times = quick ? 1 : mib >= 4 ? 1 : Math.floor(8 / mib);
        const timed = async (workers) => {
          if (!quick && mib >= 4) await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
          const start = performance.now();
          for (let i = 0; i < times; i += 1)
            await toSink(blob.stream().pipeThrough(streamOf[task](workers)), expected);
          return (performance.now() - start) / 1000;
        };
        const sides = { ours: () => timed("auto"), theirs: () => timed(0) };
        further.push({
          title: mib >= 1 ? `${mib} MiB` : `${mib * 1024} KiB`,
          unit: "×",
          ...(await compare(sides, { rounds: 7, quick })),
        });
      }
      const { median, low, high, rounds } = further.reduce((least, each) =>
        each.median < least.median ? each : least,
      );
      return { median, low, high, rounds, further };
    },
  };
}
