/**
 * What opens an encrypted file is changed: asks what shall, and makes the new file of the old one.
 * Loaded when it is wanted.
 */
import {
  AgeAutoDecryptStream,
  AgeEncryptStream,
  AgeRtEncryptStream,
  type DecryptKey,
  type EncryptKey,
} from "age-rt-wasm";
import { inspect, RekeyStream } from "age-rt-wasm/header";
import type { Item } from "./chooser.js";
import { byId } from "./dom.js";
import { renewedFile } from "./names.js";
import { PasskeyChoice } from "./passkey-choice.js";
import { PassphraseField } from "./passphrase-field.js";
import { asText, type Form, ofBlob, type Opening, type Plan, unarmored, workOf } from "./plan.js";
import { keysPart, type PublicKeys } from "./public-keys.js";
import { strings } from "./strings.js";
import type { Transfer } from "./transfer.js";

type Bytes = Uint8Array<ArrayBuffer>;

export class Changing {
  readonly #part = byId("new-opener", HTMLElement);
  readonly #hint = byId("new-hint", HTMLElement);
  readonly #byKey = byId("new-by-key", HTMLInputElement);
  readonly #anew = byId("how-anew", HTMLInputElement);
  readonly #fields = document.createElement("div");
  readonly #passphrase = new PassphraseField(
    this.#fields.appendChild(document.createElement("div")),
  );
  readonly #publicKeys: PublicKeys;
  readonly #passkey = new PasskeyChoice("new-");
  /** Where the public keys are while they are not asked for here. */
  readonly #home: HTMLElement | null;
  #active = false;

  constructor(publicKeys: PublicKeys) {
    this.#publicKeys = publicKeys;
    this.#home = publicKeys.root.parentElement;
    this.#passphrase.name(strings.changing.new, strings.changing.newAgain);
  }

  get active(): boolean {
    return this.#active;
  }

  enter(): void {
    this.#active = true;
    this.#publicKeys.clear();
    this.show();
  }

  /** What was typed for it is forgotten. */
  leave(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#publicKeys.clear();
    byId("new-by-passphrase", HTMLInputElement).checked = true;
    byId("how-quick", HTMLInputElement).checked = true;
    // Password stores look at hidden fields, too.
    this.#fields.remove();
    this.#home?.prepend(this.#publicKeys.root);
    this.clear();
  }

  /** Forgets what is secret. */
  clear(): void {
    this.#passkey.clear();
    this.#passphrase.clear();
    this.#passphrase.confirming = true;
  }

  /** Shows what this choice asks for. */
  show(): void {
    const { root } = this.#publicKeys;
    const { byKey } = this;
    const { root: passkeys, notice } = this.#passkey;
    if (root.parentElement !== this.#part) this.#part.append(this.#fields, root, passkeys, notice);
    this.#fields.hidden = byKey;
    this.#hint.hidden = root.hidden = notice.hidden = !byKey;
    this.#passkey.offered = byKey;
  }

  get byKey(): boolean {
    return this.#byKey.checked;
  }

  /** The work that each guess of the new passphrase will take, as log2 N. */
  set workFactor(workFactor: number) {
    this.#passphrase.workFactor = workFactor;
  }

  get submit(): string {
    return this.#anew.checked ? strings.changing.submitAnew : strings.changing.submit;
  }

  get suggested(): PassphraseField["suggested"] {
    return this.byKey ? { words: "", copied: true } : this.#passphrase.suggested;
  }

  /** True if there is something to try; else says at the field what is missing. */
  check(): boolean {
    if (!this.byKey) return this.#passphrase.check();
    return this.#passkey.used || this.#publicKeys.check();
  }

  async #to(): Promise<EncryptKey> {
    if (!this.byKey) return this.#passphrase.value;
    if (!this.#passkey.used) return this.#publicKeys.recipients();
    const { passkeys } = await keysPart();
    const others = this.#publicKeys.isEmpty ? [] : await this.#publicKeys.recipients();
    return [passkeys.key(), ...others];
  }

  /**
   * @param form - of the result, which keeps its format.
   * @throws InvalidKeyError for what is no public key; what `unarmored` throws.
   */
  async plan(
    item: Item,
    from: DecryptKey,
    { armored, workFactor }: Omit<Form, "format">,
    options: Opening,
  ): Promise<Plan> {
    const to = await this.#to();
    const file = await unarmored(item);
    const { format } = await inspect(file.slice(0, HEADER_LIMIT).stream());
    const verified = { bytes: 0 };
    const cipher = this.#anew.checked
      ? anew(from, to, format, workFactor, verified, options)
      : new RekeyStream(from, to, { ...options, ...workOf(to, workFactor) });
    return {
      source: ofBlob(file),
      cipher: armored ? asText(cipher) : cipher,
      result: renewedFile(item.file.name, file.size),
      replaces: true,
      verified: () => verified.bytes,
    };
  }
}

/** Beyond the longest header, in its armor. In bytes. */
const HEADER_LIMIT = 2 ** 21;

/**
 * Another file key, so that the old header opens nothing of the result. Nothing comes out before
 * the old key fits.
 */
function anew(
  from: DecryptKey,
  to: EncryptKey,
  format: "age" | "age-rt",
  workFactor: number,
  verified: { bytes: number },
  options: Opening,
): Transfer["cipher"] {
  const { signal, onDerivation } = options;
  const opening = new AgeAutoDecryptStream(from, options);
  const { readable, writable } = new TransformStream<Bytes, Bytes>();
  const counter = new TransformStream<Bytes, Bytes>({
    transform(chunk, controller) {
      verified.bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const seal = async (): Promise<void> => {
    try {
      await opening.opened;
    } catch (error) {
      await writable.abort(error);
      return;
    }
    // One derivation after the other: nobody waits for the second where the first is refused.
    const Sealing = format === "age" ? AgeEncryptStream : AgeRtEncryptStream;
    await opening.readable
      .pipeThrough(counter)
      .pipeThrough(new Sealing(to, { signal, onDerivation, ...workOf(to, workFactor) }))
      .pipeTo(writable);
  };
  // Whoever reads hears of it.
  seal().catch(() => undefined);
  return { readable, writable: opening.writable };
}
