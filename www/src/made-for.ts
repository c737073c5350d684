/** Says beside the choice of what opens a file what it was made for, as soon as that is known. */
import type { Item } from "./chooser.js";
import { byId } from "./dom.js";
import { isForPasskeys, isOpenedHere, openersOf } from "./failures.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

const { made } = strings.keys;

export class MadeFor {
  readonly #text = byId("made-for", HTMLElement);

  /** @param byKey - whether the person has chosen a key. */
  show(items: readonly Item[], byKey: boolean): void {
    const [text, isProblem] = said(items, byKey);
    this.#text.textContent = text;
    this.#text.hidden = text === "";
    this.#text.classList.toggle("problem", isProblem);
  }
}

/** @returns what is to be said, and whether the choice is a wrong one. */
function said(items: readonly Item[], byKey: boolean): [text: string, isProblem: boolean] {
  const forKey = items.filter(({ opensWith }) => opensWith === "key");
  const forPassphrase = items.filter(({ opensWith }) => opensWith === "passphrase");
  if (forKey.length > 0 && forPassphrase.length > 0)
    return [made.both(units.list(forKey.map(({ path }) => path))), true];
  if (forKey.length > 0) {
    const types = forKey.flatMap(({ stanzaTypes }) => stanzaTypes);
    const openers = openersOf(types);
    if (!isOpenedHere(types)) return [made.elsewhere(openers), true];
    if (!byKey) return [made.keyOnly(openers), true];
    return [isForPasskeys(types) ? made.passkey : made.key(openers), false];
  }
  if (forPassphrase.length === 0) return ["", false];
  return byKey ? [made.passphraseOnly, true] : [made.passphrase, false];
}
