/** Everything that follows a signal, called by the one listener that it has. */
interface Followers {
  readonly all: Set<() => void>;
  readonly listener: () => void;
}

const signals = /* @__PURE__ */ new WeakMap<AbortSignal, Followers>();

/**
 * Calls `run` once the signal is aborted, at once if it is already. However many follow a signal,
 * it has one listener: Node warns of a leak where a signal has more than ten.
 *
 * @returns what stops it.
 */
export function follow(
  signal: AbortSignal | undefined,
  run: (reason: unknown) => void,
): () => void {
  if (!signal) return () => undefined;
  const follower = (): void => run(signal.reason);
  if (signal.aborted) {
    follower();
    return () => undefined;
  }
  const { all, listener } = signals.get(signal) ?? listen(signal);
  all.add(follower);
  return () => {
    if (!all.delete(follower) || all.size > 0) return;
    signals.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}

function listen(signal: AbortSignal): Followers {
  const all = new Set<() => void>();
  const listener = (): void => {
    const failures: unknown[] = [];
    for (const follower of all) {
      try {
        follower();
      } catch (error) {
        failures.push(error);
      }
    }
    // Of somebody else's code, such as a source's close(). The others have ended all the same.
    if (failures.length > 0) throw failures[0];
  };
  const followers = { all, listener };
  signals.set(signal, followers);
  signal.addEventListener("abort", listener, { once: true });
  return followers;
}

/**
 * What `start` settles, unless the signal is aborted first, which rejects with its reason. No
 * listener stays: the signal may outlive thousands of these.
 */
export async function unlessAborted<T>(
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  let leave!: () => void;
  try {
    return await new Promise<T>((resolve, reject) => {
      leave = () => reject(signal.reason as Error);
      signal.addEventListener("abort", leave, { once: true });
      start(resolve, reject);
    });
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
