/**
 * Passkeys in Chromium, with virtual authenticators of its own: ours, and those of age-encryption
 * (typage), unmodified, each with what the other has made.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { AUTHENTICATOR } from "../lib/authenticator.js";
import { root } from "../lib/repository.js";
import { Chromium } from "../lib/chromium.js";

const SECURITY_KEY = { ...AUTHENTICATOR, transport: "usb", hasResidentKey: false };

let chromium;
let typage;
before(async () => {
  chromium = await Chromium.start();
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "age-encryption";', resolveDir: root },
    bundle: true,
    format: "iife",
    globalName: "typage",
    write: false,
  });
  typage = outputFiles[0].text;
});
after(() => chromium?.stop());

/**
 * Runs `work` in a page with its own authenticator; null is none. In the page are `age`,
 * `passkeys`, `recipients` and `typage`, and `outcome(promise)`, which tells an error's code, name,
 * message and the name of its cause.
 */
async function inPage(authenticator, work, argument) {
  const { page } = await chromium.open();
  try {
    const client = await page.createCDPSession();
    await client.send("WebAuthn.enable");
    if (authenticator)
      await client.send("WebAuthn.addVirtualAuthenticator", { options: authenticator });
    await page.addScriptTag({ content: typage });
    await page.evaluate(async () => {
      globalThis.recipients = await import("age-rt-wasm/recipients");
      globalThis.passkeys = globalThis.recipients.passkeys;
      globalThis.outcome = (promise) =>
        promise.then(
          (value) => ({ value }),
          ({ code, name, message, cause }) => ({ code, name, message, cause: cause?.name }),
        );
    });
    return await page.evaluate(work, argument);
  } finally {
    await page.close();
  }
}

/**
 * Chromium's answers, but for the results, which `change` (a function's text) makes of two arrays
 * of bytes.
 */
function withResults(change, work) {
  return inPage(
    AUTHENTICATOR,
    async ({ change, work }) => {
      const mine = await globalThis.passkeys.create({ name: "altered" });
      const file = await globalThis.age.encrypt("text", globalThis.passkeys.key(mine));
      const get = navigator.credentials.get.bind(navigator.credentials);
      const changed = (0, eval)(change);
      navigator.credentials.get = async (options) => {
        const given = await get(options);
        const { first, second } = given.getClientExtensionResults().prf.results;
        const bytes = [new Uint8Array(first), new Uint8Array(second)];
        globalThis.given = changed(bytes);
        return { getClientExtensionResults: () => ({ prf: { results: globalThis.given } }) };
      };
      return (0, eval)(work)(mine, file);
    },
    { change: String(change), work: String(work) },
  );
}

describe("there and back", () => {
  for (const [what, authenticator, type] of [
    ["a passkey", AUTHENTICATOR, "passkey"],
    ["a passkey on a USB key", { ...AUTHENTICATOR, transport: "usb" }, "passkey"],
    ["a security key", SECURITY_KEY, "security-key"],
  ])
    for (const format of ["age", "age-rt"])
      test(`${what}, ${format}`, async () => {
        const made = await inPage(
          authenticator,
          async ({ type, format }) => {
            const { age, passkeys } = globalThis;
            const mine = await passkeys.create({ name: "notes", type });
            const file = await age.encrypt("text", passkeys.key(mine), { format });
            const { stanza_types, postquantum } = await (
              await import("age-rt-wasm/header")
            ).inspect(file);
            const text = new TextDecoder().decode(await age.decrypt(file, passkeys.key(mine)));
            return { mine, text, stanza_types, postquantum };
          },
          { type, format },
        );
        assert.match(made.mine, /^AGE-PLUGIN-FIDO2PRF-1[A-Z0-9]+$/);
        assert.equal(made.text, "text");
        assert.deepEqual(made.stanza_types, ["age-encryption.org/fido2prf"]);
        assert.equal(made.postquantum, "yes");
      });

  test("without an identity the authenticator finds the passkey", async () => {
    const text = await inPage(AUTHENTICATOR, async () => {
      const { age, passkeys } = globalThis;
      await passkeys.create({ name: "notes", rpId: "localhost" });
      const file = await age.encrypt("text", passkeys.key());
      return new TextDecoder().decode(
        await age.decrypt(file, passkeys.key(undefined, { rpId: "localhost" })),
      );
    });
    assert.equal(text, "text");
  });

  test("a stream of 1 MB, and one prompt each way", async () => {
    const { prompts, same } = await inPage(AUTHENTICATOR, async () => {
      const { age, passkeys } = globalThis;
      const mine = await passkeys.create({ name: "notes" });
      let prompts = 0;
      const get = navigator.credentials.get.bind(navigator.credentials);
      navigator.credentials.get = (options) => {
        prompts += 1;
        return get(options);
      };
      const bytes = new Uint8Array(1_000_000).map((_, i) => i);
      const back = new Blob([bytes])
        .stream()
        .pipeThrough(new age.AgeEncryptStream(passkeys.key(mine)))
        .pipeThrough(new age.AgeDecryptStream(passkeys.key(mine)));
      const out = new Uint8Array(await new Response(back).arrayBuffer());
      return { prompts, same: out.every((byte, i) => byte === bytes[i]) && out.length === 1e6 };
    });
    assert.deepEqual({ prompts, same }, { prompts: 2, same: true });
  });

  test("beside a hybrid recipient, and never beside a classic one", async () => {
    const { text, other, refused } = await inPage(AUTHENTICATOR, async () => {
      const { age, outcome, passkeys, recipients } = globalThis;
      const passkey = passkeys.key(await passkeys.create({ name: "notes" }));
      const hybrid = await recipients.generateIdentity("hybrid");
      const classic = await recipients.generateIdentity();
      const to = async (secret) => recipients.recipient(await recipients.recipientOf(secret));
      const file = await age.encrypt("text", [await to(hybrid), passkey]);
      const decoded = async (key) => new TextDecoder().decode(await age.decrypt(file, key));
      return {
        text: await decoded(passkey),
        other: await decoded(recipients.identity(hybrid)),
        refused: await outcome(age.encrypt("text", [await to(classic), passkey])),
      };
    });
    assert.deepEqual([text, other], ["text", "text"]);
    assert.equal(refused.code, "incompatible-recipients");
  });

  test("three keys at once ask one after the other", async () => {
    const texts = await inPage(AUTHENTICATOR, async () => {
      const { age, passkeys } = globalThis;
      const mine = passkeys.key(await passkeys.create({ name: "notes" }));
      const files = await Promise.all(["a", "b", "c"].map((text) => age.encrypt(text, mine)));
      const plain = await Promise.all(files.map((file) => age.decrypt(file, mine)));
      return plain.map((bytes) => new TextDecoder().decode(bytes));
    });
    assert.deepEqual(texts, ["a", "b", "c"]);
  });
});

describe("with typage", () => {
  for (const type of ["passkey", "security-key"])
    test(`a ${type}: either identity opens either file, with either's classes`, async () => {
      const texts = await inPage(
        type === "passkey" ? AUTHENTICATOR : SECURITY_KEY,
        async (type) => {
          const { age, passkeys, typage } = globalThis;
          const { webauthn, Encrypter, Decrypter } = typage;
          const made = [await passkeys.create({ name: "ours", type })];
          if (type === "security-key")
            made.push(await webauthn.createCredential({ keyName: "theirs", type }));
          const texts = [];
          for (const identity of made) {
            const ours = passkeys.key(identity);
            const [to, from] = [
              new webauthn.WebAuthnRecipient({ identity }),
              new webauthn.WebAuthnIdentity({ identity }),
            ];
            for (const recipient of [ours, to]) {
              const encrypter = new Encrypter();
              encrypter.addRecipient(recipient);
              for (const file of [
                await age.encrypt("text", recipient),
                await encrypter.encrypt("text"),
              ])
                for (const key of [ours, from]) {
                  const decrypter = new Decrypter();
                  decrypter.addIdentity(key);
                  texts.push(
                    new TextDecoder().decode(await age.decrypt(file, key)),
                    await decrypter.decrypt(file, "text"),
                  );
                }
            }
          }
          return texts;
        },
        type,
      );
      // Identities, recipients, who encrypts, keys, who decrypts.
      const count = (type === "passkey" ? 1 : 2) * 2 ** 4;
      assert.deepEqual(
        texts,
        Array.from({ length: count }, () => "text"),
      );
    });

  test("its passkey, in our key", async () => {
    const text = await inPage(AUTHENTICATOR, async () => {
      const { age, passkeys, typage } = globalThis;
      const identity = await typage.webauthn.createCredential({ keyName: "theirs" });
      const file = await age.encrypt("text", new typage.webauthn.WebAuthnRecipient({ identity }));
      return new TextDecoder().decode(await age.decrypt(file, passkeys.key(identity)));
    });
    assert.equal(text, "text");
  });
});

describe("results as they come", () => {
  for (const [what, change] of [
    ["ArrayBuffers", (bytes) => ({ first: bytes[0].buffer, second: bytes[1].buffer })],
    [
      "views",
      (bytes) => {
        const whole = new Uint8Array([9, ...bytes[0], ...bytes[1], 9]);
        return { first: whole.subarray(1, 33), second: new DataView(whole.buffer, 33, 32) };
      },
    ],
    ["arrays of numbers", (bytes) => ({ first: [...bytes[0]], second: [...bytes[1]] })],
  ])
    test(`${what}, which are wiped`, async () => {
      const { text, left } = await withResults(change, async (mine, file) => {
        const { age, passkeys } = globalThis;
        const plain = await age.decrypt(file, passkeys.key(mine));
        const { first, second } = globalThis.given;
        const left = [first, second].flatMap((value) =>
          Array.isArray(value)
            ? value
            : ArrayBuffer.isView(value)
              ? [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]
              : [...new Uint8Array(value)],
        );
        return { text: new TextDecoder().decode(plain), left };
      });
      assert.equal(text, "text");
      assert.deepEqual(
        left,
        Array.from({ length: 64 }, () => 0),
      );
    });

  for (const [what, change] of [
    ["no results", () => undefined],
    ["one result", (bytes) => ({ first: bytes[0] })],
    ["empty results", () => ({ first: new ArrayBuffer(0), second: new ArrayBuffer(0) })],
    ["short results", (bytes) => ({ first: bytes[0].subarray(1), second: bytes[1] })],
    ["text", () => ({ first: "a".repeat(32), second: "b".repeat(32) })],
    [
      "numbers that are no bytes",
      () => ({ first: Array(32).fill(256), second: Array(32).fill(1) }),
    ],
    ["other objects", () => ({ first: { byteLength: 32 }, second: { byteLength: 32 } })],
  ])
    test(`${what}: no-passkeys, both ways`, async () => {
      const outcomes = await withResults(change, async (mine, file) => {
        const { age, outcome, passkeys } = globalThis;
        return [
          await outcome(age.encrypt("text", passkeys.key(mine))),
          await outcome(age.decrypt(file, passkeys.key(mine))),
        ];
      });
      for (const { code, name, message } of outcomes) {
        assert.deepEqual([code, name], ["no-passkeys", "NotSupportedError"]);
        assert.match(message, /PRF/);
      }
    });
});

describe("refusals", () => {
  test("an authenticator without PRF", async () => {
    const made = await inPage({ ...AUTHENTICATOR, hasPrf: false }, () =>
      globalThis.outcome(globalThis.passkeys.create({ name: "notes" })),
    );
    assert.deepEqual([made.code, made.cause], ["no-passkeys", undefined]);
    assert.match(made.message, /PRF/);
  });

  test("a user who says no, when it is made and when it is used", async () => {
    const refusing = { ...AUTHENTICATOR, isUserVerified: false };
    const outcomes = await inPage(refusing, async () => {
      const { age, outcome, passkeys } = globalThis;
      return [
        await outcome(passkeys.create({ name: "notes" })),
        await outcome(age.encrypt("text", passkeys.key())),
      ];
    });
    for (const { code, cause } of outcomes)
      assert.deepEqual([code, cause], ["no-passkeys", "NotAllowedError"]);
  });

  test("another domain's passkey", async () => {
    const { code, cause, message } = await inPage(AUTHENTICATOR, () =>
      globalThis.outcome(globalThis.passkeys.create({ name: "notes", rpId: "other.example" })),
    );
    assert.deepEqual([code, cause], ["no-passkeys", "SecurityError"]);
    assert.match(message, /domain/);
  });

  test("a file that another passkey has made: no-identity-match", async () => {
    const { code, stanzaTypes } = await inPage(SECURITY_KEY, async () => {
      const { age, passkeys } = globalThis;
      const [mine, other] = [
        await passkeys.create({ name: "mine", type: "security-key" }),
        await passkeys.create({ name: "other", type: "security-key" }),
      ];
      const file = await age.encrypt("text", passkeys.key(other));
      return age.decrypt(file, passkeys.key(mine)).then(
        () => ({}),
        ({ code, stanzaTypes }) => ({ code, stanzaTypes }),
      );
    });
    assert.equal(code, "no-identity-match");
    assert.deepEqual(stanzaTypes, ["age-encryption.org/fido2prf"]);
  });

  test("files without its stanza, and malformed ones, ask nobody", async () => {
    const { prompts, outcomes } = await inPage(AUTHENTICATOR, async () => {
      const { age, outcome, passkeys, recipients } = globalThis;
      let prompts = 0;
      navigator.credentials.get = () => {
        prompts += 1;
        return Promise.resolve(null);
      };
      const type = "age-encryption.org/fido2prf";
      const nonce = "AAAAAAAAAAAAAAAAAAAAAA";
      const others = await recipients.recipientOf(await recipients.generateIdentity());
      const outcomes = [
        await outcome(
          age.decrypt(await age.encrypt("text", recipients.recipient(others)), passkeys.key()),
        ),
      ];
      for (const stanza of [
        { args: [type], body: new Uint8Array(32) },
        { args: [type, nonce, nonce], body: new Uint8Array(32) },
        { args: [type, nonce.slice(1)], body: new Uint8Array(32) },
        { args: [type, `${nonce.slice(1)}B`], body: new Uint8Array(32) },
        { args: [type, nonce], body: new Uint8Array(31) },
      ]) {
        const file = await age.encrypt("text", { wrapFileKey: () => [stanza] });
        outcomes.push(await outcome(age.decrypt(file, passkeys.key())));
      }
      return { prompts, outcomes };
    });
    assert.equal(prompts, 0);
    assert.deepEqual(
      outcomes.map(({ code }) => code),
      ["no-identity-match", ...Array.from({ length: 5 }, () => "invalid-header")],
    );
  });

  test("bad arguments are told before anybody is asked", async () => {
    const names = await inPage(AUTHENTICATOR, async () => {
      const { outcome, passkeys } = globalThis;
      const mine = await passkeys.create({ name: "notes" });
      const made = [{}, { name: "" }, { name: "a", type: "key" }, { name: "a", rpId: 1 }];
      const keys = [[1], ["AGE-PLUGIN-FIDO2PRF-1QQ"], [mine.toLowerCase()], [mine.slice(0, -1)]];
      keys.push([mine, { rpId: "other.example" }], [undefined, { rpId: 1 }]);
      return [
        ...(await Promise.all(made.map((options) => outcome(passkeys.create(options))))),
        ...(await Promise.all(keys.map((args) => outcome((async () => passkeys.key(...args))())))),
        await outcome((async () => globalThis.recipients.identity(mine))()),
      ].map(({ name, code }) => code ?? name);
    });
    assert.deepEqual(names, [
      ...["TypeError", "RangeError", "RangeError", "TypeError"],
      ...["TypeError", "invalid-identity", "invalid-identity", "invalid-identity"],
      ...["TypeError", "TypeError", "invalid-identity"],
    ]);
  });
});

describe("signals", () => {
  const slow = { ...AUTHENTICATOR, automaticPresenceSimulation: false };

  test("end a prompt, and those that wait behind it, with their reason", async () => {
    const outcomes = await inPage(slow, async () => {
      const { age, outcome, passkeys } = globalThis;
      const first = new AbortController();
      const made = outcome(passkeys.create({ name: "notes", signal: first.signal }));
      const own = new AbortController();
      const waiting = outcome(age.encrypt("text", passkeys.key(undefined, { signal: own.signal })));
      own.abort(new RangeError("own"));
      const outcomes = [await waiting];
      const stream = new AbortController();
      const behind = outcome(age.encrypt("text", passkeys.key(), { signal: stream.signal }));
      first.abort(new RangeError("made"));
      outcomes.push(await made);
      // Its prompt is open now.
      await new Promise((resolve) => setTimeout(resolve, 100));
      stream.abort(new RangeError("stream"));
      outcomes.push(await behind);
      const aborted = AbortSignal.abort(new RangeError("before"));
      outcomes.push(await outcome(passkeys.create({ name: "notes", signal: aborted })));
      outcomes.push(
        await outcome(age.encrypt("text", passkeys.key(undefined, { signal: aborted }))),
      );
      return outcomes;
    });
    assert.deepEqual(
      outcomes.map(({ name, message }) => [name, message]),
      ["own", "made", "stream", "before", "before"].map((message) => ["RangeError", message]),
    );
  });
});

describe("hosts", () => {
  test("a page that can says so; a worker cannot", async () => {
    const supported = await inPage(null, async () => {
      const source = `import(${JSON.stringify(
        new URL("/node_modules/age-rt-wasm/dist/recipients.js", location.href).href,
      )}).then(async ({ passkeys }) =>
        postMessage([
          await passkeys.isSupported(),
          await passkeys.create({ name: "notes" }).catch((error) => error.code),
        ]));`;
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      const worker = new Worker(url, { type: "module" });
      const [there, code] = await new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
      });
      worker.terminate();
      return { here: await globalThis.passkeys.isSupported(), there, code };
    });
    assert.deepEqual(supported, { here: true, there: false, code: "no-passkeys" });
  });

  test("an http page: no-webcrypto", async () => {
    const { page } = await chromium.open();
    try {
      // The same site under a name that is neither https nor localhost.
      await page.setRequestInterception(true);
      page.on("request", async (request) => {
        const { pathname } = new URL(request.url());
        const answer = await fetch(chromium.origin + pathname);
        const contentType = answer.headers.get("Content-Type");
        await request.respond({ contentType, body: Buffer.from(await answer.arrayBuffer()) });
      });
      await page.goto("http://site.example/page");
      const refused = await page.evaluate(async () => {
        const { passkeys } = await import("age-rt-wasm/recipients");
        const { code } = await passkeys.create({ name: "notes" }).catch((error) => error);
        return [code, await passkeys.isSupported()];
      });
      assert.deepEqual(refused, ["no-webcrypto", false]);
    } finally {
      await page.close();
    }
  });

  test("Node has none", async () => {
    const { passkeys } = await import("age-rt-wasm/recipients");
    assert.equal(await passkeys.isSupported(), false);
    await assert.rejects(passkeys.create({ name: "notes" }), { code: "no-passkeys" });
    await assert.rejects(passkeys.key().wrapFileKey(new Uint8Array(16)), { code: "no-passkeys" });
    assert.equal(await passkeys.key().unwrapFileKey([]), null);
  });
});
