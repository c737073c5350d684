/**
 * One line on standard error, where a person looks: how far it is, how fast, and how long it will
 * take.
 */
import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { atEnd } from "./ending.js";

const STDERR = 2;
/** Milliseconds between two looks of the line. */
const EVERY = 100;
const BAR = 24;

/** What is told of the work. */
export interface Progress {
  derivation(fraction: number): void;
  bytes(count: number): void;
  end(): void;
}

/** @param size - bytes of the input; without it, and where nobody looks, nothing is shown. */
export function showProgress(size: number | undefined, outputIsTerminal: boolean): Progress {
  if (size === undefined || size === 0 || outputIsTerminal || !isatty(STDERR)) return SILENT;
  return new Line(size);
}

const SILENT: Progress = {
  derivation: () => undefined,
  bytes: () => undefined,
  end: () => undefined,
};

class Line implements Progress {
  readonly #size: number;
  #shown = 0;
  /** When the first byte was read: the derivation's time tells nothing of the speed. */
  #start = 0;
  #visible = false;
  readonly #keep: () => void;

  constructor(size: number) {
    this.#size = size;
    this.#keep = atEnd(() => this.#clear());
  }

  derivation(fraction: number): void {
    this.#show(() => `deriving the key ${bar(fraction)}`);
  }

  bytes(count: number): void {
    const now = performance.now();
    this.#start ||= now;
    const fraction = Math.min(1, count / this.#size);
    this.#show(() => {
      const rate = count / ((now - this.#start) / 1000);
      const left = (this.#size - count) / rate;
      const speed = Number.isFinite(rate) ? `  ${size(rate)}/s  ${time(left)} left` : "";
      return `${bar(fraction)} of ${size(this.#size)}${speed}`;
    });
  }

  #show(text: () => string): void {
    const now = performance.now();
    if (now - this.#shown < EVERY) return;
    this.#shown = now;
    this.#visible = true;
    this.#write(`\r${text()}\x1b[K`);
  }

  #clear(): void {
    if (this.#visible) this.#write("\r\x1b[K");
    this.#visible = false;
  }

  #write(text: string): void {
    try {
      writeSync(STDERR, text);
    } catch {
      // A terminal that is full or gone is no reason to stop.
    }
  }

  end(): void {
    this.#clear();
    this.#keep();
  }
}

function bar(fraction: number): string {
  const full = Math.round(fraction * BAR);
  return `[${"#".repeat(full)}${"-".repeat(BAR - full)}] ${String(Math.floor(fraction * 100)).padStart(3)} %`;
}

function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${value.toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
}

function time(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number: number): string => String(number).padStart(2, "0");
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
