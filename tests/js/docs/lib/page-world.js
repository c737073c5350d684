/**
 * What the examples find around them in a page, under the names that stand for the reader's own
 * things; and what they did to it. The server is `world.js`'s, which says too what may go wrong on
 * the way.
 */
import * as age from "age-rt-wasm";
import { identity } from "age-rt-wasm/recipients";
import { MINE, THEIRS } from "./example-keys.js";

const PASSPHRASE = "correct horse battery staple";
const NAME = "report.pdf";
const MESSAGES = ["Hello", "World"];

const utf8 = (text) => new TextEncoder().encode(text);
const text = (bytes) => new TextDecoder().decode(bytes);
const log = console.log;
const fetchHere = globalThis.fetch;

let complaints = [];
for (const name of ["warn", "error"])
  console[name] = (...values) => void complaints.push(values.join(" "));
addEventListener("unhandledrejection", ({ reason }) =>
  complaints.push(`unhandled rejection: ${reason?.stack ?? reason}`),
);
addEventListener("error", ({ message }) => complaints.push(`uncaught: ${message}`));

/** As Node's console prints it, so that examples promise one thing everywhere. */
function show(value) {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return `Uint8Array(${value.length}) [ ${value.join(", ")} ]`;
  return JSON.stringify(value) ?? String(value);
}

/**
 * Runs the example at `url`.
 *
 * @param situation - `passphrase`, and `wrong`, which `world.js` explains
 * @returns `printed`, `effects` (how many things it did), `mistakes` (what of it is wrong),
 * `complaints`, and `error`, where it threw one
 */
export async function run(url, { passphrase = PASSPHRASE, wrong, sets } = {}) {
  const report = await (await fetchHere("/plain")).text();
  const printed = [];
  const shown = [];
  const written = [];
  const saved = [];
  let closed = false;
  complaints = [];
  console.log = (...values) => void printed.push(values.map(show).join(" "));
  const destination = new WritableStream({
    write: (part) => void written.push(part),
    close: () => void (closed = true),
  });
  // What a click on such a link saves, and nothing on this machine's disk.
  HTMLAnchorElement.prototype.click = function () {
    saved.push({ name: this.download, body: fetchHere(this.href) });
  };
  set({
    passphrase,
    mine: MINE.identity,
    theirs: THEIRS.recipient,
    url: `ws://${location.host}/`,
    file: new File([report], NAME),
    encrypted: await (await fetchHere(`/encrypted-${NAME}.age`)).blob(),
    chunks: MESSAGES.map(utf8),
    source: streamOf(MESSAGES.map(utf8)),
    destination,
    handle: { createWritable: async () => destination },
    show: (chunk) => void shown.push(text(chunk)),
    fetch: async (path, options) => {
      const abort = new AbortController();
      const response = await fetchHere(path, { ...options, signal: abort.signal });
      if (wrong === "abort") abort.abort();
      return response;
    },
  });
  let error;
  try {
    await import(url);
  } catch (thrown) {
    error = describe(thrown);
  }
  // An unhandled rejection is told of after the microtasks.
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log = log;
  globalThis.fetch = fetchHere;

  let effects = printed.length;
  const mistakes = [];
  const check = (what, plain) => {
    effects += 1;
    if (![report, MESSAGES.join("")].includes(plain))
      mistakes.push(`${what}: ${plain.slice(0, 100)}`);
  };
  if (error === undefined) {
    if (shown.length > 0) check("shown", shown.join(""));
    if (written.length > 0) {
      if (!closed) mistakes.push("the destination was not closed");
      check("written", await opened(written));
    }
    for (const { name, body } of saved) {
      if (name !== NAME) mistakes.push(`saved as ${name}`);
      check("saved", await opened([await (await body).blob()]));
    }
    // A setting shows in what comes after it.
    if (effects === 0 && sets)
      check("set", text(await age.decrypt(await age.encrypt(report, "pw"), "pw")));
  }
  return { printed, effects, mistakes, complaints, error };
}

/** What was written is the report or the messages, as they are or encrypted, armored or not. */
async function opened(parts) {
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const start = text(bytes.subarray(0, 30));
  const isFile = /^(age-encryption\.org\/|github\.com\/|-----BEGIN AGE)/.test(start);
  if (!isFile) return text(bytes);
  // Or with the passphrase that examples change it to, or for whom they know.
  const plain = age
    .decrypt(bytes, PASSPHRASE)
    .catch(() => age.decrypt(bytes, "the new passphrase"))
    .catch(() => age.decrypt(bytes, identity(THEIRS.identity)));
  return text(await plain);
}

function describe(thrown) {
  return {
    name: thrown?.name,
    code: thrown?.code,
    ours: thrown instanceof age.AgeRtError,
    text: `${thrown?.name} ${thrown?.code ?? ""}: ${thrown?.message}\n${thrown?.stack ?? ""}`,
    message: String(thrown?.message),
  };
}

/** `origin` is the page's own. */
function set(values) {
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function streamOf(chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}
