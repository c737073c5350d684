/** The live tab: two ends of one line on one page, and what an attacker in the middle sees and can do. */
import { AgeRtError, ChunkAuthenticationError } from "age-rt-wasm";
import { byId, focusOn } from "../dom.js";
import { strings } from "../strings.js";
import * as units from "../units.js";
import { fromBytes, toBytes } from "./edit.js";
import { End } from "./end.js";
import { Line } from "./line.js";
import type { Fault } from "./wire.js";
import { WireView } from "./wire-view.js";

const FAULTS: readonly Fault[] = ["drop", "repeat", "swap", "flip"];

/** @returns connects; to be called when the tab is first seen. */
export function liveTab(): () => void {
  const state = byId("live-state", HTMLElement);
  const connectButton = byId("live-connect", HTMLButtonElement);
  const hangUp = byId("live-hang-up", HTMLButtonElement);
  const faultButtons = FAULTS.map((fault) => byId(`live-${fault}`, HTMLButtonElement));
  const view = new WireView(byId("wire", HTMLElement));
  const ends = {
    ada: new End(byId("ada", HTMLElement), (edit) => lines?.fromAda.send(toBytes(edit))),
    ben: new End(byId("ben", HTMLElement), (edit) => lines?.fromBen.send(toBytes(edit))),
  };
  let lines: { fromAda: Line; fromBen: Line } | undefined;
  let armed: Fault | undefined;

  function connect(): void {
    const passphrase = crypto.getRandomValues(new Uint8Array(16)).join();
    view.clear();
    for (const end of [ends.ada, ends.ben]) end.reset();
    armed = undefined;
    let headers = 0;
    let ended = 0;
    const line = (forward: boolean): Line =>
      new Line(passphrase, {
        takeFault,
        onPassing: (passing) => {
          view.show(passing, forward);
          if (passing.index === undefined && ++headers === 2) open(true);
        },
        onMessage: (message) => (forward ? ends.ben : ends.ada).receive(fromBytes(message)),
        onEnd: (error) => {
          if (error !== undefined) fail(error, forward ? strings.live.ben : strings.live.ada);
          else if (++ended === 2) close(strings.live.closed);
        },
      });
    connectButton.hidden = true;
    state.classList.remove("problem");
    state.textContent = strings.live.connecting;
    lines = { fromAda: line(true), fromBen: line(false) };
  }

  function open(connected: boolean): void {
    for (const end of [ends.ada, ends.ben]) end.connected = connected;
    for (const button of [hangUp, ...faultButtons]) button.disabled = !connected;
    if (!connected) return;
    state.textContent = strings.live.connected;
    ends.ada.say(strings.live.first);
  }

  function takeFault(): Fault | undefined {
    const fault = armed;
    // A chunk that is to change places waits for the one after it, and so does the button.
    armed = undefined;
    for (const button of faultButtons) button.setAttribute("aria-pressed", "false");
    return fault;
  }

  function close(message: string): void {
    lines = undefined;
    open(false);
    state.textContent = message;
    connectButton.hidden = false;
    // Not to the button: whoever is typing would press it with the next space.
    focusOn(state);
  }

  function fail(error: unknown, who: string): void {
    lines?.fromAda.cut();
    lines?.fromBen.cut();
    close(reason(error, who));
    state.classList.add("problem");
  }

  FAULTS.forEach((fault, i) => {
    faultButtons[i]?.addEventListener("click", () => {
      armed = armed === fault ? undefined : fault;
      FAULTS.forEach((other, j) =>
        faultButtons[j]?.setAttribute("aria-pressed", String(other === armed)),
      );
      state.textContent = armed ? strings.live.armed[armed] : strings.live.connected;
    });
  });
  connectButton.addEventListener("click", connect);
  hangUp.addEventListener("click", () => {
    hangUp.disabled = true;
    void lines?.fromAda.close();
    void lines?.fromBen.close();
  });
  open(false);
  return connect;
}

function reason(error: unknown, who: string): string {
  if (error instanceof ChunkAuthenticationError && error.chunkIndex !== undefined)
    return strings.live.refused(who, units.integer(error.chunkIndex));
  if (error instanceof AgeRtError && error.code === "truncated") return strings.live.cut(who);
  return strings.live.failed(error instanceof Error ? error.message : String(error));
}
