/** Streams, how they are cut and what is done to them, drawn from a seed. */

/**
 * Plaintexts of a valid stream. Any lengths in age-rt; in age full chunks and a last one, empty
 * only where it is alone.
 */
export function messagesOf(random, format, size) {
  const count = random.below(5);
  const fill = (length) => random.bytes(length);
  if (format === "age-rt")
    return Array.from({ length: count + 1 }, () => fill(random.below(size + 1)));
  return [
    ...Array.from({ length: count }, () => fill(size)),
    fill(count === 0 ? random.below(size + 1) : 1 + random.below(size)),
  ];
}

/** Where a header's parts are. */
export function layout(file) {
  const text = Buffer.from(file).toString("latin1");
  const [identifier, stanza, body, mac] = text.split("\n", 4);
  const salt = identifier.length + "\n-> scrypt ".length;
  const end = [identifier, stanza, body, mac].join("\n").length + 1;
  return { salt: [salt, identifier.length + 1 + stanza.length], end, mac: end - 1 };
}

/**
 * Changes to a stream, by name. Most leave the salt and work factor as they are: each new one takes
 * a derivation on either side.
 */
export const changes = {
  none: (bytes) => bytes,
  "a bit of the payload": (bytes, random) =>
    flip(bytes, layout(bytes).end + random.below(bytes.length - layout(bytes).end), random),
  "a bit of the header": (bytes, random) => {
    const { end, salt } = layout(bytes);
    const at = random.below(end - (salt[1] - salt[0]));
    return flip(bytes, at < salt[0] ? at : at + salt[1] - salt[0], random);
  },
  "a character of the MAC's end": (bytes, random) =>
    replaced(bytes, layout(bytes).mac - 1, "ABCDEFGHwxyz0189+/=".charCodeAt(random.below(19))),
  "the end cut off": (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  "the end of the payload cut off": (bytes, random) =>
    bytes.subarray(0, Math.max(layout(bytes).end, bytes.length - 1 - random.below(40))),
  "bytes at the end": (bytes, random) => joined(bytes, random.bytes(1 + random.below(40))),
  "bytes in between": (bytes, random) => {
    const at = layout(bytes).end + random.below(bytes.length - layout(bytes).end);
    return joined(bytes.subarray(0, at), random.bytes(1 + random.below(5)), bytes.subarray(at));
  },
  "bytes taken out": (bytes, random) => {
    const at = layout(bytes).end + random.below(bytes.length - layout(bytes).end);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(30)));
  },
  "a space in the header": (bytes, random) => {
    const at = [layout(bytes).mac, layout(bytes).mac - 43, layout(bytes).salt[1]][random.below(3)];
    return joined(bytes.subarray(0, at), Uint8Array.of(32), bytes.subarray(at));
  },
  "carriage returns": (bytes) => {
    const { end } = layout(bytes);
    return joined(
      Buffer.from(
        Buffer.from(bytes.subarray(0, end)).toString("latin1").replaceAll("\n", "\r\n"),
        "latin1",
      ),
      bytes.subarray(end),
    );
  },
};

function flip(bytes, at, random) {
  return replaced(bytes, at, bytes[at] ^ (1 << random.below(8)));
}

function replaced(bytes, at, byte) {
  const copy = bytes.slice();
  copy[at] = byte;
  return copy;
}

export function joined(...parts) {
  return new Uint8Array(Buffer.concat(parts));
}
