/** One end of a socket in both directions at once, for every host: web-platform globals only. */
import { AgeRtDecryptStream, AgeRtEncryptStream, fromWebSocket } from "age-rt-wasm";
import { messages, sameBytes } from "./messages.js";

/**
 * The peer sends as fast as it can from the start; most WebSockets cannot hold it back while this
 * side derives its key.
 */
const ROOM = 256 * 1024 * 1024;

/**
 * Sends `send` messages made from `seed` and receives `receive` messages made from `seed + 1`, each
 * of which must be the one that was sent. The peer has to close the socket once it has finished
 * both directions.
 *
 * @returns how many messages arrived, and how the socket was closed.
 */
export async function exchange(socket, task) {
  const { readable, writable, closed } = fromWebSocket(socket, { maxBufferedBytes: ROOM });
  return { received: await over({ readable, writable }, task), closed: await closed };
}

/** The same over a pair of streams. @returns how many messages arrived. */
export async function over({ readable, writable }, { passphrase, seed, send, receive }) {
  const incoming = readable.pipeThrough(new AgeRtDecryptStream(passphrase, { closeAtFinal: true }));
  const outgoing = from(messages(seed, send)).pipeThrough(new AgeRtEncryptStream(passphrase));
  const [received] = await Promise.all([
    check(incoming, messages(seed + 1, receive)),
    outgoing.pipeTo(writable, { preventClose: true }),
  ]);
  return received;
}

function from(iterator) {
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Throws at the first message that is not the expected one; also for one too many or too few. */
async function check(readable, expected) {
  let count = 0;
  const reader = readable.getReader();
  for (const message of expected) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended after ${count} messages`);
    if (!sameBytes(value, message))
      throw new Error(
        `message ${count} is another: ${value.length} bytes instead of ${message.length}`,
      );
    count += 1;
  }
  if (!(await reader.read()).done) throw new Error(`more than ${count} messages`);
  return count;
}
