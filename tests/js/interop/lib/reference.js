/**
 * age-rt from PyPI, in one Python process for all tests: starting one each would take longer than
 * the tests.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { python } from "../../lib/repository.js";

const VERSION = "0.2.2";
const script = fileURLToPath(new URL("reference.py", import.meta.url));

export class Reference {
  #process;
  /** Answers come in the order of the questions. */
  #waiting = [];

  static async start() {
    const reference = new Reference();
    const { version } = await reference.#answer();
    if (version !== VERSION)
      throw new Error(
        `age-rt ${version} is installed where the tests want ${VERSION}: target/venv/bin/pip install age-rt==${VERSION}`,
      );
    return reference;
  }

  constructor() {
    this.#process = spawn(python(), [script], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#process.stdout })
      .on("line", (line) => this.#waiting.shift().resolve(JSON.parse(line)))
      .on("close", () =>
        this.#waiting
          .splice(0)
          .forEach(({ reject }) => reject(new Error("the reference's process ended"))),
      );
  }

  /** @returns the bytes of a whole stream whose last message is the final chunk. */
  async encode(format, passphrase, messages) {
    const { wire } = await this.#ask({
      task: "encode",
      format,
      passphrase,
      messages: messages.map(toBase64),
    });
    return fromBase64(wire);
  }

  /** @returns the chunks, an empty final one too. */
  async decode(format, passphrase, wire) {
    const { chunks } = await this.#ask({
      task: "decode",
      format,
      passphrase,
      wire: toBase64(wire),
    });
    return chunks.map(fromBase64);
  }

  async stop() {
    this.#process.stdin.end();
    await once(this.#process, "exit");
  }

  async #ask(question) {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await this.#answer();
    if (answer.error) throw new Error(`the reference says: ${answer.error}`);
    return answer;
  }

  #answer() {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}

function toBase64(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function fromBase64(text) {
  return new Uint8Array(Buffer.from(text, "base64"));
}
