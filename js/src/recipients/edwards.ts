/**
 * From Ed25519's curve to X25519's. For public keys alone: the time that it takes depends on them.
 */

const PRIME = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** u = (1 + y) / (1 - y), little-endian, or undefined for what is no point of the curve. */
export function toMontgomery(key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const y = number(key) & (2n ** 255n - 1n);
  if (y >= PRIME) return undefined;
  const square = (y * y) % PRIME;
  const [above, below] = [square - 1n, D * square + 1n];
  // x² = (y² - 1) / (d y² + 1) has a root, by Euler's criterion, where above · below has one.
  const residue = power(modulo(above * below), (PRIME - 1n) / 2n);
  if (residue > 1n) return undefined;
  // There is no -0.
  if (residue === 0n && (key[31] as number) >> 7) return undefined;
  const u = modulo((1n + y) * power(modulo(1n - y), PRIME - 2n));
  return bytes(u);
}

/** The two keys whose point has this u: they differ in the sign of x. */
export function fromMontgomery(point: Uint8Array): [Uint8Array, Uint8Array] {
  const u = number(point);
  const positive = bytes(modulo((u - 1n) * power(modulo(u + 1n), PRIME - 2n)));
  const negative = positive.slice();
  negative[31] = (negative[31] as number) | 0x80;
  return [positive, negative];
}

function modulo(value: bigint): bigint {
  return ((value % PRIME) + PRIME) % PRIME;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

function number(key: Uint8Array): bigint {
  return key.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function bytes(value: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}
