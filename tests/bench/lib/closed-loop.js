/** One message after the other: each is written when the one before has come out. Portable. */
import * as now from "age-rt-wasm";
import { noise, NO_WORK, PASSPHRASE } from "./streams.js";

const MESSAGE_LEN = 100;
export const MESSAGES = 10_000;

export function ours({ AgeRtDecryptStream, AgeRtEncryptStream } = now) {
  return [
    new AgeRtEncryptStream(PASSPHRASE, { workFactor: NO_WORK }),
    new AgeRtDecryptStream(PASSPHRASE),
  ];
}

export function identity() {
  return [new TransformStream(), new TransformStream()];
}

/**
 * The first message, for which keys are derived, is not measured.
 *
 * @param heard - is told how many milliseconds each message took.
 * @returns seconds for all.
 */
export async function closedLoop([first, second], messages, heard = () => undefined) {
  const message = noise(MESSAGE_LEN);
  const reader = first.readable.pipeThrough(second).getReader();
  const writer = first.writable.getWriter();
  let start;
  for (let i = -1; i < messages; i += 1) {
    const before = performance.now();
    if (i === 0) start = before;
    const written = writer.write(message);
    const { value } = await reader.read();
    if (value.length !== MESSAGE_LEN) throw new Error("another message came out");
    await written;
    if (i >= 0) heard(performance.now() - before);
  }
  const seconds = (performance.now() - start) / 1000;
  await Promise.all([writer.close(), reader.read()]);
  return seconds;
}
