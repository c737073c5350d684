/** Counts the worker threads of this process: import it before the package. */
import threads from "node:worker_threads";

/**
 * made: all so far. running: not told to end yet. alive: not ended yet. most: the highest
 * `running`. messages: what they have said.
 */
export const workers = { made: 0, running: 0, alive: 0, most: 0, messages: [] };

const Native = threads.Worker;

threads.Worker = class Worker extends Native {
  #counted = true;

  constructor(...args) {
    super(...args);
    workers.made += 1;
    workers.running += 1;
    workers.alive += 1;
    workers.most = Math.max(workers.most, workers.running);
    this.on("message", (message) => workers.messages.push(message));
    this.once("exit", () => {
      workers.alive -= 1;
      this.#uncount();
    });
  }

  terminate() {
    this.#uncount();
    return super.terminate();
  }

  #uncount() {
    if (this.#counted) workers.running -= 1;
    this.#counted = false;
  }
};
