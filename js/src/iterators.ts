import { type Bytes, type Out, toBytes } from "./bytes.js";
import { END, NEED_INPUT, NEED_WRAP_KEY } from "./core.js";
import { type Decoder, decoderCore } from "./decoder.js";
import type { DecoderCore } from "./decoder-core.js";

/**
 * Decodes an iterable of byte blobs of any size. Every chunk is yielded as it verifies, an empty final one too, as the reference does.
 *
 * @throws (while iterating) {@link DecodeError}, trailing data after the end included; NotSupportedError; TypeError.
 */
export function* iterDecodeChunks(source: Iterable<Bytes>, decoder: Decoder): IterableIterator<Out> {
  const core = decoderCore(decoder);
  for (const blob of source) {
    const bytes = toBytes(blob);
    for (let offset = 0; offset < bytes.length; ) {
      offset += core.take(bytes, offset);
      for (let event = core.event(); event !== NEED_INPUT && event !== END; event = core.event()) {
        if (event === NEED_WRAP_KEY) core.deriveKeyNow();
        else yield core.chunk(event);
      }
    }
  }
  yield* rest(core);
}

/** Decodes the bytes of a whole stream; see {@link iterDecodeChunks}. */
export function decodeBytes(data: Bytes, decoder: Decoder): IterableIterator<Out> {
  return iterDecodeChunks([data], decoder);
}

/** What the end of the input still gives: the age format's last chunk shows only then. */
function* rest(core: DecoderCore): IterableIterator<Out> {
  for (let event = core.finish(); event !== END; event = core.finish()) yield core.chunk(event);
}
