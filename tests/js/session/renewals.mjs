/**
 * RENEWALS renewals (1,000) of a session at WORK_FACTOR (12), both ends in this process: the
 * longest time that a write waited, and that a message was under way, beside the time of one
 * derivation. `npm run renewals`. Once paced so that each key can be derived within the half that
 * is left to it, and once as fast as it goes, where each renewal waits for what is still due. The
 * same without renewals stands beside it: what else runs on the machine pauses both.
 */
import { AgeRtDecoder, AgeRtEncoder, passphraseRecipient } from "age-rt-wasm";
import { openSession } from "age-rt-wasm/session";
import { CLIENT, pair, PASSPHRASE, SERVER } from "../portable/lib/session-line.js";

const RENEWALS = Number(process.env.RENEWALS ?? 1000);
const WORK_FACTOR = Number(process.env.WORK_FACTOR ?? 12);
const MESSAGES = 16;
const KEY = {
  encrypt: passphraseRecipient(PASSPHRASE, { workFactor: WORK_FACTOR }),
  decrypt: PASSPHRASE,
};

const ms = (time) => `${time.toFixed(1)} ms`;
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

function median(times) {
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** Each way: sealing's and opening's. */
async function derivation() {
  const [making, opening] = [[], []];
  for (let i = 0; i < 21; i += 1) {
    let start = performance.now();
    const encoder = await AgeRtEncoder.create(KEY.encrypt);
    making.push(performance.now() - start);
    const decoder = await AgeRtDecoder.create(KEY.decrypt);
    for (const byte of encoder.getHeader().slice(0, -16)) decoder.feed(Uint8Array.of(byte));
    start = performance.now();
    await decoder.unlock();
    opening.push(performance.now() - start);
    encoder.free();
    decoder.free();
  }
  return { making: median(making), opening: median(opening) };
}

/** @param interval - between two messages, in milliseconds; 0: none. */
async function run(interval, renews) {
  const [a, b] = pair();
  const [client, server] = await Promise.all([
    openSession(a.socket, {
      ...CLIENT,
      key: KEY,
      ...(renews && { renew: { messages: MESSAGES } }),
    }),
    openSession(b.socket, { ...SERVER, key: KEY }),
  ]);
  const writer = client.writable.getWriter();
  const reader = server.readable.getReader();
  const writes = [];
  const ways = [];
  const count = RENEWALS * MESSAGES + 1;
  const started = [];
  const reading = (async () => {
    for (let i = 0; i < count; i += 1) {
      const { value } = await reader.read();
      if (new DataView(value.buffer).getUint32(0) !== i) throw new Error("another message");
      ways.push(performance.now() - started[i]);
    }
  })();
  const begin = performance.now();
  for (let i = 0; i < count; i += 1) {
    const message = new Uint8Array(4);
    new DataView(message.buffer).setUint32(0, i);
    started.push(performance.now());
    await writer.write(message);
    writes.push(performance.now() - started[i]);
    const early = begin + (i + 1) * interval - performance.now();
    if (interval > 0 && early > 0) await sleep(early);
  }
  await reading;
  const closing = server.close();
  await writer.close();
  await Promise.all([closing, client.closed]);
  const longest = (times) => times.reduce((most, time) => Math.max(most, time), 0);
  return {
    write: longest(writes),
    way: longest(ways),
    first: longest(ways.filter((_, i) => i % MESSAGES === 0)),
    late: ways.filter((time) => time > opening).length,
    typical: median(writes),
  };
}

const { making, opening } = await derivation();
console.log(`one derivation: ${ms(making)} to encrypt, ${ms(opening)} to decrypt (median of 21)`);
const paced = (2 * (making + opening)) / (MESSAGES / 2);
for (const [how, interval] of [
  [`a message every ${ms(paced)}`, paced],
  ["as fast as it goes", 0],
]) {
  for (const renews of [true, false]) {
    const { write, way, first, late, typical } = await run(interval, renews);
    console.log(
      `${renews ? RENEWALS : "no"} renewals, ${how}: longest write ${ms(write)} (median ${typical.toFixed(3)} ms), longest way to the reader ${ms(way)}, of a key's first message ${ms(first)}; ${late} of ${RENEWALS * MESSAGES + 1} were under way for longer than one derivation`,
    );
  }
}
process.exit();
