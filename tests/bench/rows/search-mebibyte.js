import { decrypt, encrypt } from "age-rt-wasm";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { longestTask } from "../lib/longest-task.js";
import { noise } from "../lib/streams.js";

/** Bytes of an X25519 stanza in a header. */
const STANZA_LEN = 98;

export default {
  name: "search-mebibyte",
  title: "the longest task while 1 MiB of X25519 stanzas is searched, of which the last opens",
  unit: "ms",
  atMost: 16,
  async run(options) {
    const secret = await generateIdentity();
    const to = recipient(await recipientOf(secret));
    const other = recipient(await recipientOf(await generateIdentity()));
    const count = Math.floor((options.quick ? 100_000 : 2 ** 20 - 2000) / STANZA_LEN);
    const file = await encrypt(noise(1000), {
      async wrapFileKey(fileKey) {
        const [stanza] = await other.wrapFileKey(new Uint8Array(16));
        return [...Array(count - 1).fill(stanza), ...(await to.wrapFileKey(fileKey))];
      },
    });
    const work = async () => {
      const { length } = await decrypt(file, identity(secret));
      if (length !== 1000) throw new Error("something else was opened");
    };
    return longestTask(work, { rounds: 5, ...options });
  },
};
