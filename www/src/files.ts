/** The files tab: choose files, say how they are to be opened, watch them go. */
import type { Changing } from "./changing.js";
import { canBeRead, Chooser, type Item, showName } from "./chooser.js";
import type { Destination, Saved } from "./destinations/destination.js";
import { Folder } from "./destinations/folder.js";
import { openDestination } from "./destinations/index.js";
import { byId, focusOn, within } from "./dom.js";
import { DialogDismissedError } from "./errors.js";
import { FailureBox } from "./failure-box.js";
import {
  type Failure,
  failureOf,
  heavyWork,
  isDamage,
  isForPasskeys,
  mayOpenWithPasskey,
  isOtherKey,
  MOST_WORK,
  ofWork,
} from "./failures.js";
import type { Inside } from "./inside/index.js";
import { KeyChoice } from "./key-choice.js";
import { KeptWords } from "./kept-words.js";
import { Later } from "./later.js";
import { MadeFor } from "./made-for.js";
import { isAgeName } from "./names.js";
import { tell } from "./news.js";
import { NextSteps } from "./next-steps.js";
import { PassphraseField } from "./passphrase-field.js";
import {
  type Action,
  type Archive,
  decryption,
  type Doing,
  encryption,
  type Job,
  jobs,
  type Plan,
} from "./plan.js";
import { ProgressView } from "./progress-view.js";
import { strings } from "./strings.js";
import { Progress, type Stage, transfer } from "./transfer.js";
import * as units from "./units.js";
import { enter } from "./way-back.js";

/** One result that was made. */
interface Done {
  readonly job: Job;
  readonly saved: Saved;
  readonly written: number;
}

/** What the library does unless it is told otherwise, as log2 N. */
const USUAL_WORK = 20;

/**
 * @returns puts files to those that are chosen, as a system that opens the page with them does;
 * later, if the page is busy.
 */
export function filesTab(): (files: Promise<readonly File[]>) => void {
  const form = byId("file-form", HTMLFormElement);
  const running = byId("running", HTMLElement);
  const finished = byId("finished", HTMLElement);
  const inside = byId("inside", HTMLElement);
  const submit = byId("file-submit", HTMLButtonElement);
  const look = byId("look", HTMLButtonElement);
  const salvage = byId("salvage", HTMLButtonElement);
  const heavy = byId("heavy", HTMLButtonElement);
  const notice = byId("submit-notice", HTMLElement);
  const willBe = byId("will-be", HTMLElement);
  const willHold = byId("will-hold", HTMLElement);
  const decrypting = byId("action-decrypt", HTMLInputElement);
  const cancel = byId("cancel", HTMLButtonElement);
  const where = byId("where", HTMLButtonElement);
  const about = byId("about", HTMLDetailsElement);
  const change = byId("change", HTMLButtonElement);
  const changeCancel = byId("change-cancel", HTMLButtonElement);
  const warning = byId("changing", HTMLElement);
  const newWith = byId("new-with", HTMLElement);
  const newOpener = byId("new-opener", HTMLElement);
  const withWhat = byId("with", HTMLElement);
  const runningNotice = byId("running-notice", HTMLElement);
  const alone = byId("alone", HTMLElement);
  const passphrase = new PassphraseField(byId("file-passphrase", HTMLElement));
  const armor = byId("armor", HTMLInputElement);
  const keys = new KeyChoice(passphrase, showAction);
  const failureBox = new FailureBox(byId("failure", HTMLElement));
  const keptWords = new KeptWords(byId("finished-words", HTMLElement));
  const nextSteps = new NextSteps();
  const progressView = new ProgressView();
  const madeFor = new MadeFor();
  const later = new Later(failureBox);
  const chooser = new Chooser(() => form.getClientRects().length > 0, propose);
  let abort = new AbortController();
  let forget: (() => void)[] = [];
  /** Files that the system gave while something else was to be seen. */
  const waiting: (() => void)[] = [];
  /** Once somebody has wanted it: what opens a file is changed. */
  let changing: Changing | undefined;
  /** How much work opening a file may take, as log2 N: more once the person has agreed. */
  let maxWorkFactor = USUAL_WORK;
  /** What goes on when the person has agreed. */
  let agreed = (): void => undefined;
  /** Whether it was the page that chose a key, and not the person. */
  let isKeyProposed = false;
  /** What can be saved of it is to be seen, if anything. */
  let damaged: Item | undefined;
  /** What is looked into, and the button that led there. */
  let looking: { readonly file: Inside; readonly from: HTMLElement } | undefined;
  /** Ends what has taken the form's place, and the change of what opens a file, in the history. */
  let endView: (() => void) | undefined;
  let endChanging: (() => void) | undefined;
  /** Leaves what is shown instead of the form; false if the person is asked first. */
  let goBack = (): boolean => true;

  /** Offers what suits the files; the person may know better. */
  function propose(): void {
    failureBox.hide();
    notice.textContent = "";
    leaveChanging();
    maxWorkFactor = USUAL_WORK;
    damaged = undefined;
    const { items } = chooser;
    const encrypted = items.length > 0 && items.every(isEncrypted);
    byId(encrypted ? "action-decrypt" : "action-encrypt", HTMLInputElement).checked = true;
    if (encrypted) proposeKey(items.every(({ opensWith }) => opensWith === "key"));
    else if (isKeyProposed) proposeKey(false);
    showAction();
    foresee();
  }

  function proposeKey(byKey: boolean): void {
    keys.byKey = isKeyProposed = byKey;
  }

  /** Says what the first bytes show, before anybody types a passphrase in vain. */
  function foresee(): void {
    const { items } = chooser;
    if (action() === "encrypt") return;
    const [first, ...more] = items.filter(({ fault }) => fault);
    if (first) {
      const { file, path, fault } = first;
      const failure = failureOf(fault, { name: file.name, size: file.size });
      const others = more.length > 0 ? strings.failure.moreFaulty(units.integer(more.length)) : "";
      failureBox.show(items.length > 1 ? named(failure, path, others) : failure, true);
      return;
    }
    const [item] = items;
    if (items.length !== 1 || (item?.workFactor ?? 0) <= maxWorkFactor) return;
    const work = item?.workFactor ?? 0;
    failureBox.show(ofWork(work, true), true);
    heavy.hidden = work > MOST_WORK;
    agreed = () => form.requestSubmit();
  }

  /** Whatever was said of the last attempt is said of another choice. */
  function forgetFailure(): void {
    failureBox.hide();
    notice.textContent = "";
    salvage.hidden = heavy.hidden = true;
  }

  function action(): Action {
    if (changing?.active) return "change";
    return decrypting.checked ? "decrypt" : "encrypt";
  }

  function workFactor(): number {
    return Number(within(form, "[name=work]:checked", HTMLInputElement).value);
  }

  function archive(): Archive {
    return byId("archive-tar", HTMLInputElement).checked ? "tar" : "zip";
  }

  function showWork(): void {
    // Keys have none.
    byId("work", HTMLElement).hidden = (changing?.active ? changing : keys).byKey;
    passphrase.workFactor = workFactor();
    if (changing) changing.workFactor = workFactor();
  }

  function showAction(): void {
    const { items } = chooser;
    const isChange = action() === "change";
    const opened = decrypting.checked ? items : [];
    const types = opened.map(({ stanzaTypes }) => stanzaTypes);
    keys.show(!decrypting.checked, {
      alone: types.length > 0 && types.every(isForPasskeys),
      never: types.length > 0 && !types.some(mayOpenWithPasskey),
    });
    if (isChange) changing?.show();
    showWork();
    byId("options", HTMLElement).hidden = decrypting.checked && !isChange;
    byId("format", HTMLElement).hidden = isChange;
    const several = byId("several", HTMLElement);
    several.hidden = decrypting.checked;
    several.textContent = strings.files.several(archive());
    byId("archive", HTMLElement).hidden = items.length < 2 && !items[0]?.path.includes("/");
    const [first, ...more] = jobs(items, action(), archive());
    willBe.hidden = first === undefined;
    if (first) {
      byId("will-be-more", HTMLElement).textContent =
        more.length > 0 ? strings.files.andMore(units.integer(more.length)) : "";
      showName(byId("will-be-name", HTMLElement), first.result);
    }
    const isPacked = first !== undefined && !first.item;
    willHold.hidden = !isPacked;
    willHold.textContent = isPacked
      ? strings.files.packed(archive(), units.integer(items.length))
      : "";
    salvage.hidden = heavy.hidden = true;
    const readable = decrypting.checked ? items.filter(canBeRead) : [];
    about.hidden = readable.length === 0;
    about.open = false;
    byId("about-title", HTMLElement).textContent =
      readable.length > 1 ? strings.about.several : strings.about.title;
    // Of several each has its own.
    const isOne = items.length === 1 && readable.length === 1;
    look.hidden = change.hidden = !isOne || isChange;
    chooser.offerLook(
      items.length > 1 && readable.length > 0
        ? (item, button) => void openInside(false, item, button)
        : undefined,
    );
    alone.hidden = items.length < 2 || readable.length === 0;
    madeFor.show(decrypting.checked ? items : [], keys.byKey);
    byId("action", HTMLElement).hidden = isChange;
    for (const one of [warning, changeCancel, newWith, newOpener]) one.hidden = !isChange;
    withWhat.textContent = isChange ? strings.changing.presentWith : strings.keys.with;
    passphrase.name(
      isChange ? strings.changing.present : strings.passphrase.label,
      strings.passphrase.confirm,
    );
    submit.textContent = {
      encrypt: strings.files.encryptSubmit,
      decrypt: strings.files.decryptSubmit,
      change: changing?.submit ?? "",
    }[action()];
  }

  /** What was typed for it is forgotten. */
  function leaveChanging(): void {
    endChanging?.();
    endChanging = undefined;
    if (!changing?.active) return;
    changing.leave();
    armor.checked = false;
  }

  /** The warning comes first: what it asks for stands below. */
  async function enterChanging(): Promise<void> {
    const [item] = chooser.items;
    await later.use(
      change,
      () => import("./changing.js"),
      (part) => {
        // Another file may have been chosen meanwhile.
        if (change.hidden || chooser.items[0] !== item) return;
        failureBox.hide();
        notice.textContent = "";
        changing ??= new part.Changing(keys.publicKeys);
        changing.enter();
        endChanging = enter(cancelChanging);
        // A text stays one.
        armor.checked = item?.kind === "armored";
        showAction();
        focusOn(warning);
      },
    );
  }

  /** The form is as it was before, and so is what was said. */
  function cancelChanging(): boolean {
    leaveChanging();
    forgetFailure();
    showAction();
    foresee();
    notice.textContent = strings.changing.cancelled;
    change.focus();
    return true;
  }

  /** @param back - leaves what is shown instead of the form; false if the person is asked first. */
  function show(part: HTMLElement, back = (): boolean => true): void {
    for (const one of [form, running, finished, inside]) one.hidden = one !== part;
    goBack = back;
    if (part !== form) endView ??= enter(() => goBack());
    else {
      endView?.();
      endView = undefined;
    }
    if (part === form) for (const take of waiting.splice(0)) take();
  }

  async function run(items: readonly Item[]): Promise<void> {
    abort = new AbortController();
    const { signal } = abort;
    const started = performance.now();
    const todo = jobs(items, action(), archive());
    const folder = todo.length > 1 ? new Folder() : undefined;
    const done: Done[] = [];
    const failed: { job: Job; error: unknown; good: number }[] = [];
    forgetFailure();
    agreed = () => void run(chooser.items);
    runningNotice.textContent = "";
    show(running, () => {
      if (runningNotice.textContent === "") {
        runningNotice.textContent = strings.stage.backAgain;
        cancel.focus();
        return false;
      }
      abort.abort();
      // Should it be whole by now, the result has a place of its own.
      endView = undefined;
      return true;
    });
    cancel.focus();
    addEventListener("beforeunload", warn);
    let progress = new Progress();
    try {
      for (const [i, job] of todo.entries()) {
        progress = new Progress(job.size);
        let plan: Plan | undefined;
        try {
          progressView.start(job.name, progress, [i + 1, todo.length]);
          const onStage = (stage: Stage): void => progressView.say(stageOf(stage, job.action));
          onStage("deriving");
          const onDerivation = (fraction: number): void => progressView.derived(fraction);
          plan = await planOf(job, items, { signal, onDerivation });
          const { source, cipher, result, replaces } = plan;
          const open = (): Promise<Destination> =>
            folder
              ? folder.open(result, askForClick, foldersOf(job))
              : openDestination(result, askForClick, replaces);
          const saved = await transfer({ source, cipher, open, signal, onStage }, progress);
          done.push({ job, saved, written: progress.written });
        } catch (error) {
          failed.push({ job, error, good: plan?.verified?.() ?? progress.written });
          // What the person stops is stopped as a whole.
          if (signal.aborted || error instanceof DialogDismissedError) break;
        } finally {
          progressView.stop();
        }
      }
    } finally {
      where.hidden = true;
      removeEventListener("beforeunload", warn);
    }
    const [first] = failed;
    forget.push(...done.flatMap(({ saved }) => saved.forget ?? []));
    if (first) {
      // What is done need not be done again; the rest stays chosen.
      for (const { job } of done) if (job.item) chooser.remove(job.item);
      if (done.length > 0) showAction();
      show(form);
      fail(first.error, first.job, signal, first.good, failed.length, done);
      return;
    }
    const { words, copied } = (changing?.active ? changing : keys).suggested;
    keptWords.show(words, copied);
    finish(done, (performance.now() - started) / 1000);
    passphrase.clear();
    changing?.clear();
    keys.clear();
  }

  function stageOf(stage: Stage, did: Action): string {
    if (stage === "working") return strings.stage[did];
    // With keys there is no passphrase to speak of.
    if (stage !== "deriving" || !keys.byKey) return strings.stage[stage];
    if (keys.kind === "passkey") return strings.stage.passkey;
    return did === "encrypt" ? strings.stage.encryptingFor : strings.stage.opening;
  }

  async function planOf(job: Job, items: readonly Item[], doing: Doing): Promise<Plan> {
    const format = byId("format-age-rt", HTMLInputElement).checked ? "age-rt" : "age";
    const asked = { armored: armor.checked, workFactor: workFactor() };
    if (job.action === "encrypt" || !job.item)
      return encryption(job, items, await keys.encryptKey(), { format, ...asked }, doing);
    const key = await keys.decryptKey(doing.signal);
    const opening = { ...doing, maxWorkFactor };
    return changing?.active
      ? changing.plan(job.item, key, asked, opening)
      : decryption(job.item, key, opening);
  }

  function fail(
    error: unknown,
    { action: did, name, size, item }: Job,
    signal: AbortSignal,
    good: number,
    count: number,
    done: readonly Done[],
  ): void {
    const others = done.map(({ job: { result } }) => result);
    if (signal.aborted || error instanceof DialogDismissedError) {
      notice.textContent =
        others.length > 0
          ? strings.stage.cancelledLater(units.list(others))
          : strings.stage.cancelled;
      submit.focus();
      return;
    }
    const asks = did !== "encrypt";
    const failure = failureOf(error, { good, name, size, asks });
    tell(failure.title);
    const refused = failure === strings.failure.wrongPassphrase;
    // Of several files it has to be said which one it was, and what became of the rest.
    const several = asks && chooser.items.length + others.length > 1;
    const rest = [
      count > 1 ? strings.failure.moreFailed(units.integer(count - 1)) : "",
      others.length > 0 ? strings.failure.othersDone(units.list(others)) : "",
    ];
    failureBox.show(several ? named(failure, name, ...rest) : failure);
    damaged = isDamage(error) ? item : undefined;
    salvage.hidden = !damaged;
    heavy.hidden = !asks || heavyWork(error) === undefined;
    if (isOtherKey(error) !== undefined) {
      proposeKey(isOtherKey(error) === "key");
      showAction();
    }
    if (refused && !keys.byKey) passphrase.refuse(failure.title);
    else failureBox.focus();
  }

  function finish(done: readonly Done[], seconds: number): void {
    const [first] = done;
    if (!first) return;
    const {
      job: { action: did, result },
      saved,
    } = first;
    const texts = strings.result[did];
    const several = done.length > 1;
    const title = byId("finished-title", HTMLElement);
    if (several) title.textContent = strings.result.several(units.integer(done.length));
    else title.textContent = saved.inDownloads ? texts.downloaded(result) : texts.saved(result);
    const written = done.reduce((sum, one) => sum + one.written, 0);
    const { detailForKeys, detailForPasskey, detailWithWords } = strings.result.encrypt;
    const forKeys = keys.kind === "passkey" ? detailForPasskey : detailForKeys;
    const forPassphrase = keptWords.shown ? detailWithWords : texts.detail;
    const detail = did !== "encrypt" ? texts.detail : keys.byKey ? forKeys : forPassphrase;
    byId("finished-detail", HTMLElement).textContent = detail(
      units.bytes(written),
      units.duration(seconds),
    );
    const saveAgain = byId("save-again", HTMLButtonElement);
    const again = done.flatMap((one) => one.saved.again ?? []);
    saveAgain.hidden = again.length === 0;
    saveAgain.onclick = () => {
      for (const each of again) each();
    };
    byId("finished-stored", HTMLElement).hidden = !done.some((one) => one.saved.stored);
    nextSteps.show(
      done.map(({ job, saved: { inDownloads, file } }) => ({
        name: job.result,
        isPacked: !job.item,
        inDownloads,
        file,
      })),
      did,
      keys.kind,
    );
    show(finished, startAnew);
    tell(title.textContent ?? "");
    focusOn(title);
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

  /**
   * The parts of the page that come when they are wanted.
   *
   * @param from - the button that led there.
   */
  async function openInside(
    mending: boolean,
    item: Item | undefined,
    from: HTMLButtonElement,
  ): Promise<void> {
    if (!item || !keys.check()) return;
    const name = item.file.name;
    const stage = strings.stage[mending ? "checking" : "looking"];
    let cancelled = false;
    await later.use(
      from,
      () => import("./inside/index.js"),
      async ({ openFile }) => {
        // Something else may have been begun meanwhile.
        if (form.hidden || !chooser.items.includes(item)) return;
        abort = new AbortController();
        const { signal } = abort;
        // What is damaged is still so when the person comes back.
        if (!mending) forgetFailure();
        agreed = () => void openInside(mending, item, from);
        notice.textContent = runningNotice.textContent = "";
        show(running, () => {
          abort.abort();
          return true;
        });
        cancel.focus();
        const progress = new Progress();
        progressView.start(name, progress);
        progressView.say(keys.byKey ? stage : strings.stage.deriving);
        const onDerivation = (fraction: number): void => {
          progressView.derived(fraction);
          if (fraction === 1) progressView.say(stage);
        };
        try {
          const key = await keys.decryptKey(signal);
          const how = { mending, askForClick, maxWorkFactor, signal, onDerivation, progress };
          const file = await openFile({ item, key, root: inside, ...how });
          looking = { file, from };
          progressView.stop();
          show(inside, leaveInside);
          tell(strings.inside.title);
          focusOn(byId("inside-title", HTMLElement));
        } catch (error) {
          progressView.stop();
          show(form);
          cancelled = signal.aborted;
          if (cancelled) notice.textContent = strings.stage.lookCancelled;
          else fail(error, jobs([item], "decrypt", "zip")[0] as Job, signal, 0, 1, []);
        }
      },
    );
    if (cancelled) from.focus();
  }

  /** To where the person was. False while something is saved, the first time. */
  function leaveInside(): boolean {
    if (!looking?.file.mayLeave()) return false;
    const { file, from } = looking;
    looking = undefined;
    file.close();
    show(form);
    from.focus();
    return true;
  }

  /** False if something would be lost that the person is told of first. */
  function startAnew(): boolean {
    if (!keptWords.letGo(strings.files.again)) return false;
    for (const each of forget) each();
    forget = [];
    byId("save-again", HTMLButtonElement).onclick = null;
    keptWords.hide();
    nextSteps.clear();
    passphrase.clear();
    keys.clear();
    form.reset();
    chooser.clear();
    propose();
    show(form);
    chooser.focus();
    return true;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    notice.textContent = "";
    if (chooser.items.length === 0) {
      notice.textContent = strings.files.none;
      chooser.focus();
    } else if (keys.check() && (!changing?.active || changing.check())) {
      void run(chooser.items);
    }
  });
  for (const radio of form.querySelectorAll("[name=archive], [name=how], [name=new-with]"))
    radio.addEventListener("change", showAction);
  for (const radio of form.querySelectorAll("[name=work]"))
    radio.addEventListener("change", showWork);
  for (const radio of form.querySelectorAll("[name=action]"))
    radio.addEventListener("change", () => {
      forgetFailure();
      showAction();
      foresee();
    });
  // What was said is of the last choice. A passphrase is left in peace while it is typed.
  for (const other of form.querySelectorAll("[name=with], [name=how], [name=new-with], #key-file"))
    other.addEventListener("change", () => {
      forgetFailure();
      foresee();
    });
  for (const radio of form.querySelectorAll("[name=with]"))
    radio.addEventListener("change", () => (isKeyProposed = false));
  form.addEventListener("input", () => (notice.textContent = ""));
  cancel.addEventListener("click", () => abort.abort());
  look.addEventListener("click", () => void openInside(false, chooser.items[0], look));
  change.addEventListener("click", () => void enterChanging());
  changeCancel.addEventListener("click", cancelChanging);
  salvage.addEventListener("click", () => void openInside(true, damaged, salvage));
  heavy.addEventListener("click", () => {
    maxWorkFactor = MOST_WORK;
    if (keys.check()) agreed();
  });
  about.addEventListener("toggle", () => {
    const items = chooser.items.filter(canBeRead);
    if (!about.open) return;
    void later.use(
      undefined,
      () => import("./about.js"),
      ({ describe }) => describe(items, chooser.items.length > 1, byId("about-facts", HTMLElement)),
    );
  });
  byId("again", HTMLButtonElement).addEventListener("click", startAnew);
  byId("inside-back", HTMLButtonElement).addEventListener("click", leaveInside);
  showAction();
  return (files) => {
    const take = (): void =>
      chooser.add(files.then((all) => all.map((file) => ({ path: file.name, file }))));
    if (form.hidden) waiting.push(take);
    else take();
  };
}

/** Of several files it has to be said which one it was, and what became of the rest. */
function named({ title, advice }: Failure, name: string, ...rest: string[]): Failure {
  return {
    title: `${title}: ${name}`,
    advice: [advice, ...rest].filter(Boolean).join(" "),
  };
}

function isEncrypted({ kind, path }: Item): boolean {
  return kind !== "other" || isAgeName(path);
}

function foldersOf({ item }: Job): string[] {
  return item?.path.split("/").slice(0, -1) ?? [];
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
