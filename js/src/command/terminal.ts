/** The terminal of whoever started the command, whatever standard input and output are. */
import { closeSync, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { atEnd, interrupt } from "./ending.js";
import { Failure } from "./failure.js";

/** Characters of an answer; a pasted file is a mistake. */
const LONGEST = 65_536;

const ON_WINDOWS = process.platform === "win32";

/** Asks without echo. What is typed ahead is kept for the next question. */
export class Terminal {
  readonly #out: number;
  readonly #in: ReadStream;
  /** Characters that were typed and not asked for yet. */
  #typed = "";
  #ended = false;
  #wake: (() => void) | undefined;

  static #opened: Terminal | undefined;

  /** The one terminal. @throws Failure where there is none, such as in a cron job. */
  static open(): Terminal {
    if (Terminal.#opened) return Terminal.#opened;
    try {
      const input = openSync(ON_WINDOWS ? "\\\\.\\CONIN$" : "/dev/tty", ON_WINDOWS ? "r+" : "r");
      try {
        const output = openSync(ON_WINDOWS ? "\\\\.\\CONOUT$" : "/dev/tty", "w");
        return (Terminal.#opened = new Terminal(input, output));
      } catch (error) {
        closeSync(input);
        throw error;
      }
    } catch {
      throw new Failure("there is no terminal to ask for a passphrase", {
        hint: "scripts hand it over with -j batchpass and AGE_PASSPHRASE_FD",
      });
    }
  }

  private constructor(input: number, output: number) {
    this.#out = output;
    this.#in = new ReadStream(input);
    this.#in.setEncoding("utf8");
    this.#in.on("data", (text: string | Buffer) => {
      this.#typed += text.toString();
      this.#wake?.();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    this.#in.on("end", end).on("error", end).on("close", end);
    this.#in.pause();
    atEnd(() => this.#in.setRawMode(false));
  }

  say(text: string): void {
    writeSync(this.#out, text);
  }

  /** The line that is typed, without echo. */
  async ask(question: string): Promise<string> {
    // Before the question, or what is typed at once would be shown.
    this.#in.setRawMode(true);
    this.say(question);
    this.#in.resume();
    try {
      let line = "";
      for (;;) {
        const character = await this.#character();
        if (character === "\r" || character === "\n") return line;
        if (character === undefined || (character === "\x04" && line === ""))
          throw new Failure("the terminal gave no passphrase");
        line = edited(line, character);
        if (line.length > LONGEST) throw new Failure("the passphrase is too long");
      }
    } finally {
      this.#in.pause();
      this.#in.setRawMode(false);
      this.say("\n");
    }
  }

  /** Undefined at the end. */
  async #character(): Promise<string | undefined> {
    for (;;) {
      const code = this.#typed.codePointAt(0);
      if (code !== undefined) {
        const character = String.fromCodePoint(code);
        // An escape sequence, such as a cursor key's, is no character.
        const [sequence] = /^\x1b(?:\[[0-9;]*[ -/]*[@-~]|O.)/.exec(this.#typed) ?? [];
        this.#typed = this.#typed.slice(sequence?.length ?? character.length);
        if (sequence === undefined) return character;
        continue;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** A line after one more character, by the keys that terminals edit lines with. */
function edited(line: string, character: string): string {
  switch (character) {
    case "\x03": // Ctrl-C
      interrupt("SIGINT");
      return line;
    case "\x7f":
    case "\b":
      return [...line].slice(0, -1).join("");
    case "\x15": // Ctrl-U
      return "";
    case "\x17": // Ctrl-W
      return line.replace(/\S*\s*$/, "");
    default:
      // Nobody means the other control characters.
      return character < " " ? line : line + character;
  }
}
