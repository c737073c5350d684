/** The iterators, their synchronous form and their asynchronous one under the same names. */
import {
  aiterDecodeCallable,
  aiterDecodeChunks,
  aiterEncodeChunks,
  iterDecodeCallable,
  iterDecodeChunks,
  iterEncodeChunks,
} from "age-rt-wasm";

export const FORMS = {
  sync: {
    encode: iterEncodeChunks,
    decodeCallable: iterDecodeCallable,
    decodeChunks: iterDecodeChunks,
  },
  async: {
    encode: aiterEncodeChunks,
    decodeCallable: aiterDecodeCallable,
    decodeChunks: aiterDecodeChunks,
  },
};

/** What an iterable of either form gives, and how it ends. */
export async function collected(iterable) {
  const chunks = [];
  try {
    for await (const chunk of iterable) chunks.push(chunk);
    return { chunks, error: undefined };
  } catch (error) {
    return { chunks, error };
  }
}

/** A read function over bytes, and what it was asked for. */
export function reader(bytes) {
  const asked = [];
  let at = 0;
  const read = (n) => {
    asked.push(n);
    at += n;
    return bytes.subarray(at - n, at);
  };
  return { read, asked };
}
