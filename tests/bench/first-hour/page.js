/** The longest time without a turn of the event loop, while a text is encrypted and decrypted. */
import * as ours from "./ours.js";
import * as theirs from "./theirs.js";

const packages = { ours, theirs };

globalThis.longestTask = async (which, workFactor) => {
  let last = performance.now();
  let longest = 0;
  let running = true;
  // Message events come as fast as the thread lets them: timers would be held to 4 ms.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) port2.postMessage(0);
  };
  port2.postMessage(0);
  await packages[which].roundTrip(new TextEncoder().encode("text"), "a passphrase", workFactor);
  await new Promise((resolve) => setTimeout(resolve));
  running = false;
  port1.close();
  return longest;
};
