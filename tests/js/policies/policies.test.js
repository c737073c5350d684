/**
 * Policies of a page, in every engine: which Content-Security-Policy suffices, and that a page gets
 * its key under every other.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ENGINES, launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";

/**
 * As strict as a page can be that runs WebAssembly. No eval, no request but for scripts of its own.
 */
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
const MODULE = "/node_modules/age-rt-wasm/dist/index.js";
const KEYS = MODULE.replace("index", "recipients");
const WORKER = "/node_modules/age-rt-wasm/worker.js";
/** Files beside the entry, sorted. */
const beside = (...names) => names.map((name) => MODULE.replace("index.js", name)).sort();

for (const engine of ENGINES) {
  describe(engine, { timeout: 600_000 }, () => {
    let browser;
    let server;
    let requests = [];
    before(async () => {
      const page = ({ pathname, searchParams }, response) => {
        requests.push(pathname);
        // Servers send their policy with everything, and a worker from a file has the one that came
        // with it.
        if (pathname === WORKER) response.setHeader("Content-Security-Policy", STRICT);
        if (searchParams.has("isolated")) {
          response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
          response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
        }
        // A page without an origin is a stranger to its own server.
        response.setHeader("Access-Control-Allow-Origin", "*");
      };
      server = await site({ page });
      browser = await launch(engine);
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });

    /**
     * Encrypts and decrypts a text under a policy, with a derivation each.
     *
     * @returns the text, the addresses of the workers that derived a key, and what the policy
     * forbade.
     */
    async function roundTrip(
      csp,
      { worker, workFactor = 10, query = "", surroundings = false } = {},
    ) {
      const page = await browser.newPage();
      await page.goto(`${server.origin}/page?csp=${encodeURIComponent(csp)}${query}`);
      requests = [];
      const seen = await page.evaluate(inPage, {
        module: server.origin + MODULE,
        worker,
        workFactor,
        surroundings,
      });
      await page.close();
      return seen;
    }

    test("'wasm-unsafe-eval' and blobs as workers are all that it takes", async () => {
      assert.deepEqual(await roundTrip(`${STRICT}; worker-src blob:`), {
        text: "text",
        workers: ["blob:", "blob:"],
        forbidden: [],
      });
    });

    test("nothing is asked of the network but its own files", async () => {
      await roundTrip(`${STRICT}; worker-src blob:`);
      const texts = ["age_rt.wasm.text.js", "worker.text.js"];
      assert.deepEqual(requests, [MODULE, ...texts.map((name) => MODULE.replace(/[^/]+$/, name))]);
    });

    test("keys ask for the module of their kind, when the first of them is used, and for no other", async () => {
      const page = await browser.newPage();
      const csp = `${STRICT}; require-trusted-types-for 'script'; trusted-types 'none'`;
      await page.goto(`${server.origin}/page?csp=${encodeURIComponent(csp)}`);
      const asked = async (what) => {
        requests = [];
        const opened = await page.evaluate(withKeys, { keys: server.origin + KEYS, what });
        return [opened, requests.sort()];
      };
      const texts = ["age_rt.wasm.text.js", "age_rt_recipients.wasm.text.js", "worker.text.js"];
      assert.deepEqual(await asked("x25519"), [
        "text",
        beside("index.js", "recipients.js", ...texts),
      ]);
      assert.deepEqual(await asked("hybrid"), ["text", beside("age_rt_hybrid.wasm.text.js")]);
      assert.deepEqual(await asked("hybrid"), ["text", []]);
      assert.deepEqual(await asked("tag"), ["p256tag", beside("age_rt_p256.wasm.text.js")]);
      await page.close();
    });

    for (const what of ["x25519", "hybrid", "tag"])
      test(`without 'wasm-unsafe-eval' the first ${what} key is wasm-blocked`, async () => {
        const page = await browser.newPage();
        const csp = "default-src 'none'; script-src 'self'";
        await page.goto(`${server.origin}/page?csp=${encodeURIComponent(csp)}`);
        const code = await page.evaluate(withKeys, { keys: server.origin + KEYS, what });
        assert.equal(code, "wasm-blocked");
        await page.close();
      });

    for (const type of ["module", "classic"]) {
      test(`where workers come from files only, the configured one does, as a ${type} script`, async () => {
        const seen = await roundTrip(`${STRICT}; worker-src 'self'`, {
          worker: { path: WORKER, type },
        });
        assert.deepEqual(seen, { text: "text", workers: [WORKER, WORKER], forbidden: [] });
      });
    }

    test("a worker that was configured has the small derivations too", async () => {
      const { workers } = await roundTrip(`${STRICT}; worker-src 'self'`, {
        worker: { path: WORKER, type: "classic" },
        workFactor: 1,
      });
      assert.deepEqual(workers, [WORKER, WORKER]);
    });

    test("without one, small derivations take no worker", async () => {
      const { text, workers } = await roundTrip(`${STRICT}; worker-src blob:`, { workFactor: 8 });
      assert.deepEqual({ text, workers }, { text: "text", workers: [] });
    });

    test("where workers come from files only and none is configured, the calling thread derives", async () => {
      const { text, workers } = await roundTrip(`${STRICT}; worker-src 'self'`);
      assert.deepEqual({ text, workers }, { text: "text", workers: [] });
    });

    test("without any worker the calling thread derives, at full cost too", async () => {
      const seen = await roundTrip(`${STRICT}; worker-src 'none'`, { workFactor: 18 });
      assert.deepEqual({ text: seen.text, workers: seen.workers }, { text: "text", workers: [] });
      assert.ok(
        seen.forbidden.every((directive) => directive === "worker-src"),
        String(seen.forbidden),
      );
    });

    test("a configured worker that the policy forbids is no obstacle", async () => {
      const { text, workers } = await roundTrip(`${STRICT}; worker-src 'none'`, {
        worker: { path: WORKER, type: "classic" },
      });
      assert.deepEqual({ text, workers }, { text: "text", workers: [] });
    });

    test("trusted types: one policy of the package's name is all that it takes", async () => {
      const seen = await roundTrip(
        `${STRICT}; worker-src blob:; require-trusted-types-for 'script'; trusted-types age-rt-wasm`,
      );
      assert.deepEqual(seen, { text: "text", workers: ["blob:", "blob:"], forbidden: [] });
    });

    test("trusted types: where no policy is allowed the key is derived all the same", async () => {
      const { text, workers } = await roundTrip(
        `${STRICT}; worker-src blob:; require-trusted-types-for 'script'; trusted-types 'none'`,
      );
      assert.deepEqual({ text, workers }, { text: "text", workers: [] });
    });

    test("a page that is isolated from other origins has its workers", async () => {
      const seen = await roundTrip(`${STRICT}; worker-src blob:`, {
        query: "&isolated",
        surroundings: true,
      });
      assert.deepEqual(seen, {
        text: "text",
        workers: ["blob:", "blob:"],
        forbidden: [],
        isolated: true,
        origin: server.origin,
      });
    });

    test("a sandboxed page, which has no origin, has its workers", async () => {
      const seen = await roundTrip("sandbox allow-scripts", { surroundings: true });
      assert.deepEqual(seen, {
        text: "text",
        workers: ["blob:", "blob:"],
        forbidden: [],
        isolated: false,
        origin: "null",
      });
    });

    test("without 'wasm-unsafe-eval' the error is wasm-blocked", async () => {
      assert.equal(
        (await roundTrip("default-src 'none'; script-src 'self'; worker-src blob:")).code,
        "wasm-blocked",
      );
    });
  });
}

/** @returns what a key of that kind opened or, of one that encrypts only, wrapped; or a code. */
async function withKeys({ keys, what }) {
  try {
    const { generateIdentity, identity, recipient, recipientOf } = await import(keys);
    if (what === "tag") {
      const tag = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";
      return (await recipient(tag).wrapFileKey(new Uint8Array(16)))[0].args[0];
    }
    const secret = await generateIdentity(what);
    const { decrypt, encrypt } = await import(keys.replace("recipients", "index"));
    const file = await encrypt("text", recipient(await recipientOf(secret)));
    return new TextDecoder().decode(await decrypt(file, identity(secret)));
  } catch (error) {
    return error.code ?? String(error);
  }
}

async function inPage({ module, worker, workFactor, surroundings }) {
  const seen = {
    workers: [],
    forbidden: [],
    ...(surroundings && { isolated: crossOriginIsolated, origin: self.origin }),
  };
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
    seen.forbidden.push(effectiveDirective),
  );
  const Native = Worker;
  globalThis.Worker = class Worker extends Native {
    #answers = 0;

    constructor(url, options) {
      super(url, options);
      const { protocol, pathname } = new URL(url, location.href);
      // The first says that it is there, the second is the key: a worker that was made and
      // forbidden gives none.
      this.addEventListener("message", () => {
        this.#answers += 1;
        if (this.#answers === 2) seen.workers.push(protocol === "blob:" ? protocol : pathname);
      });
    }
  };
  try {
    const age = await import(module);
    if (worker) age.configure({ worker: () => new Worker(worker.path, { type: worker.type }) });
    const file = await age.encrypt("text", "a passphrase", { workFactor });
    seen.text = new TextDecoder().decode(await age.decrypt(file, "a passphrase"));
  } catch (error) {
    seen.code = error.code ?? String(error);
  }
  return seen;
}
