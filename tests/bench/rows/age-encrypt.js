import { Encrypter } from "age-encryption";
import * as now from "age-rt-wasm";
import { compare } from "../lib/compare.js";
import { blocks, drain, MIB, NO_WORK, PASSPHRASE } from "../lib/streams.js";

export default {
  name: "age-encrypt",
  title: "age v1 encrypt stream, 256 MiB, vs `age-encryption`",
  atLeast: 4.5,
  async run({ quick, before }) {
    const length = (quick ? 1 : 256) * MIB;
    const sealedLength = now.ciphertextSize(length, { workFactor: NO_WORK });
    const by = ({ AgeEncryptStream }) =>
      drain(
        blocks(length).pipeThrough(new AgeEncryptStream(PASSPHRASE, { workFactor: NO_WORK })),
        sealedLength,
      );
    return compare(
      {
        ours: () => by(now),
        before: before && (() => by(before)),
        async theirs() {
          const encrypter = new Encrypter();
          encrypter.setPassphrase(PASSPHRASE);
          encrypter.setScryptWorkFactor(NO_WORK);
          await drain(await encrypter.encrypt(blocks(length)), sealedLength);
        },
      },
      { rounds: 7, quick },
    );
  },
};
