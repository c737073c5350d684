/**
 * Whether a passphrase or keys open the file. What keys need is loaded when they are first wanted.
 */
import type { DecryptKey, EncryptKey } from "age-rt-wasm";
import { byId } from "./dom.js";
import { FieldProblem } from "./field-problem.js";
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
  readonly #passkey = byId("use-passkey", HTMLButtonElement);
  readonly #makePasskey = byId("make-passkey", HTMLButtonElement);
  readonly #passkeyNotice = byId("passkey-notice", HTMLElement);
  #encrypting = true;
  #identityFile: File | undefined;

  /** @param onChange - called when the person has chosen the other way. */
  constructor(passphrase: PassphraseField, onChange: () => void) {
    this.#passphrase = passphrase;
    for (const radio of [this.#byKey, this.#byPassphrase])
      radio.addEventListener("change", () => {
        if (this.byKey) void this.#warmUp();
        onChange();
      });
    byId("key-file-button", HTMLButtonElement).addEventListener("click", () =>
      this.#keyFile.click(),
    );
    this.#keyFile.addEventListener("change", () => void this.#chooseIdentity());
    this.#private.addEventListener("input", () => this.#privateProblem.show(""));
    this.#passkey.addEventListener("click", () => {
      this.#usesPasskey = !this.#usesPasskey;
      this.#passkeyNotice.textContent = this.#usesPasskey ? strings.keys.passkeyUsed : "";
    });
    this.#makePasskey.addEventListener("click", () => void this.#newPasskey());
  }

  get byKey(): boolean {
    return this.#byKey.checked;
  }

  set byKey(byKey: boolean) {
    (byKey ? this.#byKey : this.#byPassphrase).checked = true;
    if (byKey) void this.#warmUp();
  }

  /** Shows what this direction asks for. */
  set encrypting(encrypting: boolean) {
    this.#encrypting = encrypting;
    this.#passphrase.hidden = this.byKey;
    this.#passphrase.confirming = encrypting;
    this.#box.hidden = !this.byKey;
    this.#makePasskey.hidden = !encrypting;
    this.publicKeys.root.hidden = !encrypting;
    byId("keys-decrypt", HTMLElement).hidden = encrypting;
  }

  /** True if there is something to try; else says at the field what is missing. */
  check(): boolean {
    if (!this.byKey) return this.#passphrase.check();
    if (this.#usesPasskey) return true;
    if (this.#encrypting) return this.publicKeys.check();
    if (!this.#identityFile && this.#private.value.trim() === "")
      return this.#privateProblem.show(strings.keys.noPrivate);
    if (!this.#locked.hidden && this.#unlock.value === "")
      return this.#unlockProblem.show(strings.passphrase.empty);
    return true;
  }

  /** @throws AgeRtError for what is no public key. */
  async encryptKey(): Promise<EncryptKey> {
    if (!this.byKey) return this.#passphrase.value;
    if (!this.#usesPasskey) return this.publicKeys.recipients();
    const { passkeys } = await keysPart();
    const others = this.publicKeys.isEmpty ? [] : await this.publicKeys.recipients();
    return [passkeys.key(), ...others];
  }

  /** @throws AgeRtError for what is no private key, or for a wrong passphrase of it. */
  async decryptKey(signal: AbortSignal): Promise<DecryptKey> {
    if (!this.byKey) return this.#passphrase.value;
    const { identitiesIn, passkeys } = await keysPart();
    if (this.#usesPasskey) return passkeys.key();
    return identitiesIn(this.#identityFile ?? this.#private.value, this.#unlock.value, signal);
  }

  /** Forgets what is secret. */
  clear(): void {
    this.#usesPasskey = false;
    this.#passkeyNotice.textContent = "";
    this.#private.value = this.#unlock.value = this.#keyFile.value = "";
    this.#identityFile = undefined;
    this.#locked.hidden = true;
    byId("key-file-name", HTMLElement).textContent = "";
    this.publicKeys.clear();
    for (const problem of [this.#privateProblem, this.#unlockProblem]) problem.show("");
  }

  get #usesPasskey(): boolean {
    return this.#passkey.getAttribute("aria-pressed") === "true";
  }

  set #usesPasskey(uses: boolean) {
    this.#passkey.setAttribute("aria-pressed", String(uses));
  }

  async #warmUp(): Promise<void> {
    try {
      const { passkeys } = await keysPart();
      byId("passkeys", HTMLElement).hidden = !(await passkeys.isSupported());
    } catch {
      // That it cannot be had is said when it is needed.
    }
  }

  async #newPasskey(): Promise<void> {
    this.#makePasskey.disabled = true;
    try {
      const { passkeys } = await keysPart();
      await passkeys.create({ name: strings.keys.passkeyName });
      this.#usesPasskey = true;
      this.#passkeyNotice.textContent = strings.keys.passkeyMade;
    } catch (error) {
      this.#passkeyNotice.textContent = strings.keys.noPasskey(
        error instanceof Error ? error.message : String(error),
      );
    } finally {
      this.#makePasskey.disabled = false;
    }
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
