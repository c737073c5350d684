/**
 * One change of a text, as one message: small, so that each key that is pressed is seen on the
 * wire.
 */

export interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/** The one stretch that differs. */
export function difference(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let at = 0;
  while (at < shorter && before[at] === after[at]) at += 1;
  let tail = 0;
  while (tail < shorter - at && before[before.length - 1 - tail] === after[after.length - 1 - tail])
    tail += 1;
  return { at, removed: before.length - at - tail, inserted: after.slice(at, after.length - tail) };
}

export function applied(text: string, { at, removed, inserted }: Edit): string {
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

export function toBytes({ at, removed, inserted }: Edit): Uint8Array<ArrayBuffer> {
  // JSON and not the bare text: it keeps half a character that a keyboard sends alone.
  return new TextEncoder().encode(JSON.stringify([at, removed, inserted]));
}

export function fromBytes(bytes: Uint8Array): Edit {
  const [at, removed, inserted] = JSON.parse(new TextDecoder().decode(bytes)) as [
    number,
    number,
    string,
  ];
  return { at, removed, inserted };
}
