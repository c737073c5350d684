/** Many derivations at a time where there are no workers. Needs --expose-gc. */
import "../../lib/no-workers.js";
import { instancesAlive, instancesMade, liveObjects } from "../../lib/instances.js";
import { setTimeout as pause } from "node:timers/promises";
import { decrypt, encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

const rss = process.memoryUsage.rss;
const roundTrip = async (text) =>
  new TextDecoder().decode(
    await decrypt(await encrypt(text, "a passphrase", { workFactor: 16 }), "a passphrase"),
  );

await encrypt("text", "a passphrase", { workFactor: 1 });
const before = rss();
const texts = await Promise.all(["one", "two", "three"].map(roundTrip));
const peak = rss();
const made = instancesMade();
await pause(1500);
globalThis.gc();
await pause(100);
report({ texts, made, alive: instancesAlive(), live: liveObjects(), before, peak, after: rss() });
