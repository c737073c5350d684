/** Bytes that come as a stream, made as they are asked for. Runs in pages too. */
export const MB = 1_000_000;
const PIECE = 65_536;

/**
 * `size` bytes, made as they are asked for; `made.bytes` of them so far.
 *
 * @param before - is waited for before each piece.
 */
export function source(size, before = () => undefined) {
  const made = { bytes: 0 };
  made.readable = new ReadableStream(
    {
      async pull(controller) {
        await before(made.bytes);
        if (made.bytes === size) return controller.close();
        const piece = new Uint8Array(Math.min(PIECE, size - made.bytes)).fill(made.bytes / PIECE);
        made.bytes += piece.length;
        return controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
  return made;
}
