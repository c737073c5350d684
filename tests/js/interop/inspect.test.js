/**
 * inspect() of files that age, rage, typage and pyrage made: what their headers say, and sizes that
 * sum to the file's.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Encrypter } from "age-encryption";
import { armor } from "age-rt-wasm";
import { inspect } from "age-rt-wasm/header";
import { generateIdentity, recipientOf } from "age-rt-wasm/recipients";
import { program, python } from "../lib/repository.js";
import { atTerminal } from "./lib/terminal.js";

const SIZES = [0, 1, 65_536, 65_537, 200_000];
let folder;
let x25519;
let hybrid;
let ssh;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-inspect-"));
  x25519 = await recipientOf(await generateIdentity());
  hybrid = await recipientOf(await generateIdentity("hybrid"));
  const key = join(folder, "ssh");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
  ssh = readFileSync(`${key}.pub`, "utf8").trim();
});
after(() => rmSync(folder, { recursive: true, force: true }));

function commandLine(name) {
  const path = () => program(name, "see README.md");
  return {
    keys: (plaintext, recipients, armored) =>
      execFileSync(path(), [...(armored ? ["-a"] : []), ...recipients.flatMap((r) => ["-r", r])], {
        input: plaintext,
        stdio: ["pipe", "pipe", "pipe"],
      }),
    async passphrase(plaintext, passphrase) {
      const [from, to] = ["plain", "sealed"].map((each) => join(folder, `${name}-${each}`));
      writeFileSync(from, plaintext);
      rmSync(to, { force: true });
      await atTerminal([path(), "-p", "-o", to, from], [passphrase, passphrase]);
      return readFileSync(to);
    },
  };
}

const PEERS = {
  age: commandLine("age"),
  rage: commandLine("rage"),
  typage: {
    async keys(plaintext, recipients, armored) {
      const encrypter = new Encrypter();
      for (const each of recipients) encrypter.addRecipient(each);
      const file = await encrypter.encrypt(new Uint8Array(plaintext));
      return Buffer.from(armored ? armor(file) : file);
    },
    async passphrase(plaintext, passphrase) {
      const encrypter = new Encrypter();
      encrypter.setPassphrase(passphrase);
      encrypter.setScryptWorkFactor(12);
      return encrypter.encrypt(new Uint8Array(plaintext));
    },
  },
  pyrage: {
    keys: (plaintext, recipients, armored) =>
      execFileSync(
        python(),
        [
          "-c",
          `import sys, pyrage
keys = [(pyrage.ssh if r.startswith("ssh-") else pyrage.x25519).Recipient.from_str(r) for r in sys.argv[2:]]
sys.stdout.buffer.write(pyrage.encrypt(sys.stdin.buffer.read(), keys, armored=sys.argv[1] == "true"))`,
          String(armored),
          ...recipients,
        ],
        { input: plaintext },
      ),
    passphrase: (plaintext, passphrase) =>
      execFileSync(
        python(),
        [
          "-c",
          "import sys, pyrage\nsys.stdout.buffer.write(pyrage.passphrase.encrypt(sys.stdin.buffer.read(), sys.argv[1]))",
          passphrase,
        ],
        { input: plaintext },
      ),
  },
};

/** A header's stanzas, read by hand. The file's text, out of its armor if it has one. */
function headerOf(file) {
  let text = Buffer.from(file).toString("latin1");
  if (text.startsWith("-----BEGIN"))
    text = Buffer.from(text.split("\n").slice(1, -2).join(""), "base64").toString("latin1");
  const [head] = /^[^]*?\n--- \S+\n/.exec(text);
  const stanzas = [...head.matchAll(/^-> (.*)$/gm)].map(([, line]) => line.split(" "));
  return { length: head.length, binary: text.length, stanzas };
}

async function check(file, size, postquantum) {
  const { length, binary, stanzas } = headerOf(file);
  const found = await inspect(file);
  const { sizes, ...rest } = found;
  const [first] = stanzas;
  assert.deepEqual(rest, {
    version: "age-encryption.org/v1",
    format: "age",
    postquantum,
    armor: binary !== file.length,
    stanza_types: stanzas.map(([type]) => type),
    ...(first[0] === "scrypt" ? { workFactor: Number(first[2]) } : {}),
    recipients: stanzas.length,
  });
  assert.deepEqual(sizes, {
    header: length,
    armor: file.length - binary,
    overhead: 16 + 16 * Math.max(1, Math.ceil(size / 65_536)),
    min_payload: size,
    max_payload: size,
    min_padding: 0,
    max_padding: 0,
  });
  const sum = sizes.header + sizes.armor + sizes.overhead + sizes.max_payload + sizes.max_padding;
  assert.equal(sum, file.length);
}

for (const [name, peer] of Object.entries(PEERS)) {
  describe(name, () => {
    test("for keys, of sizes at the bounds of chunks, armored and not", async () => {
      for (const size of SIZES)
        for (const armored of [false, true])
          await check(await peer.keys(Buffer.alloc(size, 1), [x25519], armored), size, "no");
    });

    if (name !== "typage")
      test("for several keys, SSH among them", async () => {
        await check(await peer.keys(Buffer.alloc(9), [x25519, ssh], false), 9, "no");
      });
    else
      test("for keys that no quantum computer finds", async () => {
        await check(await peer.keys(Buffer.alloc(9), [hybrid], false), 9, "yes");
      });

    test("with a passphrase", async () => {
      const file = await peer.passphrase(Buffer.alloc(9), "correct horse battery staple");
      await check(file, 9, "yes");
    });
  });
}
