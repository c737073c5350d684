/**
 * Bech32 as age has it: BIP 173 without a limit on the length (a post-quantum recipient has 1,959
 * characters). Strict, since every other spelling of a key would be a second name for it: one case,
 * checksum, no bits left over.
 */

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_LENGTH = 6;
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/**
 * The bytes behind a prefix (lower case), which keep its case out of it, or undefined for what is
 * no Bech32.
 */
export function decode(
  text: string,
): { prefix: string; bytes: Uint8Array<ArrayBuffer> } | undefined {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  if (/[^\x21-\x7e]/.test(text)) return undefined;
  const separator = lower.lastIndexOf("1");
  if (separator < 1 || lower.length - separator - 1 < CHECKSUM_LENGTH) return undefined;
  const prefix = lower.slice(0, separator);
  const values = new Uint8Array(lower.length - separator - 1);
  for (let i = 0; i < values.length; i += 1) {
    const value = ALPHABET.indexOf(lower[separator + 1 + i] as string);
    if (value < 0) return undefined;
    values[i] = value;
  }
  if (checksum(prefix, values) !== 1) return undefined;
  const bytes = regroup(values.subarray(0, -CHECKSUM_LENGTH));
  values.fill(0);
  return bytes && { prefix, bytes };
}

/** `prefix` in lower case; so is the result. */
export function encode(prefix: string, bytes: Uint8Array): string {
  let text = `${prefix}1`;
  const values = new Uint8Array(Math.ceil((bytes.length * 8) / 5) + CHECKSUM_LENGTH);
  let [bits, count, at] = [0, 0, 0];
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (count += 8; count >= 5; at += 1) values[at] = (bits >> (count -= 5)) & 31;
  }
  if (count > 0) values[at] = (bits << (5 - count)) & 31;
  const sum = checksum(prefix, values) ^ 1;
  for (let i = 0; i < CHECKSUM_LENGTH; i += 1)
    values[values.length - CHECKSUM_LENGTH + i] = (sum >> (5 * (CHECKSUM_LENGTH - 1 - i))) & 31;
  for (const value of values) text += ALPHABET[value];
  values.fill(0);
  return text;
}

function checksum(prefix: string, values: Uint8Array): number {
  let sum = 1;
  const add = (value: number): void => {
    const top = sum >> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((each, i) => {
      sum ^= -((top >> i) & 1) & each;
    });
  };
  for (let i = 0; i < prefix.length; i += 1) add(prefix.charCodeAt(i) >> 5);
  add(0);
  for (let i = 0; i < prefix.length; i += 1) add(prefix.charCodeAt(i) & 31);
  for (const value of values) add(value);
  return sum;
}

/** Five bits each into eight each; undefined where a whole group or a set bit is left over. */
function regroup(values: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(Math.floor((values.length * 5) / 8));
  let [bits, count, at] = [0, 0, 0];
  for (const value of values) {
    bits = ((bits << 5) | value) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes[at] = bits >> count;
    at += 1;
  }
  if (count < 5 && (bits & ((1 << count) - 1)) === 0) return bytes;
  bytes.fill(0);
  return undefined;
}
