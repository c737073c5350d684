import { Encrypter } from "age-encryption";
import { encrypting, material, toSink } from "../lib/blobs.js";
import { compare } from "../lib/compare.js";
import { MIB, NO_WORK, PASSPHRASE } from "../lib/streams.js";

export default {
  name: "workers-encrypt-typage",
  title:
    "age v1 encrypt stream with `workers: 2`, 256 MiB from a Blob to a sink, vs `age-encryption`",
  atLeastIn: { chromium: 5.5 },
  async run({ quick }) {
    const { blob, expected } = await material("encrypt", (quick ? 3 : 256) * MIB);
    return compare(
      {
        ours: () => toSink(blob.stream().pipeThrough(encrypting(2)), expected),
        async theirs() {
          const encrypter = new Encrypter();
          encrypter.setPassphrase(PASSPHRASE);
          encrypter.setScryptWorkFactor(NO_WORK);
          await toSink(await encrypter.encrypt(blob.stream()), expected);
        },
      },
      { rounds: 7, quick },
    );
  },
};
