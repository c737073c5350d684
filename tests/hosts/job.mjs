/**
 * What every host does with the package. Runs inside of the host, so it imports nothing and takes
 * the package as an argument; what came out is judged outside (judge.mjs), by another host.
 */
const PASSPHRASE = "correct horse battery staple";
const PLAINTEXT = "attack at dawn";

/** tests/vectors/age_1.age and rt_hello_world.age, made by the reference. */
const FROM_REFERENCE = {
  age: "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBBVG5JM1AxWXZwdlVPR0E0MmN2dEdRIDE4CjZGN201YmluUG1ldG9KRENRclRmalRXWktFSGJPUDhWRU4wSFEvZWovSzgKLS0tIHNyS1dmRGtYOXBNeDl4VHdldUxPUkVhckJvaFR1c2dZOFQzQ0FDRXJwejgKF3jYVYlPYr0GlkUkpfYp0MUpgLM1m8FO3SQSP5xjGYkl",
  "age-rt":
    "Z2l0aHViLmNvbS9wYXJzaW1vbml0L2FnZS1ydC1lbmNyeXB0aW9uL3YwLjIKLT4gc2NyeXB0IGNNWE9WQU9Na0d4SXZ3U0FFaDBMelEgMTgKY0VJTlE2UXhkVlFvbkdKUDJmT2VLS00vNGF3cEdaR2prVmdRd3U3bkNkawotLS0gWlBIWGwxWjJrbDFwVjFWay9jUXhtQkFJWGxDMlREd0xmcWFKNTVua2V1WQpVJBkV3iVNc2UKLLsgabyRAAAAFf53nDSfmvL73JFbO1h4aWRZywACiwAAABWSqHa5maVXfr/uiVGK/KR9yym2tmsAAAAQiyfpCHLLk+n4jc9UyERjsw==",
};
const FORMATS = Object.keys(FROM_REFERENCE);
const MEBIBYTE = 2 ** 20;

/** @returns plain data: per job what came out, or what was thrown */
export async function job(age) {
  return {
    encrypt: await attempt(() =>
      forFormats(async (format) =>
        toBase64(await age.encrypt(PLAINTEXT, PASSPHRASE, { workFactor: 1, format })),
      ),
    ),
    decrypt: await attempt(() =>
      forFormats(async (format) =>
        toBase64(await age.decrypt(fromBase64(FROM_REFERENCE[format]), PASSPHRASE)),
      ),
    ),
    wrongPassphrase: await attempt(() => forFormats((format) => wrongPassphrase(age, format))),
    stream: await attempt(() => forFormats((format) => stream(age, format))),
    derivation: await attempt(() => derivation(age)),
  };
}

async function attempt(task) {
  try {
    return { value: await task() };
  } catch (error) {
    return { error: `${error?.name} ${error?.code ?? ""} ${error?.message}` };
  }
}

async function forFormats(task) {
  const values = {};
  for (const format of FORMATS) values[format] = await task(format);
  return values;
}

async function wrongPassphrase(age, format) {
  const file = await age.encrypt(PLAINTEXT, PASSPHRASE, { workFactor: 1, format });
  try {
    await age.decrypt(file, `${PASSPHRASE}?`);
    return "accepted";
  } catch (error) {
    return { code: error.code, ofItsClass: error instanceof age.WrongPassphraseError };
  }
}

/** @returns how many bytes came back as they were sent, and how many pieces they came in */
async function stream(age, format) {
  const [Encrypt, Decrypt] =
    format === "age"
      ? [age.AgeEncryptStream, age.AgeDecryptStream]
      : [age.AgeRtEncryptStream, age.AgeRtDecryptStream];
  const byteAt = (i) => (i * 31 + (i >> 8)) & 255;
  let sent = 0;
  const source = new ReadableStream({
    pull(controller) {
      if (sent === MEBIBYTE) return controller.close();
      const piece = new Uint8Array(Math.min(50_000, MEBIBYTE - sent)).map((_, i) =>
        byteAt(sent + i),
      );
      sent += piece.length;
      controller.enqueue(piece);
    },
  });
  const reader = source
    .pipeThrough(new Encrypt(PASSPHRASE, { workFactor: 1 }))
    .pipeThrough(new Decrypt(PASSPHRASE))
    .getReader();
  let same = 0;
  let pieces = 0;
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    pieces += 1;
    for (const byte of value) {
      if (byte !== byteAt(same)) throw new Error(`byte ${same} came back as another`);
      same += 1;
    }
  }
  return { same, pieces };
}

/**
 * At the default work factor.
 *
 * @returns how often a timer fired while a worker had its job, how many workers answered one, and
 * what the key does
 */
async function derivation(age) {
  const seen = { answers: 0, ticksMeanwhile: 0 };
  let ticks = 0;
  const unwatch = watchWorkers(
    () => (ticks = 0),
    () => {
      seen.answers += 1;
      seen.ticksMeanwhile += ticks;
    },
  );
  const timer = setInterval(() => (ticks += 1), 5);
  try {
    const encoder = await age.AgeRtEncoder.create(PASSPHRASE);
    const header = encoder.getHeader();
    const message = encoder.encodeChunk(new TextEncoder().encode(PLAINTEXT), true);
    encoder.free();
    const file = new Uint8Array(header.length + message.length);
    file.set(header);
    file.set(message, header.length);
    return { ...seen, file: toBase64(file) };
  } finally {
    clearInterval(timer);
    unwatch();
  }
}

/**
 * Hears of each job that a worker is given and of the first answer to it, wherever this host keeps
 * its workers.
 */
function watchWorkers(given, answered) {
  let threads;
  try {
    threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  } catch {
    // Edge runtimes throw here.
  }
  const undo = [];
  for (const [holder, listen] of [
    [globalThis, "addEventListener"],
    [threads, "on"],
  ]) {
    const Native = holder?.Worker;
    if (typeof Native !== "function") continue;
    holder.Worker = class Worker extends Native {
      #atWork = false;

      constructor(...args) {
        super(...args);
        // Before the package's own listener: what waits for that goes on, as far as it can, before
        // the next one is called.
        this[listen]("message", () => {
          if (this.#atWork) answered();
          this.#atWork = false;
        });
      }

      postMessage(...args) {
        given();
        this.#atWork = true;
        super.postMessage(...args);
      }
    };
    undo.push(() => (holder.Worker = Native));
  }
  return () => undo.forEach((step) => step());
}

function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
