/**
 * The modules of keys: what a call was given, what it computed and what it gave is gone from their
 * memory once it ends, however it ends. And how deep calls write into the stack, which is measured
 * here and not reasoned.
 */
import { atCall, holds, instanceCount, memoryAt, replace, trap } from "../lib/instances.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { x25519 } from "@noble/curves/ed25519.js";
import { p256 as curve } from "@noble/curves/nist.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { shake256 } from "@noble/hashes/sha3.js";
import { MLKEM768P256, XWing } from "@noble/post-quantum/hybrid.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { bech32 } from "@scure/base";
import { identity, recipient, sshIdentity } from "age-rt-wasm/recipients";
import { generateKeyPairSync, randomBytes } from "node:crypto";

/** Where the linker puts the stack: from here downwards, below all data. */
const STACK_TOP = 1024 * 1024;
/** What `scrub_deep_stack` overwrites, in `src/memory.rs`. */
const SCRUBBED = 64 * 1024;
const PAINT = 0xa5;

const text = (prefix, bytes) => bech32.encode(prefix, bech32.toWords(bytes), false);
const joined = (...parts) => Buffer.concat(parts);
const utf8 = (string) => new TextEncoder().encode(string);
const fromBase64 = (string) => new Uint8Array(Buffer.from(string, "base64"));

/**
 * Each: who wraps, who unwraps, and every secret of theirs by its name. Of the modules' functions,
 * which gets the file key, which the identity, which gives the file key, and how many modules there
 * are.
 */
const KINDS = {
  x25519: () => {
    const scalar = new Uint8Array(randomBytes(32));
    const point = x25519.getPublicKey(scalar);
    return {
      calls: { seal: "x25519Wrap", use: "x25519Unwrap", open: "x25519Unwrap", modules: 1 },
      to: recipient(text("age", point)),
      from: identity(text("age-secret-key-", scalar).toUpperCase()),
      secrets: { scalar },
      derived: ({ args: [, share] }) => {
        const bytes = fromBase64(share);
        const shared = x25519.getSharedSecret(scalar, bytes);
        const info = utf8("age-encryption.org/v1/X25519");
        return { shared, wrapKey: hkdf(sha256, shared, joined(bytes, point), info, 32) };
      },
    };
  },
  hybrid: () => {
    const seed = new Uint8Array(randomBytes(32));
    const { publicKey, secretKey } = XWing.keygen(seed);
    const expanded = shake256(seed, { dkLen: 96 });
    // FIPS 203's private key begins with a vector of polynomials: 12 bits for each number, or a
    // word in memory.
    const polynomials = ml_kem768.keygen(expanded.subarray(0, 64)).secretKey.subarray(0, 1152);
    return {
      calls: { seal: "hybridSeal", use: "hybridDecapsulate", open: "hybridOpen", modules: 2 },
      to: recipient(text("age1pq", publicKey)),
      from: identity(text("age-secret-key-pq-", seed).toUpperCase()),
      secrets: {
        seed,
        d: expanded.subarray(0, 32),
        z: expanded.subarray(32, 64),
        scalar: expanded.subarray(64),
        ...Object.fromEntries(
          [0, 384, 768].flatMap((at, i) => [
            [`polynomial ${i}`, polynomials.subarray(at, at + 48)],
            [`polynomial ${i}, as words`, words(polynomials.subarray(at, at + 48))],
          ]),
        ),
      },
      derived: ({ args: [, enc] }) => ({ shared: XWing.decapsulate(fromBase64(enc), secretKey) }),
    };
  },
};

/** Numbers of 12 bits each, as ML-KEM computes with them. */
function words(packed) {
  const numbers = new Uint16Array((packed.length / 3) * 2);
  for (let i = 0; i < numbers.length; i += 2) {
    const at = (i / 2) * 3;
    numbers[i] = packed[at] | ((packed[at + 1] & 15) << 8);
    numbers[i + 1] = (packed[at + 1] >> 4) | (packed[at + 2] << 4);
  }
  return new Uint8Array(numbers.buffer);
}

const without = (secrets, when) => {
  for (const [name, secret] of Object.entries(secrets))
    assert.ok(!holds(Buffer.from(secret)), `${name} ${when}`);
};

for (const [kind, make] of Object.entries(KINDS)) {
  describe(kind, () => {
    async function wrapped({ calls, to, derived }) {
      const fileKey = new Uint8Array(randomBytes(16));
      const seen = atCall(calls.seal, () => assert.ok(holds(Buffer.from(fileKey)), "before"));
      const [stanza] = await to.wrapFileKey(fileKey.slice());
      seen();
      return { fileKey, stanza, all: { fileKey, ...derived(stanza) } };
    }

    test("wrapped and unwrapped", async () => {
      const keys = make();
      const { fileKey, stanza, all } = await wrapped(keys);
      without(all, "after wrapping");
      const own = keys.secrets[`polynomial 0`] ?? keys.secrets.scalar;
      const before = atCall(keys.calls.use, () => assert.ok(holds(Buffer.from(own)), "before"));
      const after = atCall(keys.calls.open, () => assert.ok(holds(Buffer.from(fileKey))), "after");
      assert.deepEqual(await keys.from.unwrapFileKey([stanza]), fileKey);
      before();
      after();
      without({ ...keys.secrets, ...all }, "after unwrapping");
    });

    test("unwrapped by somebody else, and after a changed body", async () => {
      const [keys, other] = [make(), make()];
      const { stanza, all } = await wrapped(keys);
      assert.equal(await other.from.unwrapFileKey([stanza]), null);
      const body = stanza.body.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
      assert.equal(await keys.from.unwrapFileKey([{ ...stanza, body }]), null);
      without({ ...keys.secrets, ...all, other: Object.values(other.secrets)[0] }, "after it");
    });

    test("a share of low order", async () => {
      const keys = make();
      const { stanza, all } = await wrapped(keys);
      const share = fromBase64(stanza.args[1]).fill(0, -32);
      const args = [stanza.args[0], Buffer.from(share).toString("base64").replace(/=+$/, "")];
      await assert.rejects(keys.from.unwrapFileKey([{ ...stanza, args }]), {
        code: "invalid-header",
      });
      without({ ...keys.secrets, ...all }, "after it");
    });

    test("a trap", async () => {
      const keys = make();
      const { stanza, all } = await wrapped(keys);
      for (const name of new Set([keys.calls.use, keys.calls.open])) {
        const restore = replace(name, trap);
        await assert.rejects(keys.from.unwrapFileKey([stanza]), { code: "internal" });
        restore();
        without({ ...keys.secrets, ...all }, `after one in ${name}`);
        assert.ok(await keys.from.unwrapFileKey([stanza]));
      }
    });

    test("the stack: what calls leave there, and how deep", async (t) => {
      const keys = make();
      const { stanza } = await wrapped(keys);
      /** Of each instance that was called: how far down it wrote, and what else than zeros. */
      const call = async (work) => {
        const indices = Array.from({ length: instanceCount() }, (_, i) => i);
        for (const index of indices) memoryAt(index).fill(PAINT, 0, STACK_TOP);
        await work();
        return indices.flatMap((index) => {
          const stack = memoryAt(index).subarray(0, STACK_TOP);
          const deepest = stack.findIndex((byte) => byte !== PAINT);
          if (deepest < 0) return [];
          const left = stack.findIndex((byte) => byte !== PAINT && byte !== 0);
          return [{ deepest: STACK_TOP - deepest, left: left < 0 ? 0 : STACK_TOP - left }];
        });
      };
      for (const [name, work] of [
        ["wrap", () => keys.to.wrapFileKey(new Uint8Array(randomBytes(16)))],
        ["unwrap", () => keys.from.unwrapFileKey([stanza])],
      ]) {
        const called = await call(work);
        assert.equal(called.length, keys.calls.modules);
        for (const { deepest, left } of called) {
          t.diagnostic(`${name}: written down to ${deepest} bytes, other than zeros to ${left}`);
          assert.ok(deepest > SCRUBBED, "the scrubbing was seen");
          assert.ok(left < SCRUBBED, "nothing is left below what is scrubbed");
        }
      }
    });
  });
}

describe("on its way from one module to another through JavaScript, a secret is wiped", () => {
  /** Runs `work`, and looks at all results of 32 bytes that it had: only bodies are left. */
  async function spent(work) {
    const { slice } = Uint8Array.prototype;
    const results = [];
    Uint8Array.prototype.slice = function (...args) {
      const result = slice.apply(this, args);
      if (result.length === 32) results.push({ result, was: Buffer.from(result) });
      return result;
    };
    let given;
    try {
      given = await work();
    } finally {
      Uint8Array.prototype.slice = slice;
    }
    const body = Array.isArray(given) ? Buffer.from(given[0].body) : undefined;
    const secrets = results.filter(({ was }) => !body?.equals(was));
    assert.ok(secrets.length > 0, "one was seen");
    for (const { result } of secrets) assert.ok(result.every((byte) => byte === 0));
    return secrets.map(({ was }) => was);
  }
  const fileKey = new Uint8Array(16).fill(7);

  test("of a hybrid key", async () => {
    const { to, from, derived } = KINDS.hybrid();
    let stanzas;
    const seen = await spent(async () => (stanzas = await to.wrapFileKey(fileKey.slice())));
    const expected = [Buffer.from(derived(stanzas[0]).shared)];
    assert.deepEqual(seen, expected);
    assert.deepEqual(await spent(() => from.unwrapFileKey(stanzas)), expected);
  });

  test("of hardware keys, with ML-KEM and without", async () => {
    const point = curve.getPublicKey(curve.utils.randomSecretKey(), true);
    assert.equal(
      (await spent(() => recipient(text("age1tag", point)).wrapFileKey(fileKey))).length,
      1,
    );
    const { publicKey } = MLKEM768P256.keygen(new Uint8Array(randomBytes(32)));
    const to = recipient(text("age1tagpq", publicKey));
    assert.equal((await spent(() => to.wrapFileKey(fileKey))).length, 2);
  });
});

test("P-256 with ML-KEM: what a call was given and computed is wiped", async () => {
  const { publicKey, secretKey } = MLKEM768P256.keygen(new Uint8Array(randomBytes(32)));
  const fileKey = new Uint8Array(randomBytes(16));
  const seen = atCall("hybridTagSeal", () => assert.ok(holds(Buffer.from(fileKey))));
  const to = recipient(text("age1tagpq", publicKey));
  const [{ args }] = await to.wrapFileKey(fileKey.slice());
  seen();
  const shared = MLKEM768P256.decapsulate(fromBase64(args[2]), secretKey);
  without({ fileKey, shared }, "after wrapping");
});

test("P-256: what an exchange gives is wiped, and the seed of an SSH key is", async () => {
  const compressed = curve.getPublicKey(curve.utils.randomSecretKey(), true);
  const fileKey = new Uint8Array(randomBytes(16));
  const seen = atCall("tagWrap", () => assert.ok(holds(Buffer.from(fileKey))));
  await recipient(text("age1tag", compressed)).wrapFileKey(fileKey.slice());
  seen();
  without({ fileKey }, "after wrapping");

  const { privateKey } = generateKeyPairSync("ed25519");
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32);
  const mine = await sshIdentity(privateKey.export({ format: "pem", type: "pkcs8" }));
  const before = atCall("sshScalar", () => assert.ok(holds(seed)));
  const stanza = { args: ["ssh-ed25519", "AAAAAA", "A".repeat(43)], body: new Uint8Array(32) };
  assert.equal(await mine.unwrapFileKey([stanza]), null);
  before();
  without({ seed, scalar: sha512(seed).subarray(0, 32) }, "after it");
});
