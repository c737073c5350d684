import { type Bytes, toBytes } from "../bytes.js";
import type { Core } from "./bindings.js";
import { AgeRtError, NotSupportedError, StateError } from "../errors.js";
import { instantiate } from "./generated/glue.js";
import { builtin, hasStreams } from "./host.js";
import { shippedModule } from "./module.js";

/** A compiled module and the one instance of it that all streams share. */
export interface Engine {
  readonly module: WebAssembly.Module;
  readonly core: Core;
  /** For `memory.ts` alone. */
  view?: Uint8Array<ArrayBuffer>;
  /**
   * After a trap nothing in the instance can be relied on: every object in it fails from then on.
   */
  trapped: boolean;
}

/**
 * A compiled `WebAssembly.Module`. TypeScript's libraries give it no members, and those for Node
 * have no such name.
 */
export type WasmModule = object;

type Fetchable = string | URL | Request | Response | Promise<Response> | Bytes;
/** Where {@link init} can take the WebAssembly module from. */
export type InitSource = string | URL | Request | Response | Promise<Response> | Bytes | WasmModule;

let current: Engine | undefined;
let loading: Promise<Engine> | undefined;

/**
 * Loads and compiles the WebAssembly module. Streams and every async function call it themselves;
 * only the synchronous classes and functions need it to have resolved before.
 *
 * Concurrent and repeated calls share one load. After a rejection, or a trap, the next call loads
 * afresh.
 *
 * @param source - Where to take the module from instead of the package's own code: the URL or
 * response of `age_rt.wasm`, its bytes, or the compiled module. Ignored once the module is loaded.
 * @throws NotSupportedError (rejects) `no-webassembly`, or `wasm-blocked` where a policy forbids
 * compiling; TypeError for a source that is no such module.
 *
 * @example
 * ```js
 * await init();
 * const encoder = AgeRtEncoder.fromPassphrase(passphrase);
 * console.log(encoder.getHeader().length); // 189
 * ```
 *
 * @example
 * ```js
 * // A host that keeps the .wasm file by itself.
 * await init(fetch("/age_rt.wasm"));
 * console.log(isSupported()); // true
 * ```
 */
export async function init(source?: InitSource): Promise<void> {
  await engine(source === undefined ? undefined : () => given(source));
}

/**
 * False where WebAssembly, its SIMD or WHATWG streams are missing: in lockdown modes, in browsers
 * without a compiler, in React Native. Without WebAssembly {@link init} rejects; without streams
 * all that is built on them throws `no-streams`.
 *
 * @example
 * ```js
 * if (!isSupported()) throw new Error("This browser cannot decrypt: it has no WebAssembly");
 * console.log(isSupported()); // true
 * ```
 */
export function isSupported(): boolean {
  return hasStreams() && hasWebAssembly();
}

function hasWebAssembly(): boolean {
  try {
    // The smallest module that uses a 128-bit vector.
    return WebAssembly.validate(
      Uint8Array.of(
        0,
        97,
        115,
        109,
        1,
        0,
        0,
        0,
        1,
        5,
        1,
        96,
        0,
        1,
        123,
        3,
        2,
        1,
        0,
        10,
        10,
        1,
        8,
        0,
        65,
        0,
        253,
        15,
        253,
        98,
        11,
      ),
    );
  } catch {
    return false;
  }
}

/**
 * The engine, loaded if need be: from the package's own module unless `load` says otherwise, which
 * only pages with `init()` carry.
 */
export function engine(load: () => Promise<Engine> = shipped): Promise<Engine> {
  if (current) return Promise.resolve(current);
  if (!loading) {
    const started = load();
    loading = started;
    const settle = (): void => {
      if (loading === started) loading = undefined;
    };
    started.then((loaded) => {
      current = loaded;
      settle();
    }, settle);
  }
  return loading;
}

/**
 * The engine for a synchronous call.
 *
 * @throws StateError `not-initialized` before `init()` has resolved.
 */
export function loadedEngine(): Engine {
  if (!current)
    throw new StateError(
      "not-initialized",
      "The WebAssembly module is not loaded yet: await init() before synchronous calls",
    );
  return current;
}

/**
 * What `error`, thrown by a call into `from`, is for the caller. A trap makes the whole instance
 * unusable.
 */
export function trap(from: Engine, error: unknown): unknown {
  // Before anything that might throw once more, such as a full stack: nothing may call this
  // instance again.
  const first = !from.trapped;
  from.trapped = true;
  if (current === from) current = undefined;
  // Anything thrown by the bindings is a fault of ours: data errors come back as numbers.
  if (first) end(from);
  return error instanceof AgeRtError ? error : trappedError(error);
}

/** Calls into `from`: what is thrown there is a trap. */
export function trapping<T>(from: Engine, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw trap(from, error);
  }
}

/** Wipes the memory; with an empty stack, where there is too little left of this one. */
function end(from: Engine): void {
  try {
    from.core.end();
  } catch {
    queueMicrotask(() => from.core.end());
  }
}

export function trappedError(cause?: unknown): AgeRtError {
  return new AgeRtError(
    "internal",
    "The WebAssembly module failed: a fault of age-rt-wasm, or of a full stack, not of your data. Call init() again to go on",
    { cause },
  );
}

function needWebAssembly(): void {
  if (!hasWebAssembly())
    throw new NotSupportedError(
      "no-webassembly",
      "This host has no WebAssembly with SIMD (a lockdown mode, a browser without a compiler, or one from before 2023)",
    );
}

function engineOf(module: WebAssembly.Module): Engine {
  return { module, core: instantiate(module) as Core, trapped: false };
}

/** The engine from a source of the caller's. */
async function given(source: InitSource): Promise<Engine> {
  needWebAssembly();
  const module = await compile(source);
  try {
    return engineOf(module);
  } catch (error) {
    throw new TypeError("The source given to init() is not this package's WebAssembly module", {
      cause: error,
    });
  }
}

/** The engine from the module that the package carries. */
async function shipped(): Promise<Engine> {
  needWebAssembly();
  try {
    return engineOf(await shippedModule());
  } catch (error) {
    if (error instanceof AgeRtError) throw error;
    // These bytes are known to be good, so that only a policy or the lack of memory is left.
    throw error instanceof RangeError ? outOfMemory(error) : blocked(error);
  }
}

async function compile(source: InitSource): Promise<WebAssembly.Module> {
  if (
    source instanceof WebAssembly.Module ||
    Object.prototype.toString.call(source) === "[object WebAssembly.Module]"
  ) {
    return source as WebAssembly.Module;
  }
  const bytes = await fetched(source as Fetchable);
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw outOfMemory(error);
    // The smallest module there is tells a policy that forbids compiling from bytes that are no
    // module.
    const allowed = await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)).then(
      () => true,
      () => false,
    );
    throw allowed
      ? new TypeError("The source given to init() is not a WebAssembly module", { cause: error })
      : blocked(error);
  }
}

async function fetched(source: Fetchable): Promise<BufferSource> {
  const given = await source;
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given))
    return toBytes(given) as Uint8Array<ArrayBuffer>;
  if (typeof Response !== "undefined" && given instanceof Response) return body(given);
  if (!(
    typeof given === "string" ||
    given instanceof URL ||
    (typeof Request !== "undefined" && given instanceof Request)
  )) {
    throw new TypeError(
      "Expected a URL, a Request, a Response, bytes or a WebAssembly.Module as the source of init()",
    );
  }
  const url = given instanceof Request ? undefined : String(given);
  const fs = url?.startsWith("file:")
    ? builtin<{ readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> }>("node:fs/promises")
    : undefined;
  return fs && url ? fs.readFile(new URL(url)) : body(await fetch(given));
}

async function body(response: Response): Promise<ArrayBuffer> {
  if (!response.ok)
    throw new TypeError(
      `The WebAssembly module could not be fetched: HTTP status ${response.status}`,
    );
  return response.arrayBuffer();
}

function blocked(cause: unknown): NotSupportedError {
  return new NotSupportedError(
    "wasm-blocked",
    "This host forbids compiling WebAssembly: allow it with 'wasm-unsafe-eval' in the Content-Security-Policy's script-src, or import the package's .wasm file as a module and pass it to init()",
    { cause },
  );
}

export function outOfMemory(cause?: unknown): NotSupportedError {
  return new NotSupportedError(
    "out-of-memory",
    "Not enough memory: close other pages or use a smaller work factor or chunk size",
    { cause },
  );
}
