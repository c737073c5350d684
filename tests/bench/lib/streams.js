/** What a stream reads from and what reads it: as little work as can be. Portable. */
export const MIB = 2 ** 20;
export const PASSPHRASE = "a passphrase";
/** Hardly any key derivation, where it is the stream that is measured. */
export const NO_WORK = 1;

/** `length` bytes in blocks, the same array again and again. */
export function blocks(length, blockLength = 65_536) {
  const block = noise(blockLength);
  let left = length;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const count = Math.min(left, blockLength);
      left -= count;
      controller.enqueue(count === blockLength ? block : block.subarray(0, count));
    },
  });
}

/** Arrays in turn. */
export function pieces(arrays) {
  const rest = arrays.values();
  return new ReadableStream({
    pull(controller) {
      const { value, done } = rest.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

const noises = new Map();

/**
 * Bytes without a pattern, the same every time; the same array, so that only the first time costs
 * what making them does.
 */
export function noise(length) {
  if (!noises.has(length)) {
    let state = 1;
    const next = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    };
    noises.set(length, Uint8Array.from({ length }, next));
  }
  return noises.get(length);
}

/**
 * Reads to the end.
 *
 * @throws unless that were `expected` bytes: work that was not done must not count as fast.
 */
export async function drain(readable, expected) {
  const reader = readable.getReader();
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read())
    length += next.value.length;
  if (length !== expected)
    throw new Error(`${length} bytes came out where ${expected} were expected`);
}

/** Reads everything into an array of chunks. */
export async function collect(readable) {
  const chunks = [];
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read())
    chunks.push(next.value);
  return chunks;
}
