import { init } from "age-rt-wasm";
import { quantile, spread } from "../lib/compare.js";
import { LOG_N, ourDerivations } from "../lib/derivation.js";

/** Calls back once the event loop has come round. */
const turn = (callback) => {
  if (globalThis.setImmediate) return void setImmediate(callback);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(0);
};

/** Looks, over and over, at how much time has gone by since it last could. */
function watch(next) {
  const gaps = [];
  let last = performance.now();
  let stopped = false;
  const look = () => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    if (!stopped) next(look);
  };
  next(look);
  return () => {
    stopped = true;
    return gaps;
  };
}

export default {
  name: "scrypt-slices",
  title: "longest slice of a scrypt 2^18 where there are no workers",
  unit: "ms",
  atMost: 12,
  /** In a process or page of its own, which has no workers from here on. */
  async side(_, { quick }) {
    delete globalThis.Worker;
    if (globalThis.process) delete process.getBuiltinModule;
    // How long the module takes to load is the row "start-up".
    await init();
    const turns = watch(turn);
    const timer = watch((look) => setTimeout(look, 1));
    await ourDerivations(quick ? 10 : LOG_N).ours();
    return { slice: Math.max(...turns()), gap: quantile(timer(), 0.99) };
  },
  async run({ quick, fresh }) {
    const seen = [];
    for (let round = 0; round < (quick ? 1 : 5); round += 1) seen.push(await fresh("ours"));
    const rounds = seen.length;
    return {
      ...spread(seen.map(({ slice }) => slice)),
      rounds,
      further: [
        {
          title: "and between two calls of a timer of 1 ms, 99th percentile",
          unit: "ms",
          atMost: 16,
          ...spread(seen.map(({ gap }) => gap)),
          rounds,
        },
      ],
    };
  },
};
