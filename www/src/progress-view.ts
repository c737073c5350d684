import { showName } from "./chooser.js";
import { byId } from "./dom.js";
import { Speed } from "./speed.js";
import { strings } from "./strings.js";
import type { Progress } from "./transfer.js";
import * as units from "./units.js";

/** How often it is drawn, in milliseconds. */
const INTERVAL = 250;

/** The transfer as a person sees it: what is being done, how far, how fast, how long still. */
export class ProgressView {
  readonly #stage = byId("stage", HTMLElement);
  readonly #name = byId("running-name", HTMLElement);
  readonly #count = byId("running-count", HTMLElement);
  readonly #bar = byId("progress", HTMLProgressElement);
  readonly #amount = byId("progress-bytes", HTMLElement);
  readonly #rate = byId("progress-rate", HTMLElement);
  readonly #left = byId("progress-left", HTMLElement);
  readonly #title = document.title;
  #timer: ReturnType<typeof setInterval> | undefined;
  #derived = 0;

  /** @param of - which one of how many it is. */
  start(
    name: string,
    progress: Progress,
    [index, count]: readonly [number, number] = [1, 1],
  ): void {
    this.#count.textContent =
      count > 1 ? strings.progress.of(units.integer(index), units.integer(count)) : "";
    showName(this.#name, name);
    this.#derived = 0;
    const speed = new Speed();
    let started = false;
    const draw = (): void => {
      // A dialog or the derivation is no measure of speed.
      if (progress.written > 0 && !started) {
        started = true;
        speed.start(performance.now() - INTERVAL);
      }
      const rate = started ? speed.at(performance.now(), progress.read) : 0;
      this.#draw(name, progress, rate, started);
    };
    draw();
    this.#timer = setInterval(draw, INTERVAL);
  }

  /** How much of the key there is. */
  derived(fraction: number): void {
    this.#derived = fraction;
  }

  /** Only what is being done is spoken: numbers that run would never be silent. */
  say(stage: string): void {
    this.#stage.textContent = stage;
  }

  stop(): void {
    clearInterval(this.#timer);
    document.title = this.#title;
  }

  #draw(name: string, { read, total }: Progress, rate: number, started: boolean): void {
    const fraction = total === undefined ? undefined : total > 0 ? Math.min(1, read / total) : 1;
    const shown = started ? fraction : this.#derived;
    if (shown !== undefined && (started || (shown > 0 && shown < 1))) this.#bar.value = shown;
    else this.#bar.removeAttribute("value");
    this.#amount.textContent = !started
      ? ""
      : total === undefined
        ? units.bytes(read)
        : strings.progress.bytes(units.bytes(read), units.bytes(total));
    this.#rate.textContent = rate > 0 ? strings.progress.rate(units.bytes(rate)) : "";
    this.#left.textContent =
      rate > 0 && total !== undefined && read < total
        ? strings.progress.left(units.duration((total - read) / rate))
        : "";
    document.title =
      started && fraction !== undefined
        ? strings.progress.title(units.percent(fraction), name)
        : name;
  }
}
