/** Keys: what is made, read, refused and told of them. */
import * as age from "age-rt-wasm";
import {
  generateIdentity,
  identity,
  identityFile,
  passkeys,
  passphraseRecipient,
  readIdentities,
  readRecipients,
  recipient,
  recipientOf,
  sshIdentity,
} from "age-rt-wasm/recipients";
import { assert, vector } from "../harness.js";
import { through } from "../lib/streams.js";
import { bech32, bytesOf as bytesOfKey } from "./lib/bech32.js";
import { concat, lengths, sha256, utf8 } from "./lib/bytes.js";
import { coded } from "./lib/errors.js";
import { fate } from "./lib/fate.js";
import { describe, test } from "./lib/groups.js";

/** The examples of age's specification. */
const SPEC_IDENTITY = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
const SPEC_RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
const SPEC_HYBRID = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";
const SPEC_TAG = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";

const { vectors: index } = JSON.parse(new TextDecoder().decode(await vector("keys/index.json")));

/** The points of Curve25519 whose order is low: https://cr.yp.to/ecdh.html#validate */
const LOW_ORDER = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
];
/** By y. */
const OFF_THE_CURVE = [2, 7, 8, 11];
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));

const TEXT = utf8("attack at dawn");
const TYPES = ["x25519", "hybrid"];
const identities = { x25519: SPEC_IDENTITY, hybrid: SPEC_HYBRID };

async function headerLength(format, keys) {
  const encoder = await (format === "age" ? age.AgeEncoder : age.AgeRtEncoder).create(keys);
  // The nonce of 16 bytes goes with the header.
  const length = encoder.getHeader().length - 16;
  encoder.free();
  return length;
}

for (const type of TYPES) {
  for (const format of ["age", "age-rt"]) {
    test(`${format}, ${type}: there and back`, async () => {
      const secret = await generateIdentity(type);
      const file = await age.encrypt(TEXT, recipient(await recipientOf(secret)), { format });
      assert.deepEqual(await age.decrypt(file, identity(secret)), TEXT);
      await assert.rejects(
        age.decrypt(file, identity(await generateIdentity(type))),
        (error) => error.code === "no-identity-match" && error.stanzaTypes.length === 1,
      );
    });
  }
}

test("the specification's keys", async () => {
  assert.equal(
    bech32("age-secret-key-", new Uint8Array(32).fill(0x42)).toUpperCase(),
    SPEC_IDENTITY,
  );
  assert.equal(await recipientOf(SPEC_IDENTITY), SPEC_RECIPIENT);
  assert.equal((await recipientOf(SPEC_HYBRID)).length, 1959);
  assert.ok((await recipientOf(SPEC_HYBRID)).startsWith("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9"));
});

describe("headers to the byte", () => {
  for (const [format, lengths] of Object.entries({ age: [168, 1627], "age-rt": [191, 1650] })) {
    test(format, async () => {
      for (const [i, type] of TYPES.entries())
        assert.equal(
          await headerLength(format, recipient(await recipientOf(identities[type]))),
          lengths[i],
        );
    });
  }

  test("a hundred hybrid recipients", async () => {
    const one = recipient(await recipientOf(SPEC_HYBRID));
    assert.equal(await headerLength("age", Array(100).fill(one)), 155_770);
  });

  test("a tagged recipient", async () =>
    assert.equal(await headerLength("age", recipient(SPEC_TAG)), 220));
});

test("post-quantum recipients are not mixed with others, and the message says why", async () => {
  const classic = recipient(SPEC_RECIPIENT);
  const hybrid = recipient(await recipientOf(SPEC_HYBRID));
  for (const keys of [
    [classic, hybrid],
    [hybrid, recipient(SPEC_TAG)],
  ])
    await assert.rejects(
      age.encrypt(TEXT, keys),
      (error) => coded("incompatible-recipients")(error) && /quantum/.test(error.message),
    );
  await assert.rejects(
    age.encrypt(TEXT, [classic, passphraseRecipient("pw", { workFactor: 1 })]),
    coded("incompatible-recipients"),
  );
});

describe("recipients that are none", () => {
  const changed = SPEC_RECIPIENT.replace("zvky", "zvkz");
  const cases = {
    "nothing at all": "",
    "a checksum that is wrong": changed,
    "one that is cut short": SPEC_RECIPIENT.slice(0, -1),
    "mixed case": SPEC_RECIPIENT.replace("age1z", "age1Z"),
    "upper case": SPEC_RECIPIENT.toUpperCase(),
    "a private key": SPEC_IDENTITY,
    "a private key in lower case": SPEC_IDENTITY.toLowerCase(),
    "an SSH key without a key": "ssh-ed25519",
    "an SSH key that is cut short": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
    "an SSH key of another type": "ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQAB",
    "a short RSA key": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAwEAAQ==",
  };
  for (const [what, text] of Object.entries(cases)) {
    test(what, () =>
      assert.throws(
        () => recipient(text),
        (error) =>
          error instanceof age.InvalidKeyError &&
          error.code === "invalid-recipient" &&
          (text.length < 12 || !error.message.includes(text.slice(-20))),
      ),
    );
  }

  test("a private key is said to be one", () =>
    assert.throws(
      () => recipient(SPEC_IDENTITY),
      (error) => /private key/.test(error.message),
    ));

  test("a point of low order is refused when the header is made", async () => {
    for (const point of LOW_ORDER) {
      const key = recipient(bech32("age", bytesOf(point)));
      await assert.rejects(age.encrypt(TEXT, key), (error) => error.code === "invalid-recipient");
    }
  });

  for (const prefix of ["constructor", "__proto__", "tostring", "age1", "ageage"]) {
    test(`the prefix "${prefix}" is no key of any kind`, async () => {
      const text = bech32(prefix, new Uint8Array(32).fill(7));
      for (const each of [text, text.toUpperCase()]) {
        assert.throws(() => recipient(each), coded("invalid-recipient"));
        assert.throws(() => identity(each), coded("invalid-identity"));
        await assert.rejects(recipientOf(each), coded("invalid-identity"));
        await assert.rejects(identityFile(each), coded("invalid-identity"));
        await assert.rejects(readIdentities(each), coded("invalid-identity"));
        await assert.rejects(readRecipients(each), coded("invalid-recipient"));
        assert.throws(() => passkeys.key(each), coded("invalid-identity"));
      }
    });
  }

  test("of what is no key at all it is said how one begins, and nothing of what was typed", async () => {
    const typed = "silver otter lamp";
    const says = (code, start) => (error) =>
      coded(code)(error) && error.message.includes(start) && !error.message.includes("otter");
    assert.throws(() => recipient(typed), says("invalid-recipient", "begin with age1"));
    for (const read of [identity, recipientOf])
      await assert.rejects(
        async () => read(typed),
        says("invalid-identity", "begin with AGE-SECRET-KEY-"),
      );
  });

  test("a second spelling of a key: bits that are left over are zeros", async () => {
    const secret = new Uint8Array(32).fill(0x42);
    for (const spare of [1, 2, 4, 8]) {
      const text = bech32("age-secret-key-", secret, spare).toUpperCase();
      assert.throws(() => identity(text), coded("invalid-identity"));
      const other = bech32("age", bytesOfKey(SPEC_RECIPIENT), spare);
      assert.throws(() => recipient(other), coded("invalid-recipient"));
    }
  });

  test("an ML-KEM key with a coefficient of 3,329 or more is refused at once", async () => {
    const text = await recipientOf(SPEC_HYBRID);
    const bytes = bytesOfKey(text);
    assert.equal(bech32("age1pq", bytes), text);
    for (const at of [0, 1, 1149, 1150]) {
      const changed = bytes.slice();
      // Of both coefficients of three bytes, one or the other.
      if (at % 3 === 0) [changed[at], changed[at + 1]] = [0x01, (changed[at + 1] & 0xf0) | 0x0d];
      else [changed[at], changed[at + 1]] = [(changed[at] & 0x0f) | 0x10, 0xd0];
      assert.throws(() => recipient(bech32("age1pq", changed)), coded("invalid-recipient"));
    }
  });

  test("an SSH key that is no point of its curve, or a second spelling of one", () => {
    const wire = (y) => {
      const type = utf8("ssh-ed25519");
      const bytes = concat([0, 0, 0, type.length], type, [0, 0, 0, 32], y);
      return `ssh-ed25519 ${btoa(String.fromCharCode(...bytes))}`;
    };
    const little = (first, ...rest) =>
      Uint8Array.of(first, ...rest, ...new Uint8Array(31 - rest.length));
    for (const y of OFF_THE_CURVE)
      assert.throws(() => recipient(wire(little(y))), coded("invalid-recipient"));
    // p + 4 is 4, and 4 is a point's.
    assert.ok(recipient(wire(little(4))));
    const second = bytesOf(`f1${"ff".repeat(30)}7f`);
    assert.throws(() => recipient(wire(second)), coded("invalid-recipient"));
  });

  test("a file key or body whose length is not its own is refused where it is copied", async () => {
    const lying = (length, real) =>
      Object.defineProperty(new Uint8Array(real), "length", { value: length });
    for (const text of [SPEC_RECIPIENT, SPEC_TAG])
      for (const real of [0, 15, 17, 100_000])
        await assert.rejects(recipient(text).wrapFileKey(lying(16, real)), TypeError);
    const mine = identity(SPEC_IDENTITY);
    const [{ args }] = await recipient(SPEC_RECIPIENT).wrapFileKey(new Uint8Array(16));
    for (const real of [0, 31, 100_000])
      await assert.rejects(
        mine.unwrapFileKey([{ args, body: lying(32, real) }]),
        coded("invalid-header"),
      );
    // The module is as it was.
    const [stanza] = await recipient(SPEC_RECIPIENT).wrapFileKey(new Uint8Array(16).fill(5));
    assert.bytesEqual(await mine.unwrapFileKey([stanza]), new Uint8Array(16).fill(5));
  });

  test("what is no string", () => {
    for (const value of [undefined, null, 1, {}, new Uint8Array(32)]) {
      assert.throws(() => recipient(value), TypeError);
      assert.throws(() => identity(value), TypeError);
    }
  });
});

test("keys of the package are tried before those that may ask somebody, and each kind in order", async () => {
  const asked = [];
  const other = (name) => ({ unwrapFileKey: () => (asked.push(name), null) });
  const mine = identity(SPEC_IDENTITY);
  const file = await age.encrypt(TEXT, recipient(SPEC_RECIPIENT));
  const open = (...keys) => age.decrypt(file, keys);
  assert.deepEqual(await open(other("first"), passkeys.key(), mine), TEXT);
  assert.deepEqual(asked, []);
  const another = identity(await generateIdentity());
  await assert.rejects(
    open(other("first"), another, age.passphraseIdentity("secret"), other("second")),
    coded("no-identity-match"),
  );
  assert.deepEqual(asked, ["first", "second"]);
});

describe("identities that are none", () => {
  const cases = {
    "nothing at all": "",
    "a checksum that is wrong": SPEC_IDENTITY.replace("GFPYYSJZ", "GFPYYSJX"),
    "lower case": SPEC_IDENTITY.toLowerCase(),
    "a public key": SPEC_RECIPIENT,
    "a plugin's": "AGE-PLUGIN-YUBIKEY-1QQQQ",
    PEM: "-----BEGIN OPENSSH PRIVATE KEY-----",
  };
  for (const [what, text] of Object.entries(cases)) {
    test(what, () =>
      assert.throws(
        () => identity(text),
        (error) =>
          error instanceof age.InvalidKeyError &&
          error.code === "invalid-identity" &&
          !/GFPYYSJ|zvkyg/i.test(error.message + error.stack),
      ),
    );
  }
});

test("an identity shows nothing of itself", () => {
  for (const text of Object.values(identities)) {
    const key = identity(text);
    assert.equal(JSON.stringify(key), "{}");
    assert.deepEqual(Object.keys(key), []);
    assert.equal(String(key), "[object Key]");
    assert.equal(Object.getOwnPropertyNames(key).length, 0);
  }
});

describe("files of keys", () => {
  test("the file that is made is read", async () => {
    const file = await identityFile(SPEC_IDENTITY, new Date(0));
    assert.equal(
      file,
      `# created: 1970-01-01T00:00:00Z\n# public key: ${SPEC_RECIPIENT}\n${SPEC_IDENTITY}\n`,
    );
    const encrypted = await age.encrypt(TEXT, recipient(SPEC_RECIPIENT));
    for (const form of [file, file.replaceAll("\n", "\r\n"), utf8(file), new Blob([file])])
      assert.deepEqual(await age.decrypt(encrypted, await readIdentities(form)), TEXT);
  });

  test("an encrypted one asks for its passphrase", async () => {
    const file = await identityFile(SPEC_IDENTITY);
    const options = { workFactor: 1 };
    const binary = await age.encrypt(file, "secret", options);
    const armored = age.armor(binary);
    for (const form of [binary, armored, utf8(armored), new Blob([binary])]) {
      assert.equal((await readIdentities(form, { passphrase: "secret" })).length, 1);
      assert.equal((await readIdentities(form, { passphrase: async () => "secret" })).length, 1);
      await assert.rejects(readIdentities(form), TypeError);
      await assert.rejects(
        readIdentities(form, { passphrase: "wrong" }),
        coded("wrong-passphrase"),
      );
    }
  });

  test("options that are misspelt are a TypeError that names the right one", async () => {
    const file = await identityFile(SPEC_IDENTITY);
    for (const [call, wrong, right] of [
      [(options) => readIdentities(file, options), "passphrse", "passphrase"],
      [async (options) => passkeys.key(undefined, options), "rpid", "rpId"],
      [(options) => passkeys.create({ name: "x", ...options }), "tpye", "type"],
    ]) {
      const error = await assert.rejects(call({ [wrong]: "x" }), TypeError);
      assert.ok(error.message.includes(`"${wrong}" here; the nearest is "${right}"`));
      await assert.rejects(call({ signal: 1 }), TypeError);
    }
    for (const options of [undefined, null, "x"])
      await assert.rejects(passkeys.create(options), TypeError);
  });

  test("a Blob of another kind is a Blob, and what it said it must give", async () => {
    const bytes = utf8(await identityFile(SPEC_IDENTITY));
    const other = (size) => ({
      size,
      type: "",
      slice: (start, end) => new Blob([bytes]).slice(start, end),
      stream: () => new Blob([bytes]).stream(),
    });
    assert.equal((await readIdentities(other(bytes.length))).length, 1);
    await assert.rejects(readIdentities(other(bytes.length + 1)), coded("source-changed"));
    await assert.rejects(readIdentities(other(bytes.length - 1)), coded("source-changed"));
  });

  test("the error names the line, and not what is in it", async () => {
    const file = `# a comment\n\n${SPEC_IDENTITY}\n${SPEC_IDENTITY.slice(0, -1)}\n`;
    await assert.rejects(
      readIdentities(file),
      (error) =>
        error.code === "invalid-identity" && error.line === 4 && !/GFPYYSJ/.test(error.message),
    );
    await assert.rejects(
      readRecipients(`${SPEC_RECIPIENT}\n${SPEC_IDENTITY}`),
      (error) =>
        error.code === "invalid-recipient" && error.line === 2 && !/GFPYYSJ/.test(error.message),
    );
  });

  test("recipients, one a line", async () => {
    const keys = await readRecipients(`# team\n\n${SPEC_RECIPIENT}\n  ${SPEC_TAG}  \n`);
    assert.equal(keys.length, 2);
  });

  test("none in it, no text, too long, an aborted signal", async () => {
    await assert.rejects(readIdentities("# nothing\n"), (e) => e.code === "invalid-identity");
    await assert.rejects(readRecipients(""), (e) => e.code === "invalid-recipient");
    await assert.rejects(
      readIdentities(Uint8Array.of(0xff, 0xfe)),
      (e) => e.code === "invalid-identity",
    );
    await assert.rejects(readRecipients("#".repeat(2 ** 24 + 1)), RangeError);
    const reason = new Error("enough");
    await assert.rejects(
      readIdentities(SPEC_IDENTITY, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  test("an SSH key that is encrypted is said to be", async () => {
    const pem =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    await assert.rejects(
      sshIdentity(pem),
      (error) => error.code === "invalid-identity" && /passphrase/.test(error.message),
    );
  });
});

describe("stanzas that were tampered with", () => {
  const wrapped = async (type) => {
    const key = recipient(await recipientOf(identities[type]));
    return (await key.wrapFileKey(new Uint8Array(16).fill(7)))[0];
  };
  const malformed = (error) =>
    error instanceof age.HeaderParseError && error.code === "invalid-header";

  for (const type of TYPES) {
    test(`${type}: arguments and bodies that break its rules`, async () => {
      const stanza = await wrapped(type);
      const [name, share] = stanza.args;
      const last = share.at(-1) === "B" ? "C" : "B";
      for (const broken of [
        { ...stanza, args: [name] },
        { ...stanza, args: [name, share, share] },
        { ...stanza, args: [name, share.slice(1)] },
        { ...stanza, args: [name, `${share}=`] },
        { ...stanza, args: [name, share.slice(0, -1) + last] },
        { ...stanza, body: stanza.body.slice(1) },
        { ...stanza, body: new Uint8Array(33) },
      ])
        await assert.rejects(
          async () => identity(identities[type]).unwrapFileKey([broken]),
          (error) => malformed(error) || broken.args[1]?.at(-1) === last,
        );
    });

    test(`${type}: of others it says nothing, and a changed body opens nothing`, async () => {
      const stanza = await wrapped(type);
      const body = stanza.body.map((byte, i) => (i === 9 ? byte ^ 1 : byte));
      const key = identity(identities[type]);
      assert.equal(await key.unwrapFileKey([{ ...stanza, body }]), null);
      assert.equal(await key.unwrapFileKey([{ args: ["other"], body: new Uint8Array(1) }]), null);
      assert.deepEqual(
        await key.unwrapFileKey([{ ...stanza, body }, stanza]),
        new Uint8Array(16).fill(7),
      );
    });
  }

  test("a stanza a thousand times, none of it for us: bounded, and no match", async () => {
    const stanza = await wrapped("x25519");
    const other = identity(await generateIdentity());
    assert.equal(await other.unwrapFileKey(Array(1000).fill(stanza)), null);
  });

  test("a stanza a thousand times, of ours: the first that opens is enough", async () => {
    const stanza = await wrapped("hybrid");
    const fileKey = await identity(SPEC_HYBRID).unwrapFileKey(Array(1000).fill(stanza));
    assert.deepEqual(fileKey, new Uint8Array(16).fill(7));
  });

  test("two recipients' stanzas, swapped halves: no match, and not somebody else's key", async () => {
    const [one, two] = [await wrapped("x25519"), await wrapped("x25519")];
    const swapped = [
      { args: one.args, body: two.body },
      { args: two.args, body: one.body },
    ];
    assert.equal(await identity(SPEC_IDENTITY).unwrapFileKey(swapped), null);
    assert.ok(await identity(SPEC_IDENTITY).unwrapFileKey(swapped.reverse().concat(two)));
  });

  test("the last of a hundred recipients, by the last of a hundred identities", async () => {
    const secrets = await Promise.all(Array.from({ length: 100 }, () => generateIdentity()));
    const keys = await Promise.all(secrets.map(async (each) => recipient(await recipientOf(each))));
    const file = await age.encrypt(TEXT, keys);
    const strangers = await Promise.all(Array.from({ length: 99 }, () => generateIdentity()));
    const last = [...strangers, secrets.at(-1)].map(identity);
    // However long it takes: other tasks have their turn meanwhile, many times.
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    });
    try {
      assert.deepEqual(await age.decrypt(file, last), TEXT);
    } finally {
      clearInterval(timer);
    }
    assert.ok(turns > 10, `${turns} turns`);
  });

  for (const bytes of [64 * 1024, 1024 * 1024 - 2000]) {
    test(`${bytes} bytes of stanzas, none of them for us: tried, and no match`, async () => {
      const stanzas = Array(Math.floor(bytes / 98)).fill(await wrapped("x25519"));
      const file = await age.encrypt(TEXT, { wrapFileKey: () => stanzas });
      assert.ok(file.length > bytes - 500);
      const stranger = identity(await generateIdentity("hybrid"));
      await assert.rejects(
        age.decrypt(file, stranger),
        (error) => error.code === "no-identity-match",
      );
      const controller = new AbortController();
      const search = age.decrypt(file, identity(await generateIdentity()), {
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(new RangeError("enough")), 20);
      await assert.rejects(search, (error) => error.message === "enough");
    });
  }

  test("more than 1 MiB of stanzas is not written, and not read", async () => {
    const stanzas = Array(11_000).fill(await wrapped("x25519"));
    await assert.rejects(
      age.encrypt(TEXT, { wrapFileKey: () => stanzas }),
      (error) => error instanceof RangeError,
    );
    const file = await age.encrypt(TEXT, { wrapFileKey: () => stanzas.slice(0, 10_000) });
    // The same text as a header that never ends.
    const stanza = new TextDecoder().decode(file.slice(22, 22 + 98));
    const long = utf8(`age-encryption.org/v1\n${stanza.repeat(11_000)}`);
    await assert.rejects(
      age.decrypt(long, identity(SPEC_IDENTITY)),
      (error) => error.code === "invalid-header",
    );
  });

  test("other tasks have their turn within a search, and an abort ends it before the next stanza", async () => {
    const stanza = await wrapped("x25519");
    let looked = 0;
    const watched = {
      get args() {
        looked += 1;
        return stanza.args;
      },
      body: stanza.body,
    };
    const controller = new AbortController();
    const reason = new Error("enough");
    const other = identity(await generateIdentity());
    let before;
    setTimeout(() => {
      before = looked;
      controller.abort(reason);
    });
    await assert.rejects(
      other.unwrapFileKey(Array(100_000).fill(watched), { signal: controller.signal }),
      (error) => error === reason,
    );
    // The timer came within the search, and nothing was tried after it.
    assert.equal(looked, before);
    assert.ok(looked < 50_000, `${looked} looks`);
  });

  test("1 MiB of the shortest stanzas is read in many turns, and no longer than its stream lives", async () => {
    const header = `age-encryption.org/v1\n${"-> a\n\n".repeat(170_000)}--- ${"A".repeat(43)}\n`;
    let turns = 0;
    let timer;
    let then;
    const turn = () => {
      turns += 1;
      then?.();
      timer = setTimeout(turn);
    };
    let count;
    const asked = {
      unwrapFileKey: (stanzas) => {
        count = stanzas.length;
        return null;
      },
    };
    timer = setTimeout(turn);
    try {
      await assert.rejects(
        age.decrypt(utf8(header), [asked, asked]),
        (error) => error.code === "no-identity-match",
      );
      assert.equal(count, 170_000);
      assert.ok(turns > 10, `${turns} turns`);

      count = undefined;
      turns = 0;
      const controller = new AbortController();
      then = () => turns === 3 && controller.abort(new RangeError("enough"));
      await assert.rejects(
        age.decrypt(utf8(header), asked, { signal: controller.signal }),
        (error) => error.message === "enough",
      );
      assert.equal(count, undefined);
    } finally {
      clearTimeout(timer);
    }
  });
});

test("a live stream for a key, message by message", async () => {
  const secret = await generateIdentity();
  const messages = [TEXT, new Uint8Array(0), new Uint8Array(1000)];
  const sealed = await through(
    messages,
    new age.AgeRtEncryptStream(recipient(await recipientOf(secret))),
  );
  const opened = await through(sealed, new age.AgeRtDecryptStream(identity(secret)));
  assert.deepEqual(opened.slice(0, 3), messages);
});

describe("the vectors of age-rt with keys", () => {
  for (const name of Object.keys(index)) {
    test(name, async () => {
      const { identity: secret, code, chunks, sha256: hash } = index[name];
      const file = await vector(`keys/${name}.age`);
      const ended = await fate(new age.AgeRtDecryptStream(identity(secret)), [file]);
      assert.equal(ended.read.code, code);
      assert.deepEqual(lengths(ended.chunks), chunks);
      assert.equal(await sha256(concat(...ended.chunks)), hash);
    });
  }
});
