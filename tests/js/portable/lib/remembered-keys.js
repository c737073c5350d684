/**
 * Import it for its effect: a worker that is asked to derive what one has derived before answers
 * from memory.
 *
 * At the work factor of real files a derivation takes half a second and more, and the vectors go
 * through the streams several times. All else is real: the worker starts, and the stream waits for
 * its answer.
 */
const keys = new Map();

function nameOf({ passphrase, salt, logN }) {
  return `${logN} ${salt} ${passphrase}`;
}

function remembering(Native) {
  return class Worker extends Native {
    #job;

    constructor(...args) {
      super(...args);
      // First in line: the package wipes what it was given.
      const see = (answer) => {
        if (this.#job && answer instanceof Uint8Array) keys.set(this.#job, answer.slice());
      };
      if (this.on) this.on("message", see);
      else this.addEventListener("message", (event) => see(event.data));
    }

    postMessage(message, transfer) {
      const name = nameOf(message);
      const key = keys.get(name)?.slice();
      if (!key) {
        this.#job = name;
        super.postMessage(message, transfer);
      } else if (this.emit) {
        queueMicrotask(() => this.emit("message", key));
      } else {
        queueMicrotask(() => this.dispatchEvent(new MessageEvent("message", { data: key })));
      }
    }
  };
}

const threads = globalThis.Worker
  ? undefined
  : globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (threads) threads.Worker = remembering(threads.Worker);
else globalThis.Worker = remembering(globalThis.Worker);
