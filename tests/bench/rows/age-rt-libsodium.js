import * as now from "age-rt-wasm";
import sodium from "libsodium-wrappers";
import { compare } from "../lib/compare.js";
import { blocks, drain, MIB, noise, NO_WORK, PASSPHRASE } from "../lib/streams.js";

const MESSAGE_LEN = 65_536;

export default {
  name: "age-rt-libsodium",
  title:
    "age-rt encrypt and decrypt streams, 64 KiB messages, 256 MiB, vs `libsodium-wrappers` secretstream without any stream",
  atLeast: 1.5,
  async run({ quick, before }) {
    await sodium.ready;
    const length = (quick ? 1 : 256) * MIB;
    const message = noise(MESSAGE_LEN);
    const tag = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    const by = ({ AgeRtDecryptStream, AgeRtEncryptStream }) =>
      drain(
        blocks(length, MESSAGE_LEN)
          .pipeThrough(new AgeRtEncryptStream(PASSPHRASE, { workFactor: NO_WORK }))
          .pipeThrough(new AgeRtDecryptStream(PASSPHRASE)),
        length,
      );
    return compare(
      {
        ours: () => by(now),
        before: before && (() => by(before)),
        theirs() {
          const key = sodium.crypto_secretstream_xchacha20poly1305_keygen();
          const push = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
          const pull = sodium.crypto_secretstream_xchacha20poly1305_init_pull(push.header, key);
          for (let at = 0; at < length; at += MESSAGE_LEN) {
            const sealed = sodium.crypto_secretstream_xchacha20poly1305_push(
              push.state,
              message,
              null,
              tag,
            );
            const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(pull, sealed, null);
            if (opened.message.length !== MESSAGE_LEN)
              throw new Error("what was opened is not what was sealed");
          }
        },
      },
      { rounds: 7, quick },
    );
  },
};
