/** The files tab: choose files, type a passphrase, watch them go. */
import { type Chosen, Chooser } from "./chooser.js";
import type { Saved } from "./destinations/destination.js";
import { openDestination } from "./destinations/index.js";
import { byId, focusOn } from "./dom.js";
import { DialogDismissedError } from "./errors.js";
import { FailureBox } from "./failure-box.js";
import { failureOf } from "./failures.js";
import { isAgeName } from "./names.js";
import { KeptWords } from "./kept-words.js";
import { PassphraseField } from "./passphrase-field.js";
import { type Action, decryption, encryption, type Plan } from "./plan.js";
import { ProgressView } from "./progress-view.js";
import { strings } from "./strings.js";
import { Progress, type Stage, transfer } from "./transfer.js";
import * as units from "./units.js";

export function filesTab(): void {
  const form = byId("file-form", HTMLFormElement);
  const running = byId("running", HTMLElement);
  const finished = byId("finished", HTMLElement);
  const submit = byId("file-submit", HTMLButtonElement);
  const notice = byId("file-notice", HTMLElement);
  const decrypting = byId("action-decrypt", HTMLInputElement);
  const cancel = byId("cancel", HTMLButtonElement);
  const where = byId("where", HTMLButtonElement);
  const passphrase = new PassphraseField(byId("file-passphrase", HTMLElement));
  const failureBox = new FailureBox(byId("failure", HTMLElement));
  const keptWords = new KeptWords(byId("finished-words", HTMLElement));
  const progressView = new ProgressView();
  const chooser = new Chooser(() => form.getClientRects().length > 0, propose);
  let abort = new AbortController();
  let forgetLast: Saved["forget"];

  /** Offers what suits the file; the person may know better. */
  function propose(): void {
    failureBox.hide();
    const { chosen } = chooser;
    const encrypted = chosen !== undefined && (chosen.kind !== "other" || isAgeName(chosen.name));
    byId(encrypted ? "action-decrypt" : "action-encrypt", HTMLInputElement).checked = true;
    showAction();
  }

  function showAction(): void {
    passphrase.confirming = !decrypting.checked;
    byId("options", HTMLElement).hidden = decrypting.checked;
    submit.textContent = decrypting.checked
      ? strings.files.decryptSubmit
      : strings.files.encryptSubmit;
  }

  function show(part: HTMLElement): void {
    for (const one of [form, running, finished]) one.hidden = one !== part;
  }

  async function plan(chosen: Chosen, signal: AbortSignal): Promise<Plan> {
    if (decrypting.checked) return decryption(chosen, passphrase.value, signal);
    return encryption(
      chosen,
      passphrase.value,
      byId("format-age-rt", HTMLInputElement).checked ? "age-rt" : "age",
      signal,
    );
  }

  async function run(chosen: Chosen): Promise<void> {
    abort = new AbortController();
    const { signal } = abort;
    const progress = new Progress();
    const started = performance.now();
    failureBox.hide();
    show(running);
    cancel.focus();
    addEventListener("beforeunload", warn);
    try {
      const { action, source, cipher, result } = await plan(chosen, signal);
      const onStage = (stage: Stage): void => progressView.stage(stage, action);
      progressView.start(chosen.name, source.size, progress);
      const saved = await transfer(
        { source, cipher, open: () => openDestination(result, askForClick), signal, onStage },
        progress,
      );
      const { words, copied } = passphrase.suggested;
      keptWords.show(words, copied);
      passphrase.clear();
      finish(action, result.name, saved, progress.written, (performance.now() - started) / 1000);
    } catch (error) {
      show(form);
      fail(error, chosen, signal, progress.written);
    } finally {
      progressView.stop();
      where.hidden = true;
      removeEventListener("beforeunload", warn);
    }
  }

  function fail(
    error: unknown,
    { name, source: { size } }: Chosen,
    signal: AbortSignal,
    good: number,
  ): void {
    if (signal.aborted || error instanceof DialogDismissedError) {
      notice.textContent = strings.stage.cancelled;
      submit.focus();
      return;
    }
    const failure = failureOf(error, { good, name, size });
    failureBox.show(failure);
    if (failure === strings.failure.wrongPassphrase) passphrase.refuse(failure.title);
    else failureBox.focus();
  }

  function finish(
    action: Action,
    name: string,
    { inDownloads, again, forget, stored = false }: Saved,
    written: number,
    seconds: number,
  ): void {
    const texts = strings.result[action];
    byId("finished-title", HTMLElement).textContent = inDownloads
      ? texts.downloaded(name)
      : texts.saved(name);
    byId("finished-detail", HTMLElement).textContent = texts.detail(
      units.bytes(written),
      units.duration(seconds),
    );
    const saveAgain = byId("save-again", HTMLButtonElement);
    saveAgain.hidden = again === undefined;
    saveAgain.onclick = () => again?.();
    forgetLast = forget;
    byId("finished-stored", HTMLElement).hidden = !stored;
    show(finished);
    focusOn(byId("finished-title", HTMLElement));
  }

  function askForClick(): Promise<void> {
    where.hidden = false;
    where.focus();
    return new Promise((resolve) => {
      where.onclick = () => {
        where.hidden = true;
        resolve();
      };
    });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    notice.textContent = "";
    if (!chooser.chosen) {
      notice.textContent = strings.files.none;
      chooser.focus();
    } else if (passphrase.check()) {
      void run(chooser.chosen);
    }
  });
  for (const radio of form.querySelectorAll("[name=action]"))
    radio.addEventListener("change", showAction);
  cancel.addEventListener("click", () => abort.abort());
  byId("again", HTMLButtonElement).addEventListener("click", () => {
    forgetLast?.();
    forgetLast = undefined;
    byId("save-again", HTMLButtonElement).onclick = null;
    keptWords.hide();
    form.reset();
    chooser.clear();
    propose();
    show(form);
    chooser.focus();
  });
  showAction();
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
