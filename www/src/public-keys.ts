/**
 * Public keys as people have them: pasted, in files, or of a pair that is made here. What they need
 * is loaded when it is wanted.
 */
import type { Recipient } from "age-rt-wasm";
import { byId } from "./dom.js";
import { FieldProblem } from "./field-problem.js";
import { strings } from "./strings.js";

/** Loads the part of the page that knows keys. */
export const keysPart = (): Promise<typeof import("./keys/index.js")> => import("./keys/index.js");

export class PublicKeys {
  /** Belongs to whoever asks for keys: it is there once. */
  readonly root = byId("keys-encrypt", HTMLElement);
  readonly #field = byId("public-keys", HTMLTextAreaElement);
  readonly #problem = new FieldProblem(this.#field, byId("public-problem", HTMLElement));

  constructor() {
    byId("public-file-button", HTMLButtonElement).addEventListener("click", () =>
      byId("public-file", HTMLInputElement).click(),
    );
    byId("public-file", HTMLInputElement).addEventListener(
      "change",
      ({ target }) => void this.#add(target as HTMLInputElement),
    );
    byId("make-keys", HTMLButtonElement).addEventListener("click", () => void this.#make());
  }

  get isEmpty(): boolean {
    return this.#field.value.trim() === "";
  }

  /** True if there is something to try; else says at the field what is missing. */
  check(): boolean {
    return !this.isEmpty || this.#problem.show(strings.keys.noPublic);
  }

  /** @throws AgeRtError for what is no public key. */
  async recipients(): Promise<Recipient[]> {
    const { recipientsIn } = await keysPart();
    return recipientsIn(this.#field.value);
  }

  clear(): void {
    this.#set("");
  }

  async #add(input: HTMLInputElement): Promise<void> {
    for (const file of input.files ?? []) {
      // A file of keys is short: what is longer is something else.
      const text = file.size < 2 ** 20 ? (await file.text()).trim() : "";
      if (text === "") this.#problem.show(strings.keys.noKeysIn(file.name));
      else this.#set([this.#field.value.trim(), text].filter(Boolean).join("\n") + "\n");
    }
    input.value = "";
  }

  async #make(): Promise<void> {
    const button = byId("make-keys", HTMLButtonElement);
    button.disabled = true;
    try {
      const { makePair } = await keysPart();
      await makePair(byId("key-pair", HTMLElement), (publicKey) =>
        this.#set([this.#field.value.trim(), publicKey].filter(Boolean).join("\n")),
      );
    } catch {
      this.#problem.show(strings.failure.partMissing.advice);
    } finally {
      button.disabled = false;
    }
  }

  #set(text: string): void {
    this.#field.value = text;
    // Whatever was said of it is said of something else.
    this.#field.dispatchEvent(new Event("input"));
  }
}
