/**
 * Workers that are none: the package's own worker script, each in a scope of its own on this
 * thread, with delays and deaths as a test wants them; and a double of the module that notes under
 * which key and which numbers chunks are sealed. To be imported before the package is loaded.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const script = readFileSync(createRequire(import.meta.url).resolve("age-rt-wasm/worker"), "utf8");
const real = WebAssembly.Instance;
/**
 * How often the workers are given time to overwrite what they have: a minute, on a machine that is
 * busy.
 */
const MOST_TURNS = 3000;

/** Ranges of numbers by the key that sealed under them. */
const ranges = new Map();
/** Pairs of key and number that were used again. */
export const repeated = [];
/** Sealed so far, in workers and on the calling thread. */
export const sealed = { workers: 0, here: 0 };
/** Every memory there was, with whom it belongs to. */
export const memories = [];

function note(key, start, count) {
  const known = ranges.get(key) ?? [];
  ranges.set(key, known);
  for (const [from, to] of known)
    if (start < to && from < start + count) repeated.push({ key, start, count, from, to });
  const last = known.at(-1);
  if (last?.[1] === start) last[1] += count;
  else known.push([start, start + count]);
}

/** The memory that all streams of this thread share. */
let main;

const seen = new Set();

/**
 * The keys that were seen, of files that were sealed and of files that were opened, as hexadecimal
 * text.
 */
export const keys = () => [...seen];

/** The buffers in which keys came to workers. */
export const sentKeys = [];

/** Forgets what was seen of earlier streams. */
export function forget() {
  ranges.clear();
  seen.clear();
  sentKeys.length = 0;
  memories.length = 0;
  if (main) memories.push({ memory: main, owner: undefined, chunks: false });
}

const hex = (memory, at) => Buffer.from(memory.buffer, at, 32).toString("hex");

/** The exports, with a look at those that seal. */
function watched(exports, owner) {
  const { memory } = exports;
  const own = { memory, owner, chunks: false };
  if (owner) memories.push(own);
  else main ??= memory;
  let at = 0;
  let key = "";
  let sealedSize = 0;
  const encoders = new Map();
  return {
    ...exports,
    chunksReserve(len) {
      own.chunks = true;
      return (at = exports.chunksReserve(len));
    },
    chunksStart(chunkSize) {
      key = hex(memory, at);
      seen.add(key);
      sealedSize = chunkSize + 16;
      return exports.chunksStart(chunkSize);
    },
    chunksSeal(len, index) {
      const result = exports.chunksSeal(len, index);
      if (result === 0) {
        note(key, index, len / sealedSize);
        sealed.workers += len / sealedSize;
      }
      return result;
    },
    encoder_provide(encoder, len) {
      const result = exports.encoder_provide(encoder, len);
      const slot = exports.encoder_detail(encoder, 19);
      if (slot <= 0) return result;
      const key = hex(memory, slot);
      seen.add(key);
      encoders.set(encoder, { key, next: 0 });
      return result;
    },
    encoder_grant(encoder, count) {
      const result = exports.encoder_grant(encoder, count);
      if (result >= 0) encoders.get(encoder).next += count;
      return result;
    },
    encoder_seal(encoder, len, position) {
      const result = exports.encoder_seal(encoder, len, position);
      const state = encoders.get(encoder);
      if (result >= 0 && state) {
        note(state.key, state.next, 1);
        state.next += 1;
        sealed.here += 1;
      }
      return result;
    },
  };
}

/** @returns WebAssembly, whose instances are watched. */
function double(owner) {
  return {
    Module: WebAssembly.Module,
    Memory: WebAssembly.Memory,
    Instance: function (module, imports) {
      return { exports: watched(new real(module, imports).exports, owner) };
    },
  };
}

WebAssembly.Instance = function (module, imports) {
  return { exports: watched(new real(module, imports).exports, undefined) };
};

/** Whether nothing was left of a memory: a worker overwrites all of its own. */
function isZero({ buffer }) {
  if (zeros.length < buffer.byteLength) zeros = Buffer.alloc(buffer.byteLength);
  return zeros.subarray(0, buffer.byteLength).equals(Buffer.from(buffer));
}

let zeros = Buffer.alloc(0);

/**
 * Waits for what workers still have to do, and then looks for the keys that were seen: in no
 * memory, and in no buffer in which one was sent. Only a worker that died has taken its keys along.
 */
export async function nothingLeft() {
  // Some die only now, of what they were sent before.
  const alive = () => memories.filter(({ owner }) => !owner?.dead);
  const overwritten = () => alive().every(({ memory, chunks }) => !chunks || isZero(memory));
  const wiped = () =>
    sentKeys.every(({ key, owner }) => owner.dead || key.every((byte) => byte === 0));
  for (let turn = 0; turn < MOST_TURNS && !(wiped() && overwritten()); turn += 1) await wait(20);
  assert.ok(wiped(), "a key is left where it was sent");
  assert.ok(overwritten(), "a worker's memory was not overwritten");
  // That of the calling thread, and those of workers that derived.
  const texts = keys().map((key) => Buffer.from(key, "hex"));
  for (const { memory, chunks } of alive())
    for (const key of chunks ? [] : texts)
      assert.ok(!Buffer.from(memory.buffer).includes(key), "a key is left");
}

/** What a worker does with the messages that it has, one after the other. */
export class SimulatedWorker {
  static started = [];
  onmessage = null;
  onerror = null;
  onmessageerror = null;
  dead = false;
  terminated = false;
  /** It hears nothing and says nothing any more. */
  silent = false;
  batches = 0;
  #plan;
  #port;
  #queue = Promise.resolve();

  /**
   * @param plan - `delay()` of the next message in milliseconds, `dies(batch)` before a batch is
   * done, `late` after it was, or falls `silent`; `says(reply, batches)`, what it says in place of
   * a reply, several or nothing; `refuses(message)`, whether it can be sent that.
   */
  constructor(plan) {
    this.#plan = plan;
    SimulatedWorker.started.push(this);
    this.#port = {
      onmessage: null,
      postMessage: (message, transfer) => this.#say(message, transfer),
    };
    new Function("self", "WebAssembly", script)(this.#port, double(this));
  }

  postMessage(message, transfer) {
    if (this.#plan.refuses?.(message)) throw new DOMException("no", "DataCloneError");
    const { module, ...rest } = message;
    const data = structuredClone(rest, { transfer });
    if (module) data.module = module;
    if (data.key) {
      seen.add(Buffer.from(data.key).toString("hex"));
      sentKeys.push({ key: data.key, owner: this });
    }
    this.#queue = this.#queue.then(async () => {
      await wait(this.#plan.delay());
      if (this.dead || this.terminated || this.silent) return;
      if ("bytes" in data) {
        this.batches += 1;
        const how = this.#plan.dies(this.batches);
        if (how === "silent") return void (this.silent = true);
        if (how === "late") this.#port.postMessage = () => undefined;
        if (how !== "late" && how) return this.#die();
        this.#port.onmessage({ data });
        if (how === "late") this.#die();
        return;
      }
      this.#port.onmessage({ data });
    });
  }

  terminate() {
    this.terminated = true;
  }

  #say(message, transfer) {
    const reply = structuredClone(message, { transfer });
    for (const data of this.#plan.says?.(reply, this.batches) ?? [reply])
      setImmediate(() => {
        if (!this.terminated && !this.dead) this.onmessage?.({ data });
      });
  }

  #die() {
    this.dead = true;
    this.onerror?.({ preventDefault() {}, message: "it died" });
  }
}

function wait(ms) {
  return ms === 0
    ? new Promise((resolve) => setImmediate(resolve))
    : new Promise((resolve) => setTimeout(resolve, ms));
}
