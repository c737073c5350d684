import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { compare } from "../lib/compare.js";
import { ourChunks, theirChunks } from "../lib/sealing.js";
import { noise } from "../lib/streams.js";

export default {
  name: "chunks-noble",
  title: "seal and open 64 KiB chunks vs `@noble/ciphers`",
  atLeast: 5,
  async run({ quick, before }) {
    const count = quick ? 4 : 256;
    const key = noise(32);
    const theirs = theirChunks(
      count,
      (nonce, chunk) => chacha20poly1305(key, nonce).encrypt(chunk),
      (nonce, sealed) => chacha20poly1305(key, nonce).decrypt(sealed),
    );
    return compare(
      { ours: await ourChunks(count), before: before && (await ourChunks(count, before)), theirs },
      { rounds: 15, quick },
    );
  },
};
