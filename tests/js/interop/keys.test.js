/**
 * Keys of every type, both directions, with the peers that are installed: age, rage, typage and
 * pyrage. What each of them can do with which key is in the table of HOSTS.md, which is held
 * against them at the end.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { armor, decrypt, encrypt } from "age-rt-wasm";
import {
  cryptoKeyIdentity,
  generateIdentity,
  identity,
  identityFile,
  readIdentities,
  recipient,
  recipientOf,
  sshIdentity,
} from "age-rt-wasm/recipients";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { KINDS } from "../lib/noble-keys.js";
import { seeded } from "../lib/random.js";
import { program, python, root } from "../lib/repository.js";

const TEXT = new TextEncoder().encode("attack at dawn");
const TAG = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";

let folder;
const keys = {};

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-keys-"));
  for (const [name, ...options] of [
    ["ed25519", "-t", "ed25519"],
    ["rsa", "-t", "rsa", "-b", "2048"],
    ["rsa-pem", "-t", "rsa", "-b", "2048", "-m", "PEM"],
  ]) {
    const file = join(folder, name);
    execFileSync("ssh-keygen", ["-q", ...options, "-N", "", "-C", "a comment", "-f", file]);
    keys[name] = {
      file,
      recipient: readFileSync(`${file}.pub`, "utf8"),
      identity: await sshIdentity(readFileSync(file)),
    };
  }
  const secret = await generateIdentity();
  const file = join(folder, "x25519");
  writeFileSync(file, await identityFile(secret));
  keys.x25519 = { file, recipient: await recipientOf(secret), identity: identity(secret), secret };
});

after(() => rmSync(folder, { recursive: true, force: true }));

function run(name, options, input) {
  return new Uint8Array(
    execFileSync(program(name, "see README.md"), options, {
      input,
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
}

for (const peer of ["age", "rage"]) {
  describe(peer, () => {
    for (const type of ["x25519", "ed25519", "rsa", "rsa-pem"]) {
      test(`${type}: it opens ours`, async () => {
        const key = keys[type];
        const file = await encrypt(TEXT, recipient(key.recipient));
        assert.deepEqual(run(peer, ["-d", "-i", key.file], file), TEXT);
        const text = Buffer.from(armor(file));
        assert.deepEqual(run(peer, ["-d", "-i", key.file], text), TEXT);
      });

      test(`${type}: we open its`, async () => {
        const key = keys[type];
        const file = run(peer, ["-r", key.recipient.trim()], TEXT);
        assert.deepEqual(await decrypt(file, key.identity), TEXT);
      });
    }

    test("several recipients: each opens it, there and here", async () => {
      const all = Object.values(keys);
      const ours = await encrypt(
        TEXT,
        all.map((key) => recipient(key.recipient)),
      );
      const its = run(
        peer,
        all.flatMap((key) => ["-r", key.recipient.trim()]),
        TEXT,
      );
      for (const key of all) {
        assert.deepEqual(run(peer, ["-d", "-i", key.file], ours), TEXT);
        assert.deepEqual(await decrypt(its, key.identity), TEXT);
      }
    });

    test("files of identities: it reads ours, we read its keygen's", async () => {
      const path = join(folder, `${peer}-key`);
      execFileSync(program(`${peer}-keygen`, "see README.md"), ["-o", path], { stdio: "ignore" });
      const [mine] = await readIdentities(readFileSync(path));
      const { 1: public_ } = /public key: (\S+)/.exec(readFileSync(path, "utf8"));
      assert.deepEqual(await decrypt(run(peer, ["-r", public_], TEXT), mine), TEXT);
    });
  });
}

describe("typage", () => {
  for (const type of ["x25519", "hybrid"]) {
    test(`${type}: both directions`, async () => {
      const secret = await generateIdentity(type);
      const text = await recipientOf(secret);
      assert.equal(await identityToRecipient(secret), text);
      const decrypter = new Decrypter();
      decrypter.addIdentity(secret);
      assert.deepEqual(await decrypter.decrypt(await encrypt(TEXT, recipient(text))), TEXT);
      const encrypter = new Encrypter();
      encrypter.addRecipient(text);
      assert.deepEqual(await decrypt(await encrypter.encrypt(TEXT), identity(secret)), TEXT);
    });

    test(`${type}: our objects work in its classes`, async () => {
      const secret = await generateIdentity(type);
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient(await recipientOf(secret)));
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity(secret));
      assert.deepEqual(await decrypter.decrypt(await encrypter.encrypt(TEXT)), TEXT);
    });
  }

  test("tagged: the same stanza in form", async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(TAG);
    const form = (file) =>
      Buffer.from(file)
        .toString("latin1")
        .split("\n")
        .slice(0, 4)
        .map((line) => line.length);
    assert.deepEqual(
      form(await encrypt(TEXT, recipient(TAG))),
      form(await encrypter.encrypt(TEXT)),
    );
  });

  test("a key that the host keeps", async () => {
    const secret = await generateX25519Identity();
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(secret));
    const pair = await crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
    const key = await cryptoKeyIdentity(pair.privateKey);
    assert.equal(await key.unwrapFileKey([]), null);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    encrypter.addRecipient(await hostRecipient(pair.privateKey, point));
    assert.deepEqual(await decrypt(await encrypter.encrypt(TEXT), key), TEXT);
  });
});

/** The recipient of a key of the host's, as typage names it. */
async function hostRecipient(privateKey, point) {
  const text = await identityToRecipient(privateKey);
  assert.equal(point.length, 32);
  return text;
}

describe("pyrage", () => {
  const script = (code) => (input) =>
    new Uint8Array(execFileSync(python(), ["-c", code], { input }));

  test("X25519, both directions", async () => {
    const key = keys.x25519;
    const open = script(
      `import sys, pyrage\nsys.stdout.buffer.write(pyrage.decrypt(sys.stdin.buffer.read(), [pyrage.x25519.Identity.from_str(${JSON.stringify(key.secret)})]))`,
    );
    assert.deepEqual(open(await encrypt(TEXT, recipient(key.recipient))), TEXT);
    const seal = script(
      `import sys, pyrage\nsys.stdout.buffer.write(pyrage.encrypt(sys.stdin.buffer.read(), [pyrage.x25519.Recipient.from_str(${JSON.stringify(key.recipient)})]))`,
    );
    assert.deepEqual(await decrypt(seal(TEXT), key.identity), TEXT);
  });

  for (const type of ["ed25519", "rsa"]) {
    test(`SSH, ${type}, both directions`, async () => {
      const key = keys[type];
      const open = script(
        `import sys, pyrage\nsys.stdout.buffer.write(pyrage.decrypt(sys.stdin.buffer.read(), [pyrage.ssh.Identity.from_buffer(open(${JSON.stringify(key.file)}, "rb").read())]))`,
      );
      assert.deepEqual(open(await encrypt(TEXT, recipient(key.recipient))), TEXT);
      const seal = script(
        `import sys, pyrage\nsys.stdout.buffer.write(pyrage.encrypt(sys.stdin.buffer.read(), [pyrage.ssh.Recipient.from_str(${JSON.stringify(key.recipient.trim())})]))`,
      );
      assert.deepEqual(await decrypt(seal(TEXT), key.identity), TEXT);
    });
  }
});

test("an Ed25519 key in PKCS #8, which has no public key in it", async () => {
  for (let i = 0; i < 4; i += 1) {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const point = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url");
    const name = Buffer.from("ssh-ed25519");
    const wire = Buffer.concat([
      Buffer.of(0, 0, 0, name.length),
      name,
      Buffer.of(0, 0, 0, 32),
      point,
    ]);
    const file = await encrypt(TEXT, recipient(`ssh-ed25519 ${wire.toString("base64")}`));
    const key = await sshIdentity(privateKey.export({ type: "pkcs8", format: "pem" }));
    assert.deepEqual(await decrypt(file, key), TEXT);
  }
});

test("a stanza that names our SSH key and does not open is damage, not somebody else's", async () => {
  for (const type of ["ed25519", "rsa"]) {
    const [stanza] = await recipient(keys[type].recipient).wrapFileKey(new Uint8Array(16));
    const body = stanza.body.map((byte, i) => (i === 5 ? byte ^ 1 : byte));
    await assert.rejects(keys[type].identity.unwrapFileKey([{ ...stanza, body }]), {
      code: "invalid-header",
    });
  }
});

/**
 * Hardware keys' recipients, for whom nobody but noble can open.
 *
 * @returns an identity for this package.
 */
function hardwareKey(type, random) {
  const { recipient, unwrap } = KINDS[type](random);
  const unwrapFileKey = (stanzas) => {
    const found = stanzas.find(({ args }) => args[0] === type);
    return found ? unwrap(found.args, found.body) : null;
  };
  return { recipient, identity: { unwrapFileKey } };
}

describe("which peer can do what with which key", () => {
  const cells = {};

  /** What a peer gives for its input, or undefined where it refuses. */
  const attempted = async (work) => {
    try {
      return new Uint8Array(await work());
    } catch {
      return undefined;
    }
  };

  const command = (name) => ({
    version: () => `${name} ${/[\d.]+/.exec(Buffer.from(run(name, ["--version"])).toString())[0]}`,
    seal: (key) => run(name, ["-r", key.recipient.trim()], TEXT),
    open: (key, file) => run(name, ["-d", "-i", key.file], file),
  });

  const pyrage = (code) => (input) =>
    execFileSync(python(), ["-c", `import sys, pyrage\n${code}`], {
      input,
      stdio: ["pipe", "pipe", "ignore"],
    });

  /** pyrage has a module for each type, and does not tell them apart by itself. */
  const MODULES = {
    x25519: "x25519",
    hybrid: "x25519",
    p256tag: "tag",
    mlkem768p256tag: "tagpq",
    ed25519: "ssh",
    rsa: "ssh",
  };

  const PEERS = {
    age: command("age"),
    rage: command("rage"),
    "age-encryption": {
      version: () => {
        const path = join(root, "node_modules", "age-encryption", "package.json");
        return `age-encryption ${JSON.parse(readFileSync(path, "utf8")).version}`;
      },
      seal: (key) => {
        const encrypter = new Encrypter();
        encrypter.addRecipient(key.recipient);
        return encrypter.encrypt(TEXT);
      },
      open: (key, file) => {
        const decrypter = new Decrypter();
        decrypter.addIdentity(key.secret);
        return decrypter.decrypt(file);
      },
    },
    pyrage: {
      version: () => {
        const code = "import importlib.metadata as m\nprint(m.version('pyrage'), end='')";
        return `pyrage ${pyrage(code)("")}`;
      },
      seal: ({ type, recipient }) =>
        pyrage(
          `sys.stdout.buffer.write(pyrage.encrypt(sys.stdin.buffer.read(), [pyrage.${MODULES[type]}.Recipient.from_str(${JSON.stringify(recipient.trim())})]))`,
        )(TEXT),
      open: ({ type, secret, file: path }, file) =>
        pyrage(
          `key = ${secret ? `pyrage.x25519.Identity.from_str(${JSON.stringify(secret)})` : `pyrage.${MODULES[type]}.Identity.from_buffer(open(${JSON.stringify(path)}, "rb").read())`}\nsys.stdout.buffer.write(pyrage.decrypt(sys.stdin.buffer.read(), [key]))`,
        )(file),
    },
  };

  const TYPES = {
    x25519: "`age1…`",
    hybrid: "`age1pq1…`",
    p256tag: "`age1tag1…`",
    mlkem768p256tag: "`age1tagpq1…`",
    ed25519: "`ssh-ed25519`",
    rsa: "`ssh-rsa`",
  };

  for (const type of Object.keys(TYPES))
    test(`${type}: who writes it is read here, and who reads it reads ours`, async (t) => {
      const random = seeded(t);
      const key = { type, ...(keys[type] ?? (await made(type, random))) };
      const ours = await encrypt(TEXT, recipient(key.recipient));
      // With nobody else, what is written must be right here too.
      assert.deepEqual(await decrypt(ours, key.identity), TEXT);
      for (const [name, peer] of Object.entries(PEERS)) {
        const written = await attempted(() => peer.seal(key));
        if (written) assert.deepEqual(await decrypt(written, key.identity), TEXT, name);
        const read = key.file && (await attempted(() => peer.open(key, ours)));
        if (read) assert.deepEqual(read, TEXT, name);
        cells[`${type} ${name}`] =
          written && read ? "✓" : written ? "encrypts" : read ? "decrypts" : "–";
      }
    });

  async function made(type, random) {
    if (type !== "hybrid") return hardwareKey(type, random);
    const secret = await generateIdentity("hybrid");
    const file = join(folder, "hybrid");
    writeFileSync(file, await identityFile(secret));
    return { secret, file, recipient: await recipientOf(secret), identity: identity(secret) };
  }

  test("the table in HOSTS.md says so", () => {
    const rows = [
      ["Key", ...Object.values(PEERS).map((peer) => peer.version())],
      ["---", ...Object.keys(PEERS).map(() => "---")],
      ...Object.entries(TYPES).map(([type, text]) => [
        text,
        ...Object.keys(PEERS).map((name) => cells[`${type} ${name}`]),
      ]),
    ];
    const table = rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
    const written = /<!-- peers: begin -->\n\n(.*?)\n\n<!-- peers: end -->/s.exec(
      readFileSync(join(root, "HOSTS.md"), "utf8"),
    );
    assert.equal(written?.[1], table);
  });
});
