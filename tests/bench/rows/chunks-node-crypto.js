import { createCipheriv, createDecipheriv } from "node:crypto";
import { compare } from "../lib/compare.js";
import { ourChunks, theirChunks } from "../lib/sealing.js";
import { noise } from "../lib/streams.js";

const ALGORITHM = "chacha20-poly1305";
const OPTIONS = { authTagLength: 16 };

export default {
  name: "chunks-node-crypto",
  title: "seal and open 64 KiB chunks vs `node:crypto` (native)",
  atLeast: 0.4,
  async run({ quick, before }) {
    const count = quick ? 4 : 512;
    const key = noise(32);
    function seal(nonce, chunk) {
      const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
      const text = cipher.update(chunk);
      cipher.final();
      return { text, tag: cipher.getAuthTag() };
    }
    function open(nonce, { text, tag }) {
      const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
      decipher.setAuthTag(tag);
      const plain = decipher.update(text);
      decipher.final();
      return plain;
    }
    const theirs = theirChunks(count, seal, open);
    return compare(
      { ours: await ourChunks(count), before: before && (await ourChunks(count, before)), theirs },
      { rounds: 25, quick },
    );
  },
};
