/**
 * Waits until a condition holds; throws after `limitMs`.
 *
 * @returns how long it took, in milliseconds.
 */
export async function until(condition, limitMs = 10_000) {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > limitMs)
      throw new Error(`not so after ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return performance.now() - started;
}

/**
 * Counts the ticks of a 10 ms timer until it is stopped, and measures the longest time without one.
 */
export function ticking() {
  let ticks = 0;
  let longestGap = 0;
  let last = performance.now();
  const see = () => {
    const now = performance.now();
    longestGap = Math.max(longestGap, now - last);
    last = now;
  };
  const timer = setInterval(() => {
    ticks += 1;
    see();
  }, 10);
  return function stop() {
    clearInterval(timer);
    see();
    return { ticks, longestGap };
  };
}
