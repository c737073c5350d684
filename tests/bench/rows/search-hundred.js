import { decrypt, encrypt } from "age-rt-wasm";
import { identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { generated, longestTask } from "../lib/longest-task.js";
import { noise } from "../lib/streams.js";

export default {
  name: "search-hundred",
  title:
    "the longest task while the last of 100 X25519 recipients is opened by the last of 100 identities",
  unit: "ms",
  atMost: 16,
  async run(options) {
    const count = options.quick ? 30 : 100;
    const secrets = await generated(count);
    const keys = await Promise.all(secrets.map(async (each) => recipient(await recipientOf(each))));
    const file = await encrypt(noise(1000), keys);
    const strangers = await generated(count - 1);
    const work = async () => {
      const identities = [...strangers, secrets.at(-1)].map(identity);
      const { length } = await decrypt(file, identities);
      if (length !== 1000) throw new Error("something else was opened");
    };
    return longestTask(work, { rounds: 5, ...options });
  },
};
