/**
 * Whether a passphrase or keys open the file. What keys need is loaded when they are first wanted.
 */
import type { DecryptKey, EncryptKey } from "age-rt-wasm";
import { byId } from "./dom.js";
import { FieldProblem } from "./field-problem.js";
import { PasskeyChoice } from "./passkey-choice.js";
import type { PassphraseField } from "./passphrase-field.js";
import { keysPart, PublicKeys } from "./public-keys.js";
import { strings } from "./strings.js";

export class KeyChoice {
  readonly #passphrase: PassphraseField;
  readonly #byKey = byId("by-key", HTMLInputElement);
  readonly #byPassphrase = byId("by-passphrase", HTMLInputElement);
  readonly #box = byId("keys", HTMLElement);
  readonly publicKeys = new PublicKeys();
  readonly #private = byId("private-key", HTMLInputElement);
  readonly #keyFile = byId("key-file", HTMLInputElement);
  readonly #locked = byId("key-locked", HTMLElement);
  readonly #unlock = byId("key-passphrase", HTMLInputElement);
  readonly #privateProblem = new FieldProblem(this.#private, byId("private-problem", HTMLElement));
  readonly #unlockProblem = new FieldProblem(this.#unlock, byId("unlock-problem", HTMLElement));
  readonly #passkey = new PasskeyChoice("");
  #encrypting = true;
  #forPasskeys = false;
  #identityFile: File | undefined;

  /** @param onChange - called when the person has chosen the other way. */
  constructor(passphrase: PassphraseField, onChange: () => void) {
    this.#passphrase = passphrase;
    for (const radio of [this.#byKey, this.#byPassphrase])
      radio.addEventListener("change", () => {
        if (this.byKey) this.#passkey.offered = true;
        // That none was made is of the past.
        else if (!this.#passkey.used) this.#passkey.clear();
        onChange();
      });
    byId("key-file-button", HTMLButtonElement).addEventListener("click", () =>
      this.#keyFile.click(),
    );
    this.#keyFile.addEventListener("change", () => void this.#chooseIdentity());
    this.#private.addEventListener("input", () => this.#privateProblem.show(""));
  }

  get byKey(): boolean {
    return this.#byKey.checked;
  }

  set byKey(byKey: boolean) {
    (byKey ? this.#byKey : this.#byPassphrase).checked = true;
    if (byKey) this.#passkey.offered = true;
  }

  /** What the person has chosen to open it with. */
  get kind(): "passphrase" | "key" | "passkey" {
    if (!this.byKey) return "passphrase";
    const isAlone = !this.#encrypting || this.publicKeys.isEmpty;
    return this.#passkey.used && isAlone ? "passkey" : "key";
  }

  /**
   * Shows what this direction asks for.
   *
   * @param passkeys - whether what is chosen opens with a passkey alone, or with none.
   */
  show(encrypting: boolean, passkeys: { alone: boolean; never: boolean }): void {
    this.#encrypting = encrypting;
    this.#forPasskeys = passkeys.alone;
    this.#passkey.needed = passkeys.alone;
    this.#passkey.useless = passkeys.never;
    this.#passphrase.hidden = this.byKey;
    this.#passphrase.confirming = encrypting;
    this.#box.hidden = !this.byKey;
    this.#passkey.making = encrypting;
    this.publicKeys.root.hidden = !encrypting;
    byId("keys-decrypt", HTMLElement).hidden = encrypting || passkeys.alone;
  }

  /** The words that were suggested, if they are what opens it. */
  get suggested(): PassphraseField["suggested"] {
    return this.byKey ? { words: "", copied: true } : this.#passphrase.suggested;
  }

  /** True if there is something to try; else says at the field what is missing. */
  check(): boolean {
    if (!this.byKey) return this.#passphrase.check();
    if (this.#passkey.used) return true;
    if (this.#encrypting) return this.publicKeys.check();
    if (this.#forPasskeys) return this.#passkey.check();
    if (!this.#identityFile && this.#private.value.trim() === "")
      return this.#privateProblem.show(strings.keys.noPrivate);
    if (!this.#locked.hidden && this.#unlock.value === "")
      return this.#unlockProblem.show(strings.passphrase.empty);
    return true;
  }

  /** @throws AgeRtError for what is no public key. */
  async encryptKey(): Promise<EncryptKey> {
    if (!this.byKey) return this.#passphrase.value;
    if (!this.#passkey.used) return this.publicKeys.recipients();
    const { passkeys } = await keysPart();
    const others = this.publicKeys.isEmpty ? [] : await this.publicKeys.recipients();
    return [passkeys.key(), ...others];
  }

  /** @throws AgeRtError for what is no private key, or for a wrong passphrase of it. */
  async decryptKey(signal: AbortSignal): Promise<DecryptKey> {
    if (!this.byKey) return this.#passphrase.value;
    const { identitiesIn, passkeys } = await keysPart();
    if (this.#passkey.used) return passkeys.key();
    return identitiesIn(this.#identityFile ?? this.#private.value, this.#unlock.value, signal);
  }

  /** Forgets what is secret. */
  clear(): void {
    this.#passkey.clear();
    this.#private.value = this.#unlock.value = this.#keyFile.value = "";
    this.#identityFile = undefined;
    this.#locked.hidden = true;
    byId("key-file-name", HTMLElement).textContent = "";
    this.publicKeys.clear();
    for (const problem of [this.#privateProblem, this.#unlockProblem]) problem.show("");
  }

  async #chooseIdentity(): Promise<void> {
    const [file] = this.#keyFile.files ?? [];
    if (!file) return;
    this.#identityFile = file;
    this.#privateProblem.show("");
    byId("key-file-name", HTMLElement).textContent = file.name;
    const start = (await file.slice(0, 64).text()).trimStart();
    this.#locked.hidden = !/^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED)/.test(start);
    if (!this.#locked.hidden) this.#unlock.focus();
  }
}
