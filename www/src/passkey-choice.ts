/** A passkey as what opens a file: one that the browser has, or a new one. */
import { byId } from "./dom.js";
import { failureOf } from "./failures.js";
import { keysPart } from "./public-keys.js";
import { strings } from "./strings.js";

export class PasskeyChoice {
  /** Hidden where the browser has none. */
  readonly root: HTMLElement;
  readonly notice: HTMLElement;
  readonly #use: HTMLButtonElement;
  readonly #make: HTMLButtonElement;
  #offered = false;
  #needed = false;
  #useless = false;

  /** @param prefix - of the ids in index.html. */
  constructor(prefix: string) {
    this.root = byId(`${prefix}passkeys`, HTMLElement);
    this.notice = byId(`${prefix}passkey-notice`, HTMLElement);
    this.#use = byId(`${prefix}use-passkey`, HTMLButtonElement);
    this.#make = byId(`${prefix}make-passkey`, HTMLButtonElement);
    this.#use.addEventListener("click", () => this.#set(!this.used, strings.keys.passkeyUsed));
    this.#make.addEventListener("click", () => void this.#create());
  }

  get used(): boolean {
    return this.#use.getAttribute("aria-pressed") === "true";
  }

  /** Whether a new one is of use. */
  set making(making: boolean) {
    this.#make.hidden = !making;
  }

  /** Whether it is shown, where the browser has passkeys. */
  set offered(offered: boolean) {
    this.#offered = offered;
    if (offered) void this.#offer();
    else this.root.hidden = true;
  }

  /** Whether nothing else will do: where the browser has none, that is said at once. */
  set needed(needed: boolean) {
    if (needed === this.#needed) return;
    this.#needed = needed;
    if (!this.used) this.clear();
    if (needed && this.#offered) void this.#offer();
  }

  /** Whether none opens what is chosen: whoever was asked for one would be refused after it. */
  set useless(useless: boolean) {
    if (useless === this.#useless) return;
    this.#useless = useless;
    if (useless) {
      this.clear();
      this.root.hidden = true;
    } else if (this.#offered) void this.#offer();
  }

  /** True if one is used; else says that it is needed, and takes the person to the button. */
  check(): boolean {
    if (this.used) return true;
    if (!this.root.hidden) {
      this.notice.textContent = strings.keys.passkeyFirst;
      this.#use.focus();
    } else if (this.notice.textContent === "") void this.#offer();
    return false;
  }

  clear(): void {
    this.#set(false, "");
  }

  async #offer(): Promise<void> {
    try {
      const { passkeys } = await keysPart();
      const supported = await passkeys.isSupported();
      this.root.hidden = !(supported && this.#offered && !this.#useless);
      if (!supported && this.#needed) this.notice.textContent = strings.keys.passkeysMissing;
    } catch {
      // Offline now is not offline for ever.
      if (this.#needed) this.notice.textContent = strings.failure.partMissing.advice;
    }
  }

  #set(used: boolean, said: string): void {
    this.#use.setAttribute("aria-pressed", String(used));
    this.notice.textContent = used ? said : "";
  }

  async #create(): Promise<void> {
    this.#make.disabled = true;
    this.notice.textContent = "";
    try {
      const { passkeys } = await keysPart();
      await passkeys.create({ name: strings.keys.passkeyName });
      this.#set(true, strings.keys.passkeyMade);
    } catch (error) {
      this.notice.textContent = strings.keys.noPasskey(failureOf(error).advice);
    } finally {
      this.#make.disabled = false;
    }
  }
}
