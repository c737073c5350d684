/** Bech32 (BIP 173), written anew: keys with whatever is in them, and a checksum that fits. */

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function polymod(values) {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (let i = 0; i < 5; i += 1) if ((top >>> i) & 1) sum ^= GENERATOR[i];
  }
  return sum;
}

/** The bytes of a key, whatever its prefix; the checksum is not looked at. */
export function bytesOf(text) {
  const values = [...text.slice(text.lastIndexOf("1") + 1, -6)].map((c) => ALPHABET.indexOf(c));
  const bits = values.map((value) => value.toString(2).padStart(5, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g), (eight) => parseInt(eight, 2));
}

/** @param prefix in lower case, as is the result. @param spare what the last bits become. */
export function bech32(prefix, bytes, spare = 0) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const values = (bits.padEnd(Math.ceil(bits.length / 5) * 5, "0").match(/.{5}/g) ?? []).map(
    (five) => parseInt(five, 2),
  );
  values[values.length - 1] |= spare;
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  const around = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const sum = polymod([...around, ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  for (let i = 5; i >= 0; i -= 1) values.push((sum >>> (5 * i)) & 31);
  return `${prefix}1${values.map((value) => ALPHABET[value]).join("")}`;
}
