import * as now from "age-rt-wasm";
import { compare } from "../lib/compare.js";
import { blocks, drain, NO_WORK, PASSPHRASE } from "../lib/streams.js";

const MESSAGE_LEN = 64;

export default {
  name: "short-streams",
  title:
    "64-byte messages through encrypt and decrypt streams vs through two identity TransformStreams",
  atLeast: 0.5,
  async run({ quick, before }) {
    const length = (quick ? 100 : 20_000) * MESSAGE_LEN;
    const through = (first, second) =>
      drain(blocks(length, MESSAGE_LEN).pipeThrough(first).pipeThrough(second), length);
    const by = ({ AgeRtDecryptStream, AgeRtEncryptStream }) =>
      through(
        new AgeRtEncryptStream(PASSPHRASE, { workFactor: NO_WORK }),
        new AgeRtDecryptStream(PASSPHRASE),
      );
    return compare(
      {
        ours: () => by(now),
        before: before && (() => by(before)),
        theirs: () => through(new TransformStream(), new TransformStream()),
      },
      { rounds: 25, quick },
    );
  },
};
