/**
 * Keys: what a person pastes or chooses becomes recipients and identities; a pair is made. Loaded
 * when it is wanted.
 */
import type { Identity, Recipient } from "age-rt-wasm";
import {
  generateIdentity,
  identityFile,
  passkeys,
  readIdentities,
  readRecipients,
  recipientOf,
} from "age-rt-wasm/recipients";
import { copyFrom } from "../copy.js";
import { download } from "../destinations/destination.js";
import { fromTemplate, within } from "../dom.js";
import { askBeforeLeaving } from "../leaving.js";
import { strings } from "../strings.js";

/** A browser reads what it saves at once. In milliseconds. */
const STAYS = 60_000;

/** @throws InvalidKeyError with the line. */
export async function recipientsIn(text: string): Promise<Recipient[]> {
  return readRecipients(text);
}

/** @throws InvalidKeyError; what decrypting an encrypted file of keys throws. */
export async function identitiesIn(
  source: Blob | string,
  passphrase: string,
  signal: AbortSignal,
): Promise<Identity[]> {
  return readIdentities(source, { passphrase, signal });
}

export { passkeys };

let unsaved = false;
askBeforeLeaving(() => unsaved);

/**
 * Makes a pair and shows what to share and what to keep.
 *
 * @param onUse - called with the public key when the person wants to encrypt for it here.
 */
export async function makePair(
  host: HTMLElement,
  onUse: (publicKey: string) => void,
): Promise<void> {
  const box = fromTemplate("key-pair-template");
  const type = within(host, "[name=key-type]:checked", HTMLInputElement).value;
  const secret = await generateIdentity(type === "hybrid" ? "hybrid" : "x25519");
  const publicKey = await recipientOf(secret);
  const contents = await identityFile(secret);
  const shown = within(box, "output", HTMLElement);
  const save = within(box, "[data-part=save]", HTMLButtonElement);
  shown.textContent = publicKey;
  unsaved = true;
  within(box, "[data-part=copy]", HTMLButtonElement).addEventListener(
    "click",
    ({ currentTarget }) => void copyFrom(shown, currentTarget as HTMLButtonElement),
  );
  save.addEventListener("click", () => {
    unsaved = false;
    const url = URL.createObjectURL(new Blob([contents], { type: "text/plain" }));
    download(url, strings.keys.fileName);
    setTimeout(() => URL.revokeObjectURL(url), STAYS);
    save.textContent = strings.keys.savedFile;
  });
  within(box, "[data-part=use]", HTMLButtonElement).addEventListener("click", () =>
    onUse(publicKey),
  );
  host.querySelector(".pair")?.remove();
  host.append(box);
  save.focus();
}
