import { Decrypter } from "age-encryption";
import { decrypting, material, toSink } from "../lib/blobs.js";
import { compare } from "../lib/compare.js";
import { MIB, PASSPHRASE } from "../lib/streams.js";

export default {
  name: "workers-decrypt-typage",
  title:
    "age v1 decrypt stream with `workers: 2`, 256 MiB from a Blob to a sink, vs `age-encryption`",
  atLeastIn: { chromium: 5.5 },
  async run({ quick }) {
    const { blob, expected } = await material("decrypt", (quick ? 3 : 256) * MIB);
    return compare(
      {
        ours: () => toSink(blob.stream().pipeThrough(decrypting(2)), expected),
        async theirs() {
          const decrypter = new Decrypter();
          decrypter.addPassphrase(PASSPHRASE);
          await toSink(await decrypter.decrypt(blob.stream()), expected);
        },
      },
      { rounds: 7, quick },
    );
  },
};
