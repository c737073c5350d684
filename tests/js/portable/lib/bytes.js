/** Arrays of bytes: joined, cut, changed, named. */

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Cuts bytes into pieces of one size. */
export function pieces(bytes, size) {
  const cut = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size));
  return cut;
}

/** A copy in which the bits of `mask` are flipped in one byte. */
export function flipped(bytes, at, mask = 1) {
  const copy = bytes.slice();
  copy[at] ^= mask;
  return copy;
}

export function utf8(text) {
  return new TextEncoder().encode(text);
}

export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function lengths(chunks) {
  return chunks.map((chunk) => chunk.length);
}

/** Takes the memory away from a buffer, as sending it to a worker does. */
export function detach(buffer) {
  structuredClone(buffer, { transfer: [buffer] });
}
