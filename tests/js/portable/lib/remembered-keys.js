/**
 * Import it for its effect, before the package: whoever is asked to derive what was derived before
 * answers from memory, be it a worker or an instance on the calling thread.
 *
 * At the work factor of real files a derivation takes half a second and more, and the vectors go
 * through each way to decode several times. All else is real: the worker starts, and the stream
 * waits for its answer; the first derivation of each key, too.
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

/** Salts have as many bytes, and lie behind the room for the key. */
const [KEY_LEN, SALT_LEN] = [32, 16];

/** The exports of an instance, of which those for derivations remember. */
function rememberingExports(exports) {
  let at;
  let length;
  let name;
  let known;
  return {
    ...exports,
    kdfReserve(passphraseLen) {
      length = KEY_LEN + SALT_LEN + passphraseLen;
      return (at = exports.kdfReserve(passphraseLen));
    },
    kdfStart(logN, stride) {
      const input = new Uint8Array(exports.memory.buffer, at, length);
      const salt = input.slice(KEY_LEN, KEY_LEN + SALT_LEN);
      name = nameOf({ passphrase: input.slice(KEY_LEN + SALT_LEN), salt, logN });
      known = keys.get(name);
      return known ? 0 : exports.kdfStart(logN, stride);
    },
    kdfStep: (...args) => (known ? 0 : exports.kdfStep(...args)),
    kdfFinish() {
      const room = () => new Uint8Array(exports.memory.buffer, at, KEY_LEN);
      if (known) {
        room().set(known);
        return 0;
      }
      const failure = exports.kdfFinish();
      if (!failure) keys.set(name, room().slice());
      return failure;
    },
  };
}

const { Instance } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  // Other modules than the package's derive nothing.
  return instance.exports.kdfStart ? { exports: rememberingExports(instance.exports) } : instance;
};

const threads = globalThis.Worker
  ? undefined
  : globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (threads) threads.Worker = remembering(threads.Worker);
else globalThis.Worker = remembering(globalThis.Worker);
