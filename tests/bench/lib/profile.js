/** Where the time of our side of a row goes, by a sampling profiler. In Node. */
import { Session } from "node:inspector/promises";

const SAMPLING_MICROSECONDS = 250;
/** Percent below which a function is not named. */
const LEAST = 1;

/** @returns parts of the time in percent, the largest first. */
export async function profile(work, rounds) {
  for (let i = 0; i < 2; i += 1) await work();
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLING_MICROSECONDS });
  await session.post("Profiler.start");
  for (let i = 0; i < rounds; i += 1) await work();
  const { profile: seen } = await session.post("Profiler.stop");
  session.disconnect();
  return parts(seen);
}

function parts({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map();
  let total = 0;
  for (const [i, id] of samples.entries()) {
    const part = partOf(frames.get(id));
    // Waiting is nobody's.
    if (part === "(idle)") continue;
    times.set(part, (times.get(part) ?? 0) + timeDeltas[i]);
    total += timeDeltas[i];
  }
  const percent = new Map([...times].map(([part, time]) => [part, (100 * time) / total]));
  for (const [part, share] of percent) {
    const [group, name] = part.split(": ");
    if (!name || share >= LEAST) continue;
    percent.delete(part);
    percent.set(group, (percent.get(group) ?? 0) + share);
  }
  return [...percent].sort(([, a], [, b]) => b - a);
}

function partOf({ url, functionName }) {
  if (url.startsWith("wasm:")) return "WebAssembly";
  // Private methods have no names that anybody could look up.
  if (url.includes("/age-rt-wasm/dist/"))
    return functionName && !functionName.startsWith("#")
      ? `the package's JavaScript: ${functionName}()`
      : "the package's JavaScript";
  if (url.startsWith("node:internal/webstreams")) return "Node's streams";
  if (url.startsWith("node:")) return "Node";
  if (url === "") return functionName.startsWith("(") ? functionName : "native functions";
  return "the benchmark";
}
