/** The messages of SESSION.md, as bytes. Knows no stream and no key. */
import { joined, type Out } from "../bytes.js";
import { SessionError } from "../errors.js";
import { randomBytes } from "../random.js";

export const HELLO = 1;
export const CONFIRM = 2;
export const DATA = 3;
export const PING = 4;
export const PONG = 5;
export const NEXT = 6;
export const SWITCH = 7;
export const END = 8;

/** Type and length before the bytes of DATA. */
export const DATA_OVERHEAD = 5;
/** A chunk is as long as age-rt's largest. */
export const MAX_MESSAGE_LEN = 65_536;
export const MAX_DATA_LEN = MAX_MESSAGE_LEN - DATA_OVERHEAD;
export const NONCE_LEN = 16;
export const PING_LEN = 8;
const RANDOM_LEN = 32;
const VERSION = "age-rt-session/1";

/** Bytes of UTF-8. */
export function utf8(text: string): Out {
  return new TextEncoder().encode(text);
}

/** What one side has said of itself, as it was written or read. */
export interface Side {
  readonly role: Out;
  /** Header and nonce, as on the wire. */
  readonly start: Out;
  /** The whole message, which nobody but the holder of a key has seen. */
  readonly hello: Out;
}

/** @throws SessionError `session-protocol`, always. */
export function broken(what: string): never {
  throw new SessionError("session-protocol", `The peer broke the session's protocol: ${what}`);
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] as number) ^ (b[i] ?? 0);
  return difference === 0;
}

export function helloOf(role: Out, peerRole: Out): Out {
  const random = randomBytes(RANDOM_LEN);
  const fields = [utf8(VERSION), role, peerRole].flatMap((field) => [
    Uint8Array.of(field.length),
    field,
  ]);
  return joined([Uint8Array.of(HELLO), ...fields, random]);
}

/** Version, role, the peer's role and the random bytes of a HELLO. */
function fieldsOf(hello: Uint8Array): [Uint8Array, Uint8Array, Uint8Array, Uint8Array] {
  const fields = [];
  let at = 1;
  for (let i = 0; i < 3; i += 1) {
    const length = hello[at] ?? broken("its HELLO is cut short");
    fields.push(hello.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return [...(fields as [Uint8Array, Uint8Array, Uint8Array]), hello.subarray(at)];
}

/**
 * @throws SessionError `reflected`, `session-protocol`, unless this is what the peer of `ours` may
 * say.
 */
export function checkHello(hello: Uint8Array, ours: Side, peerRole: Out): void {
  if (hello[0] !== HELLO) broken("its first message is no HELLO");
  const [version, role, expected, random] = fieldsOf(hello);
  if (!same(version, utf8(VERSION)) || random.length !== RANDOM_LEN)
    broken("its HELLO is of another version, or has another length");
  for (const name of [role, expected]) {
    if (name.length === 0 || !isUtf8(name)) broken("a role in its HELLO is empty, or no text");
  }
  const [, , , ourRandom] = fieldsOf(ours.hello);
  if (same(role, ours.role) || same(random, ourRandom)) throw reflected();
  if (!same(role, peerRole) || !same(expected, ours.role))
    broken("its roles are not ours the other way round");
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

export function reflected(): SessionError {
  return new SessionError(
    "reflected",
    "Our own messages came back: somebody sends them to us, or both ends have the same role",
  );
}

/** What the holder of `sender`'s role confirms of both sides. */
export async function confirmation(sender: Out, one: Side, other: Side): Promise<Out> {
  const sides = before(one.role, other.role) ? [one, other] : [other, one];
  const parts = [utf8(VERSION), sender];
  for (const { role, start, hello } of sides) {
    const at = start.length - NONCE_LEN;
    parts.push(role, start.subarray(0, at), start.subarray(at), hello);
  }
  const text = joined(parts.flatMap((bytes) => [lengthOf(bytes), bytes]));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", text));
}

function lengthOf(bytes: Uint8Array): Out {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return length;
}

/** Whether `a` comes first in the order of bytes. */
function before(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number);
  }
  return a.length < b.length;
}

/** The length of a message of `length` bytes with Padmé's padding. */
export function padme(length: number): number {
  const exponent = 31 - Math.clz32(length);
  const zeros = exponent - (32 - Math.clz32(exponent));
  const mask = 2 ** Math.max(zeros, 0) - 1;
  return (length + mask) & ~mask;
}

/** Writes DATA for `bytes` to the start of `into`. @returns its length. */
export function writeData(into: Uint8Array, bytes: Uint8Array, padded: boolean): number {
  const { length } = bytes;
  const whole = DATA_OVERHEAD + length;
  const end = padded ? padme(whole) : whole;
  into[0] = DATA;
  into[1] = 0;
  into[2] = length >>> 16;
  into[3] = length >>> 8;
  into[4] = length;
  into.set(bytes, DATA_OVERHEAD);
  into.fill(0, whole, end);
  return end;
}

/** The user's bytes in a DATA. @throws SessionError `session-protocol`. */
export function readData(message: Out): Out {
  if (message.length < DATA_OVERHEAD) broken("a DATA is cut short");
  const view = new DataView(message.buffer, message.byteOffset);
  const end = DATA_OVERHEAD + view.getUint32(1);
  if (end > message.length) broken("a DATA is shorter than it says");
  for (let i = end; i < message.length; i += 1) {
    if (message[i] !== 0) broken("padding that is not zero");
  }
  return message.slice(DATA_OVERHEAD, end);
}
