/**
 * Messages that both ends of a test can make from a seed, in JavaScript and in Python alike: pieces
 * of a pool of bytes, 0 to 65,536 of them, of lengths that take all orders of magnitude.
 * Web-platform globals only.
 */
export const MAX_MESSAGE_LEN = 65_536;

const POOL_LEN = 1 << 20;

/** xorshift32: the same few lines in every language. */
function* numbers(seed) {
  let word = seed >>> 0 || 1;
  for (;;) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    word >>>= 0;
    yield word;
  }
}

function poolOf(random) {
  const pool = new Uint8Array(POOL_LEN);
  const view = new DataView(pool.buffer);
  for (let at = 0; at < POOL_LEN; at += 4) view.setUint32(at, random.next().value, true);
  return pool;
}

/**
 * `count` messages, each a view on the pool. Among the first are the shortest and the longest there
 * can be.
 */
export function* messages(seed, count) {
  const random = numbers(seed);
  const pool = poolOf(random);
  for (let i = 0; i < count; i += 1) {
    const length =
      i < 2 ? i * MAX_MESSAGE_LEN : random.next().value % ((2 << (random.next().value % 16)) + 1);
    const start = random.next().value % (POOL_LEN - MAX_MESSAGE_LEN);
    yield pool.subarray(start, start + length);
  }
}

export function sameBytes(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
