/**
 * The live tab: two ends of one line on one page, and what an attacker in the middle sees and can
 * do.
 */
import { AgeRtError, ChunkAuthenticationError, passphraseRecipient } from "age-rt-wasm";
import { byId, focusOn } from "../dom.js";
import { strings } from "../strings.js";
import * as units from "../units.js";
import { type Call, type CallEvents, type Keys, type Kind, type Who, WORK_FACTOR } from "./call.js";
import { fromBytes, toBytes } from "./edit.js";
import { End } from "./end.js";
import { streams } from "./stream.js";
import type { Attack, Fault } from "./wire.js";
import { WireView } from "./wire-view.js";

const FAULTS: readonly Fault[] = ["drop", "repeat", "swap", "flip-length", "flip", "flip-tag"];
const WHO: readonly Who[] = ["ada", "ben"];

/** A line that was open: whoever recorded it can use it again. */
interface Recording {
  readonly kind: Kind;
  readonly keys: Keys;
  readonly call: Call;
}

/** @returns connects; to be called when the tab is first seen. */
export function liveTab(): () => void {
  const state = byId("live-state", HTMLElement);
  /** What is armed; what became of an attack: each beside its buttons. */
  const notice = byId("live-notice", HTMLElement);
  const verdict = byId("live-verdict", HTMLElement);
  const code = byId("live-code", HTMLElement);
  const connectButton = byId("live-connect", HTMLButtonElement);
  const hangUp = byId("live-hang-up", HTMLButtonElement);
  const faultButtons = FAULTS.map((fault) => byId(`live-${fault}`, HTMLButtonElement));
  const attackButtons = {
    replay: byId("live-replay", HTMLButtonElement),
    reflect: byId("live-reflect", HTMLButtonElement),
  };
  const bySession = byId("live-session", HTMLInputElement);
  const byKeys = byId("live-keys", HTMLInputElement);
  const view = new WireView(byId("wire", HTMLElement));
  const ends = {
    ada: new End(byId("ada", HTMLElement), (edit) => call?.send("ada", toBytes(edit))),
    ben: new End(byId("ben", HTMLElement), (edit) => call?.send("ben", toBytes(edit))),
  };
  let call: Call | undefined;
  let record: Recording | undefined;
  let armed: Fault | undefined;
  /** What a line tells that is no longer the present one is of no interest. */
  let line = 0;

  /**
   * Ends the present line without a word, and makes room for another.
   *
   * @returns the number of that.
   */
  function begin(said: string): number {
    call?.cut();
    call = undefined;
    line += 1;
    view.clear();
    for (const who of WHO) ends[who].reset();
    arm(undefined);
    open();
    connectButton.hidden = true;
    tell(verdict, "");
    tell(state, said);
    return line;
  }

  async function connect(): Promise<void> {
    record = undefined;
    const mine = begin(strings.live.connecting);
    // Only what is chosen is loaded.
    const parts = Promise.all([
      bySession.checked ? import("./session.js").then((part) => part.sessions) : streams,
      byKeys.checked ? import("./key-pairs.js").then((part) => part.keyPairs()) : passphrase(),
    ]);
    let kind: Kind;
    let keys: Keys;
    try {
      [kind, keys] = await parts;
    } catch (error) {
      const { title, advice } = strings.failure.partMissing;
      if (mine === line) end(error instanceof AgeRtError ? failure(error) : `${title}. ${advice}`);
      return;
    }
    if (mine !== line) return;
    code.textContent = bySession.checked ? strings.code.session : strings.code.live;
    for (const who of WHO) ends[who].publicKey = keys[who].publicKey;
    let ended = 0;
    const started = kind.connect(keys, {
      ...about(mine),
      onOpen() {
        if (mine !== line) return;
        record = { kind, keys, call: started };
        open(...WHO);
        tell(state, strings.live.connected);
        ends.ada.say(strings.live.first);
      },
      onEnd(at, error) {
        if (mine !== line) return;
        if (error !== undefined) end(reason(error, strings.live[at]), true);
        else if (++ended === 2) end(strings.live.closed);
      },
    });
    call = started;
  }

  /** Whoever was in the middle cuts the line, and has a connection of one end's to themselves. */
  function attack(how: Attack): void {
    if (!record) return;
    const { kind, keys, call: before } = record;
    const mine = begin(strings.live.attacked);
    const { accepted, refused } = strings.live.attack[how];
    const events: CallEvents = {
      ...about(mine),
      takeFault: () => undefined,
      onOpen() {
        if (mine !== line || how === "replay") return;
        open("ada");
        ends.ada.say(strings.live.first);
      },
      onMessage(message, to) {
        if (mine !== line) return;
        ends[to].receive(fromBytes(message));
        tell(verdict, accepted, true);
      },
      onEnd(_, error) {
        // A recording may hold the end, too.
        if (mine !== line || error === undefined) return;
        open();
        tell(verdict, refused(why(error)));
      },
    };
    call =
      how === "replay"
        ? kind.replay(keys, before.fromAda.sent, events)
        : kind.reflect(keys, events);
    connectButton.hidden = false;
  }

  /** What is the same for every line. */
  function about(mine: number): Pick<CallEvents, "takeFault" | "onPassing" | "onMessage"> {
    return {
      takeFault,
      onPassing: (passing, from) => {
        if (mine === line) view.show(passing, from);
      },
      onMessage: (message, to) => {
        if (mine === line) ends[to].receive(fromBytes(message));
      },
    };
  }

  /** Those who can write. */
  function open(...who: readonly Who[]): void {
    for (const one of WHO) ends[one].connected = who.includes(one);
    for (const button of [hangUp, ...faultButtons]) button.disabled = who.length < 2;
    for (const button of Object.values(attackButtons)) button.disabled = !record;
  }

  function takeFault(): Fault | undefined {
    const fault = armed;
    // A chunk that is to change places waits for the one after it, and so does the button.
    if (fault) arm(undefined);
    return fault;
  }

  function arm(fault: Fault | undefined): void {
    armed = fault;
    FAULTS.forEach((other, i) =>
      faultButtons[i]?.setAttribute("aria-pressed", String(other === fault)),
    );
    tell(notice, fault ? strings.live.armed[fault] : "");
  }

  /** The line has ended. */
  function end(message: string, refused = false): void {
    call?.cut();
    call = undefined;
    line += 1;
    arm(undefined);
    open();
    tell(state, message, refused);
    connectButton.hidden = false;
    // Not to the button: whoever is typing would press it with the next space.
    focusOn(state);
  }

  FAULTS.forEach((fault, i) =>
    faultButtons[i]?.addEventListener("click", () => arm(armed === fault ? undefined : fault)),
  );
  for (const how of ["replay", "reflect"] as const)
    attackButtons[how].addEventListener("click", () => attack(how));
  for (const radio of document.querySelectorAll("#live [type=radio]"))
    radio.addEventListener("change", () => void connect());
  connectButton.addEventListener("click", () => {
    // The button goes, and the focus with it.
    focusOn(state);
    void connect();
  });
  hangUp.addEventListener("click", () => {
    hangUp.disabled = true;
    void call?.hangUp();
  });
  open();
  return () => void connect();
}

/** A passphrase that nobody sees. */
function passphrase(): Keys {
  const decrypt = crypto.getRandomValues(new Uint8Array(16)).join();
  const both = { encrypt: passphraseRecipient(decrypt, { workFactor: WORK_FACTOR }), decrypt };
  return { ada: both, ben: both };
}

function tell(element: HTMLElement, text: string, isProblem = false): void {
  element.classList.toggle("problem", isProblem);
  element.textContent = text;
}

function reason(error: unknown, who: string): string {
  if (error instanceof ChunkAuthenticationError && error.chunkIndex !== undefined)
    return strings.live.refused(who, units.integer(error.chunkIndex), error.code);
  if (error instanceof AgeRtError && error.code === "truncated") return strings.live.cut(who);
  return failure(error);
}

function failure(error: unknown): string {
  return strings.live.failed(why(error));
}

/** The error's own words, and its code, for those who look it up. */
function why(error: unknown): string {
  if (error instanceof AgeRtError) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
