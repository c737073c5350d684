/** A key pair for each end. Loaded when it is chosen. */
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import type { Keys } from "./call.js";

export async function keyPairs(): Promise<Keys> {
  const [ada, ben] = await Promise.all([pair(), pair()]);
  return {
    ada: { encrypt: recipient(ben.publicKey), decrypt: ada.own, publicKey: ada.publicKey },
    ben: { encrypt: recipient(ada.publicKey), decrypt: ben.own, publicKey: ben.publicKey },
  };
}

async function pair() {
  const secret = await generateIdentity();
  return { own: identity(secret), publicKey: await recipientOf(secret) };
}
