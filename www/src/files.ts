/** The files tab: choose a file, type a passphrase, watch it go. */
import type { Saved } from "./destinations/destination.js";
import { openDestination } from "./destinations/index.js";
import { byId, focusOn } from "./dom.js";
import { dropTarget } from "./drop.js";
import { FailureBox } from "./failure-box.js";
import { failureOf } from "./failures.js";
import { PassphraseField } from "./passphrase-field.js";
import { type Action, decryption, encryption, type Plan } from "./plan.js";
import { ProgressView } from "./progress-view.js";
import { type Kind, sniff } from "./sniff.js";
import { strings } from "./strings.js";
import { Progress, type Stage, transfer } from "./transfer.js";
import * as units from "./units.js";

interface Chosen {
  readonly file: File;
  readonly kind: Kind;
}

export function filesTab(): void {
  const form = byId("file-form", HTMLFormElement);
  const running = byId("running", HTMLElement);
  const finished = byId("finished", HTMLElement);
  const input = byId("file", HTMLInputElement);
  const submit = byId("file-submit", HTMLButtonElement);
  const notice = byId("file-notice", HTMLElement);
  const where = byId("where", HTMLButtonElement);
  const passphrase = new PassphraseField(byId("file-passphrase", HTMLElement));
  const failureBox = new FailureBox(byId("failure", HTMLElement));
  const progressView = new ProgressView();
  let chosen: Chosen | undefined;
  let abort = new AbortController();

  const action = (): Action => (byId("action-decrypt", HTMLInputElement).checked ? "decrypt" : "encrypt");

  function showAction(): void {
    const encrypting = action() === "encrypt";
    passphrase.confirming = encrypting;
    byId("format", HTMLElement).hidden = !encrypting;
    submit.textContent = encrypting ? strings.files.encryptSubmit : strings.files.decryptSubmit;
  }

  function show(part: HTMLElement): void {
    for (const one of [form, running, finished]) one.hidden = one !== part;
  }

  async function choose(files: readonly File[]): Promise<void> {
    const [file] = files;
    if (!file) return;
    failureBox.hide();
    notice.textContent = files.length > 1 ? strings.files.several : "";
    try {
      chosen = { file, kind: await sniff(file) };
    } catch {
      chosen = undefined;
      notice.textContent = strings.files.folder;
    }
    byId("drop", HTMLElement).classList.toggle("filled", chosen !== undefined);
    byId("chosen-name", HTMLElement).textContent = chosen?.file.name ?? "";
    byId("chosen-size", HTMLElement).textContent = chosen ? units.bytes(chosen.file.size) : "";
    byId(chosen && chosen.kind !== "other" ? "action-decrypt" : "action-encrypt", HTMLInputElement).checked = true;
    showAction();
  }

  async function run({ file, kind }: Chosen): Promise<void> {
    abort = new AbortController();
    const { signal } = abort;
    const progress = new Progress();
    const started = performance.now();
    failureBox.hide();
    show(running);
    byId("cancel", HTMLButtonElement).focus();
    try {
      const plan =
        action() === "encrypt"
          ? encryption(file, passphrase.value, byId("format-age-rt", HTMLInputElement).checked ? "age-rt" : "age", signal)
          : await decryption(file, kind, passphrase.value, signal);
      const working = strings.stage[plan.action === "encrypt" ? "encrypting" : "decrypting"];
      const onStage = (stage: Stage): void => progressView.stage(stage, working);
      progressView.start(file.name, plan.source.size, progress);
      addEventListener("beforeunload", warn);
      const saved = await transfer({ ...plan, open: () => openDestination(plan.result, askForClick), signal, onStage }, progress);
      passphrase.clear();
      finish(plan, saved, progress.written, (performance.now() - started) / 1000);
    } catch (error) {
      show(form);
      fail(error, signal, progress.written);
    } finally {
      progressView.stop();
      where.hidden = true;
      removeEventListener("beforeunload", warn);
    }
  }

  function fail(error: unknown, signal: AbortSignal, good: number): void {
    // Closing the browser's dialog is a cancellation too.
    if (signal.aborted || (error instanceof DOMException && error.name === "AbortError")) {
      notice.textContent = strings.stage.cancelled;
      submit.focus();
      return;
    }
    const failure = failureOf(error, good);
    failureBox.show(failure);
    if (failure === strings.failure.wrongPassphrase) passphrase.refuse(failure.title);
    else failureBox.focus();
  }

  function finish({ action: done, result }: Plan, { inDownloads, again }: Saved, written: number, seconds: number): void {
    const texts = strings.result;
    const encrypted = done === "encrypt";
    const title = encrypted ? (inDownloads ? texts.encryptedDownload : texts.encrypted) : inDownloads ? texts.decryptedDownload : texts.decrypted;
    byId("finished-title", HTMLElement).textContent = title(result.name);
    byId("finished-detail", HTMLElement).textContent = (encrypted ? texts.detailEncrypted : texts.detail)(units.bytes(written), units.duration(seconds));
    const saveAgain = byId("save-again", HTMLButtonElement);
    saveAgain.hidden = again === undefined;
    saveAgain.onclick = () => again?.();
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

  dropTarget(byId("drop", HTMLElement), (files) => {
    if (form.checkVisibility()) void choose(files);
  });
  input.addEventListener("change", () => void choose([...(input.files ?? [])]));
  for (const radio of form.querySelectorAll("[name=action]")) radio.addEventListener("change", showAction);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    notice.textContent = "";
    if (!chosen) {
      notice.textContent = strings.files.none;
      input.focus();
    } else if (passphrase.check()) {
      void run(chosen);
    }
  });
  byId("cancel", HTMLButtonElement).addEventListener("click", () => abort.abort());
  byId("again", HTMLButtonElement).addEventListener("click", () => {
    form.reset();
    chosen = undefined;
    byId("drop", HTMLElement).classList.remove("filled");
    notice.textContent = "";
    showAction();
    show(form);
    input.focus();
  });
  showAction();
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
