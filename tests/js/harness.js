/**
 * Tests that run on every host. In Node they are node:test's; elsewhere they are collected, and
 * `run()` runs them one after the other.
 *
 * Web-platform globals only, so that one file serves Node, other runtimes and pages without a
 * bundler.
 */
export const inNode =
  typeof process === "object" &&
  typeof process.versions?.node === "string" &&
  typeof Deno === "undefined" &&
  typeof Bun === "undefined";

const TIMEOUT_MS = 300_000;
const HOPELESS_MS = 5_000;
const collected = [];
const nodeTest = inNode ? (await import("node:test")).test : undefined;

/** Registers a test. */
export function test(name, body) {
  if (nodeTest) nodeTest(name, { timeout: TIMEOUT_MS }, () => body());
  else collected.push({ name, body });
}

/**
 * Runs what was collected; `report` hears of each as it ends.
 *
 * @param hopeless - names of tests that fail here, and are not waited for as long as others.
 */
export async function run(report = () => undefined, hopeless = []) {
  const results = [];
  for (const { name, body } of collected.splice(0)) {
    let timer;
    let result;
    try {
      const late = new Promise(
        (_, reject) =>
          (timer = setTimeout(
            () => reject(new Error("the test took too long")),
            hopeless.includes(name) ? HOPELESS_MS : TIMEOUT_MS,
          )),
      );
      await Promise.race([body(), late]);
      result = { name, ok: true };
    } catch (error) {
      result = {
        name,
        ok: false,
        error: `${error?.name}: ${error?.message}\n${error?.stack ?? ""}`,
      };
    } finally {
      clearTimeout(timer);
    }
    results.push(result);
    report(result);
  }
  return results;
}

class AssertionError extends Error {
  get name() {
    return "AssertionError";
  }
}

function fail(message, fallback) {
  throw new AssertionError(message ? `${message}: ${fallback}` : fallback);
}

function show(value) {
  if (value instanceof Error) return `${value.name}(${value.code ?? ""}) ${value.message}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength})`;
  if (typeof value === "function") return value.name;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b))
    return a.constructor === b.constructor && sameBytes(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

function asBytes(value) {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}

function sameBytes(a, b) {
  const [x, y] = [asBytes(a), asBytes(b)];
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}

/** `check` is a class, an error code, or a predicate: never a text. */
function matches(error, check) {
  if (check === undefined) return true;
  if (typeof check === "string") return error?.code === check;
  if (check === Error || check.prototype instanceof Error) return error instanceof check;
  return check(error) !== false;
}

export const assert = {
  ok(value, message) {
    if (!value) fail(message, `${show(value)} is not truthy`);
  },
  equal(actual, expected, message) {
    if (!Object.is(actual, expected))
      fail(message, `got ${show(actual)}, expected ${show(expected)}`);
  },
  deepEqual(actual, expected, message) {
    if (!same(actual, expected)) fail(message, `got ${show(actual)}, expected ${show(expected)}`);
  },
  bytesEqual(actual, expected, message) {
    if (!sameBytes(actual, expected))
      fail(
        message,
        `bytes differ (${asBytes(actual).length} and ${asBytes(expected).length} of them)`,
      );
  },
  /** @returns what it rejected with */
  async rejects(promise, check, message) {
    let value;
    try {
      value = await (typeof promise === "function" ? promise() : promise);
    } catch (error) {
      if (!matches(error, check))
        fail(message, `rejected with ${show(error)}, expected ${show(check)}`);
      return error;
    }
    return fail(message, `resolved with ${show(value)}, expected a rejection with ${show(check)}`);
  },
  /** @returns what it threw */
  throws(call, check, message) {
    let value;
    try {
      value = call();
    } catch (error) {
      if (!matches(error, check)) fail(message, `threw ${show(error)}, expected ${show(check)}`);
      return error;
    }
    return fail(message, `returned ${show(value)}, expected it to throw ${show(check)}`);
  },
};

/** A file of tests/vectors. */
export async function vector(name) {
  const url = new URL(`../vectors/${name}`, import.meta.url);
  if (url.protocol === "file:")
    return new Uint8Array(await (await import("node:fs/promises")).readFile(url));
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${name}: HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
