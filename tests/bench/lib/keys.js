/** Our keys beside those of age-encryption: the same texts, each side's own objects. */
import {
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { identity, recipient } from "age-rt-wasm/recipients";
import * as typage from "../../../node_modules/age-encryption/dist/recipients.js";
import { compare } from "./compare.js";

const KINDS = {
  X25519: {
    generate: generateX25519Identity,
    To: typage.X25519Recipient,
    From: typage.X25519Identity,
  },
  hybrid: {
    generate: generateHybridIdentity,
    To: typage.HybridRecipient,
    From: typage.HybridIdentity,
  },
};

/** Wraps, or unwraps, a file key some hundred times. */
export async function keysAgainstTypage(kind, method, { quick }) {
  const { generate, To, From } = KINDS[kind];
  const secret = await generate();
  const shared = await identityToRecipient(secret);
  const sides = {
    ours: { to: recipient(shared), from: identity(secret) },
    theirs: { to: new To(shared), from: new From(secret) },
  };
  const fileKey = new Uint8Array(16).fill(7);
  const stanzas = await sides.ours.to.wrapFileKey(fileKey.slice());
  const count = quick ? 2 : 200;
  const repeated =
    ({ to, from }) =>
    async () => {
      for (let i = 0; i < count; i += 1) {
        const done =
          method === "wrap"
            ? await to.wrapFileKey(fileKey.slice())
            : await from.unwrapFileKey(stanzas);
        if (!done) throw new Error("the file key was not there");
      }
    };
  return compare(
    { ours: repeated(sides.ours), theirs: repeated(sides.theirs) },
    { rounds: 15, quick },
  );
}
