/** Wipes what may be plaintext, and may be no memory at all. */
export function wipe(...all: unknown[]): void {
  // What has moved away has no length, and may not be filled.
  for (const each of all) if (ArrayBuffer.isView(each) && each.byteLength) fill(each);
}

function fill({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
  new Uint8Array(buffer, byteOffset, byteLength).fill(0);
}
