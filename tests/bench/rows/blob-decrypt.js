import { decrypt } from "age-rt-wasm";
import { decrypting, sealedBlob, toSink } from "../lib/blobs.js";
import { compare } from "../lib/compare.js";
import { MIB, PASSPHRASE, pieces } from "../lib/streams.js";

export default {
  name: "blob-decrypt",
  title: "`decrypt()` of a Blob of 256 MiB vs of the same bytes from memory",
  atLeast: 0.85,
  async run({ quick }) {
    const length = (quick ? 1 : 256) * MIB;
    const blob = await sealedBlob(length);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const whole = async (data) => {
      const plaintext = await decrypt(data, PASSPHRASE);
      if (plaintext.length !== length) throw new Error(`${plaintext.length} bytes came out`);
    };
    const calls = { ours: () => whole(blob), theirs: () => whole(bytes) };
    const streams = {
      ours: () => toSink(blob.stream().pipeThrough(decrypting()), length),
      theirs: () => toSink(pieces([bytes]).pipeThrough(decrypting()), length),
    };
    return {
      ...(await compare(calls, { rounds: 7, quick })),
      further: [
        {
          title: "the decrypt stream, from `blob.stream()` vs from an array, to a sink",
          unit: "×",
          ...(await compare(streams, { rounds: 7, quick })),
        },
      ],
    };
  },
};
