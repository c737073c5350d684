/** The text tab: a text becomes an armored message, and the other way round. */
import { AgeRtError, armor, decrypt, encrypt, HeaderParseError } from "age-rt-wasm";
import { byId, within } from "./dom.js";
import { FailureBox } from "./failure-box.js";
import { type Failure, failureOf, heavyWork, isOtherKey, openersOf } from "./failures.js";
import { KeptWords } from "./kept-words.js";
import { askBeforeLeaving } from "./leaving.js";
import { messageIn, namesMessage } from "./messages.js";
import { PassphraseField } from "./passphrase-field.js";
import { sniffText } from "./sniff.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

/** @param openAsFile - shows the files tab with a file in it. */
export function textTab(openAsFile: (file: File) => void): void {
  const form = byId("text-form", HTMLFormElement);
  const input = byId("text-input", HTMLTextAreaElement);
  const submit = byId("text-submit", HTMLButtonElement);
  const notice = byId("text-notice", HTMLElement);
  const result = byId("text-result", HTMLElement);
  const output = byId("text-output", HTMLTextAreaElement);
  const options = byId("text-options", HTMLDetailsElement);
  const usualWork = within(options, "input:checked", HTMLInputElement);
  const passphrase = new PassphraseField(byId("text-passphrase", HTMLElement));
  const failureBox = new FailureBox(byId("text-failure", HTMLElement));
  const keptWords = new KeptWords(byId("text-words", HTMLElement));
  const asFile = byId("text-as-file", HTMLButtonElement);
  let decrypting: boolean | undefined;

  function recognise(): void {
    const armored = namesMessage(input.value);
    failureBox.hide();
    // Before a passphrase is typed in vain.
    const { opensWith, stanzaTypes } = sniffText(input.value);
    asFile.hidden = opensWith !== "key";
    if (opensWith === "key") failureBox.show(forKey(stanzaTypes), true);
    if (armored === decrypting) return;
    decrypting = armored;
    input.classList.toggle("armored", armored);
    passphrase.confirming = !armored;
    options.hidden = armored;
    submit.textContent = armored ? strings.text.decrypt : strings.text.encrypt;
  }

  async function run(): Promise<void> {
    const given = input.value;
    failureBox.hide();
    forgetResult();
    submit.disabled = true;
    notice.textContent = strings.stage.deriving;
    let said = "";
    try {
      const secret = passphrase.value;
      if (decrypting) {
        const { armored, textAround } = messageIn(given);
        const text = textOf(await decrypt(armored, secret));
        if (input.value !== given) return void (said = strings.text.changed);
        output.value = text;
        if (textAround) said = strings.text.around;
      } else {
        const message = armor(await encrypt(given, secret, { workFactor: workFactor() }));
        if (input.value !== given) return void (said = strings.text.changed);
        output.value = message;
      }
      output.classList.toggle("armored", !decrypting);
      result.hidden = false;
      const { words, copied } = passphrase.suggested;
      keptWords.show(words, copied);
      passphrase.clear();
      output.focus();
    } catch (error) {
      if (input.value === given) fail(error);
    } finally {
      notice.textContent = said;
      submit.disabled = false;
    }
  }

  /** Whoever comes to this device later, or restores the tab, finds nothing. */
  function clear(): void {
    input.value = "";
    forgetResult();
    passphrase.clear();
    usualWork.checked = true;
    options.open = false;
    showWork();
    recognise();
  }

  function workFactor(): number {
    return Number(within(options, ":checked", HTMLInputElement).value);
  }

  /** A guess of the passphrase takes that long. */
  function showWork(): void {
    passphrase.workFactor = workFactor();
  }

  /** What is shown is of another text. */
  function forgetResult(): void {
    output.value = "";
    result.hidden = true;
    keptWords.hide();
  }

  function fail(error: unknown): void {
    if (error instanceof AgeRtError && error.code === "wrong-passphrase") {
      failureBox.show(strings.failure.wrongPassphrase);
      passphrase.refuse(strings.failure.wrongPassphrase.title);
      return;
    }
    failureBox.show(error instanceof NotTextError ? strings.failure.notText : told(error));
    failureBox.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    notice.textContent = "";
    if (input.value === "") {
      notice.textContent = strings.text.empty;
      input.focus();
    } else if (passphrase.check()) {
      void run();
    }
  });
  input.addEventListener("input", () => {
    notice.textContent = "";
    recognise();
    // What the words opened is gone with them; they are kept as long as nobody has copied them.
    if (keptWords.copied) forgetResult();
  });
  asFile.addEventListener("click", () => {
    openAsFile(new File([input.value], strings.text.fileName, { type: "text/plain" }));
  });
  options.addEventListener("change", showWork);
  askBeforeLeaving(() => input.value !== "" || output.value !== "");
  byId("text-copy", HTMLButtonElement).addEventListener("click", () => {
    navigator.clipboard.writeText(output.value).then(
      () => (notice.textContent = strings.text.copied),
      () => {
        output.select();
        notice.textContent = strings.text.copyFailed;
      },
    );
  });
  byId("text-clear", HTMLButtonElement).addEventListener("click", () => {
    if (!keptWords.letGo(strings.text.clear)) return;
    clear();
    notice.textContent = strings.text.cleared;
    input.focus();
  });
  addEventListener("pagehide", clear);
  showWork();
  recognise();
}

/** Keys are chosen, and more work is agreed to, among the files. */
function told(error: unknown): Failure {
  const work = heavyWork(error);
  if (work !== undefined)
    return {
      title: strings.failure.heavy.title,
      advice: strings.text.forHeavy(units.integer(work)),
    };
  return isOtherKey(error) === "key" && error instanceof HeaderParseError
    ? forKey(error.stanzaTypes ?? [])
    : failureOf(error);
}

function forKey(stanzaTypes: readonly string[]): Failure {
  const { title } = strings.failure.recipient;
  return { title, advice: strings.text.forKey(openersOf(stanzaTypes)) };
}

/** What is in a message need not be text. */
class NotTextError extends Error {}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotTextError();
  }
}
