/**
 * Lets the page do what waits: draw, answer a click. A message and not a timer: those are slowed
 * down in tabs out of sight.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
