import { Decrypter } from "age-encryption";
import * as now from "age-rt-wasm";
import { compare } from "../lib/compare.js";
import { blocks, collect, drain, MIB, NO_WORK, PASSPHRASE, pieces } from "../lib/streams.js";

export default {
  name: "age-decrypt",
  title: "age v1 decrypt stream, 256 MiB, vs `age-encryption`",
  atLeast: 7,
  async run({ quick, before }) {
    const length = (quick ? 1 : 256) * MIB;
    const sealed = await collect(
      blocks(length).pipeThrough(new now.AgeEncryptStream(PASSPHRASE, { workFactor: NO_WORK })),
    );
    const whole = new Uint8Array(await new Blob(sealed.splice(0)).arrayBuffer());
    // As a network or a disk gives it: blocks that are not cut where chunks are.
    for (let at = 0; at < whole.length; at += 65_536) sealed.push(whole.subarray(at, at + 65_536));
    const by = ({ AgeDecryptStream }) =>
      drain(pieces(sealed).pipeThrough(new AgeDecryptStream(PASSPHRASE)), length);
    return compare(
      {
        ours: () => by(now),
        before: before && (() => by(before)),
        async theirs() {
          const decrypter = new Decrypter();
          decrypter.addPassphrase(PASSPHRASE);
          await drain(await decrypter.decrypt(pieces(sealed)), length);
        },
      },
      { rounds: 7, quick },
    );
  },
};
