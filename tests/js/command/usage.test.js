/**
 * The command line: what is wrong is refused before anything is done, and what the help says is so.
 */
import assert from "node:assert/strict";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { BATCH, done, folder, ours, refused, run, SHELL } from "./lib/command.js";

const KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

describe("the command line", { concurrency: 2 }, () => {
  const WRONG = [
    ["an unknown flag", ["--secret"], /there is no flag --secret/],
    ["a flag without its value", ["-r"], /--recipient wants a value/],
    ["a value where there is none", ["--armor=yes", "-r", KEY], /--armor takes no value/],
    ["two outputs", ["-o", "a", "-o", "b", "-r", KEY], /--output was given twice/],
    ["two inputs", ["-r", KEY, "one", "two"], /one INPUT at most, and these are 2: one two/],
    ["nobody to encrypt to", ["plain"], /nobody could open the file/],
    ["-e and -d", ["-e", "-d", "plain"], /-e and -d cannot be used together/],
    ["-d and -p", ["-d", "-p", "plain"], /-p cannot be used with -d/],
    ["-d and -a", ["-d", "-a", "plain"], /-a cannot be used with -d/],
    ["-d and -r", ["-d", "-r", KEY, "plain"], /--recipient cannot be used with -d/],
    ["-d and -R", ["-d", "-R", "team", "plain"], /--recipients-file cannot be used with -d/],
    ["-p and -r", ["-p", "-r", KEY, "plain"], /-p cannot stand beside -r, -R or -i/],
    ["-p and -j", ["-e", "-p", "-j", "batchpass", "plain"], /two passphrases/],
    [
      "-j and -r",
      ["-e", "-j", "batchpass", "-r", KEY, "plain"],
      /-j batchpass cannot stand beside/,
    ],
    ["-i without -e or -d", ["-i", "key.txt", "plain"], /only where -e says so/],
    ["-j without -e or -d", ["-j", "batchpass", "plain"], /only where -e says so/],
    ["another plugin", ["-d", "-j", "yubikey", "plain"], /no plugin but batchpass/],
    ["standard input twice", ["-R", "-", "-r", KEY], /standard input cannot be INPUT and/],
    [
      "standard input by two of its names",
      ["-d", "-i", "/dev/stdin", "/dev/fd/0"],
      /standard input cannot be INPUT and --identity at once/,
    ],
    ["keygen -y -pq", ["keygen", "-y", "-pq"], /-pq makes a key, and -y converts one/],
    ["keygen with an input", ["keygen", "plain"], /keygen reads no INPUT/],
    ["rekey for nobody", ["rekey", "plain"], /nobody could open the file/],
    ["rekey for both", ["rekey", "-p", "-r", KEY, "plain"], /-p cannot stand beside -r or -R/],
    ["a flag of another command", ["inspect", "-d", "plain"], /there is no flag -d/],
  ];
  for (const [what, args, message] of WRONG) {
    test(`${what} has the exit code 2 and makes nothing`, async (t) => {
      const cwd = await folder(t);
      await writeFile(join(cwd, "plain"), "attack at dawn\n");
      const { said, out } = await refused(args, { cwd, env: BATCH, exitCode: 2 });
      assert.match(said, message);
      assert.equal(out.length, 0);
      assert.deepEqual(await readdir(cwd), ["plain"]);
    });
  }

  test("a name that every object has is the name of a file, and of no command", async (t) => {
    const cwd = await folder(t);
    for (const name of ["constructor", "toString", "__proto__"]) {
      await writeFile(join(cwd, name), "attack at dawn\n");
      const out = await done(ours([name, "-r", KEY], { cwd }));
      assert.match(String(out), /^age-encryption\.org\/v1\n/);
    }
  });

  test("what a file's name holds is no command of the terminal's, and no line of its own", async (t) => {
    const cwd = await folder(t);
    const name = "\x1b]0;owned\x07\x1b[2J\u202e\u009b31m\nage-rt-wasm: error: all is well\r";
    const shown =
      "\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\u{202e}\\u{9b}31m\\u{a}age-rt-wasm: error: all is well\\u{d}";
    const gone = await refused(["-r", KEY, name], { cwd });
    assert.ok(gone.said.includes(`error: ${shown}: there is no such file`), gone.said);
    await writeFile(join(cwd, name), "no key");
    for (const args of [
      ["-e", "-i", name, "-o", "x", "/dev/null"],
      ["-R", name, "/dev/null"],
      ["-d", "-j", "batchpass", name],
      ["-r", KEY, name, "two"],
      ["-r", KEY, "-o", name, "/dev/null"],
      ["inspect", name],
      [`--${name}`],
    ]) {
      const { said, status } = await ours(args, { cwd, env: BATCH });
      assert.notEqual(status, 0);
      assert.ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(said), JSON.stringify(said));
      assert.ok(said.split("\n").length <= 3, said);
    }
    const sealed = await done(ours(["-r", KEY, "-o", "sealed.age", "/dev/null"], { cwd }));
    assert.equal(sealed.length, 0);
    await rename(join(cwd, "sealed.age"), join(cwd, name));
    const told = String(await done(ours(["inspect", name], { cwd })));
    assert.ok(told.startsWith(`${shown} is an age file`), told);
  });

  /** What age, its other programs, rage and habit write, and what the hint has to name instead. */
  const INSTEAD = [
    ["-p beside -j", ["-p", "-j", "batchpass", "plain"], /leave out -p.*-e -j batchpass/],
    [
      "-p beside -e -j",
      ["-e", "-p", "-j", "batchpass", "plain"],
      /leave out -p.*AGE_PASSPHRASE_FD/,
    ],
    ["-j without -e", ["-j", "batchpass", "plain"], /to decrypt, use -d.*add -e/],
    ["-p beside -r", ["-p", "-r", KEY, "plain"], /encrypt to the keys of everybody/],
    ["age's -j pq", ["-e", "-j", "pq", "plain"], /-r and -R .* -i/],
    ["age's -j tag", ["-e", "-j", "tag", "plain"], /-r and -R take its recipients/],
    ["another plugin", ["-d", "-j", "yubikey", "plain"], /age runs plugins/],
    ["rage's -V", ["-V"], /use --version/],
    ["age-inspect's -v elsewhere", ["-v"], /use --version/],
    ["rage's limit", ["-d", "--max-work-factor", "20", "plain"], /AGE_PASSPHRASE_MAX_WORK_FACTOR/],
    ["--password", ["--password", "plain"], /-p makes such a file.*-j batchpass/],
    ["--passphrase-fd", ["-d", "--passphrase-fd", "3", "plain"], /AGE_PASSPHRASE_FD/],
    ["gpg's -c", ["-c", "plain"], /-p makes such a file/],
    ["-k for a key", ["-d", "-k", "key.txt", "plain"], /-i names a file of identities/],
    [
      "a flag of the main command",
      ["keygen", "-r", KEY],
      /it is a flag of "age-rt-wasm"; see --help/,
    ],
    ["a flag of another command", ["-pq"], /it is a flag of "age-rt-wasm keygen"/],
    ["a flag of nobody", ["--secret"], /see --help/],
  ];
  for (const [what, args, hint] of INSTEAD) {
    test(`${what}: the hint says what to use instead`, async (t) => {
      const cwd = await folder(t);
      await writeFile(join(cwd, "plain"), "attack at dawn\n");
      const { said } = await refused(args, { cwd, env: BATCH, exitCode: 2 });
      assert.match(said, new RegExp(`\\nage-rt-wasm: hint: .*${hint.source}`));
    });
  }

  test("a passphrase behind -p is not repeated in the message", async (t) => {
    const cwd = await folder(t);
    for (const args of [
      ["-p", "a secret", "plain"],
      ["-p=a secret", "plain"],
      ["--passphrase=a secret", "plain"],
    ]) {
      const { said } = await refused(args, { cwd, env: BATCH, exitCode: 2 });
      assert.match(said, /hint: -p takes no passphrase behind it.*-j batchpass/);
      assert.ok(!said.includes("a secret"), said);
    }
  });

  test("flags have one dash or two, their value behind = or a space, before or after the file", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "plain"), "attack at dawn\n");
    for (const args of [
      ["-encrypt", "-recipient", KEY, "plain"],
      [`--recipient=${KEY}`, "plain"],
      ["plain", `-r=${KEY}`],
      ["--r", KEY, "--", "plain"],
    ])
      assert.match(String(await done(ours(args, { cwd }))), /^age-encryption\.org\/v1\n-> X25519 /);
  });

  test("a private key is repeated in no message, wherever it was given", async (t) => {
    const cwd = await folder(t);
    const secret = String(await done(ours(["keygen"], { cwd }))).match(/AGE-SECRET-KEY-1\w+/)[0];
    await writeFile(join(cwd, "x"), await done(ours(["-r", KEY, "/dev/null"], { cwd })));
    for (const args of [
      ["-r", secret, "x"],
      ["-R", secret, "x"],
      ["-d", "-i", secret, "x"],
      ["-e", "-i", secret, "x"],
      ["-r", KEY, secret],
      ["-r", KEY, "one", secret],
      ["-r", KEY, "-o", `${secret}/x`, "/dev/null"],
      ["-r", KEY, "-j", secret, "/dev/null"],
      [`-${secret}`],
      [`--armor=${secret}`],
      ["inspect", secret.toLowerCase()],
      ["keygen", secret],
    ]) {
      const { status, said } = await ours(args, { cwd });
      assert.notEqual(status, 0, args.join(" "));
      assert.ok(!said.toUpperCase().includes(secret.slice(20)), said);
    }
  });

  test("a private key given as a recipient is not repeated in the message", async () => {
    const secret = String(await done(ours(["keygen"]))).match(/AGE-SECRET-KEY-1\w+/)[0];
    const { said } = await refused(["-r", secret], { input: "plain" });
    assert.match(said, /recipient 1: .*\[invalid-recipient\]/);
    assert.ok(!said.includes(secret.slice(20)));
  });

  test("a file of keys is named with its line, and without its text", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "team"), `# us\n${KEY}\nage1nonsense\n`);
    await writeFile(join(cwd, "key.txt"), "AGE-SECRET-KEY-1NONSENSE\n");
    const team = await refused(["-R", "team"], { cwd, input: "plain" });
    assert.match(team.said, /team: Line 3: .*\[invalid-recipient\]/);
    const sealed = await done(ours(["-r", KEY], { input: "plain" }));
    const key = await refused(["-d", "-i", "key.txt"], { cwd, input: sealed });
    assert.match(key.said, /key\.txt: Line 1: .*\[invalid-identity\]/);
    assert.ok(!/NONSENSE/i.test(team.said + key.said));
  });

  test("an identity that does not fit is told by its code", async (t) => {
    const cwd = await folder(t);
    await done(ours(["keygen", "-o", "key.txt"], { cwd }));
    const sealed = await done(ours(["-r", KEY], { input: "plain" }));
    const { said } = await refused(["-d", "-i", "key.txt"], { cwd, input: sealed });
    assert.match(said, /\[no-identity-match\]/);
    const none = await refused(["-d"], { cwd, input: sealed });
    assert.match(none.said, /not encrypted with a passphrase\n.*-i/);
    assert.match((await refused(["-d"], { cwd, input: "no file" })).said, /\[not-age\]/);
  });

  for (const args of [
    [],
    ["--help"],
    ["keygen", "-h"],
    ["inspect", "--help"],
    ["rekey", "--help"],
  ]) {
    test(`${args.join(" ") || "nothing"} prints the help, which fits a terminal`, async () => {
      const text = String(await done(ours(args)));
      assert.match(text, /^Usage:\n {4}age-rt-wasm /);
      assert.match(text, /rage\s+refuses|Exit codes/);
      for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
    });
  }

  test("--version is that of the package", async () => {
    const url = new URL("../../../node_modules/age-rt-wasm/package.json", import.meta.url);
    const { version } = JSON.parse(await readFile(url, "utf8"));
    for (const args of [
      ["--version"],
      ["keygen", "-version"],
      ["inspect", "-v"],
      ["rekey", "--version"],
    ])
      assert.equal(String(await done(ours(args))), `${version}\n`);
  });

  test("the help's first three examples work as they stand", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "data"), "attack at dawn\n");
    const help = String(await done(ours(["--help"])));
    const [, examples] = /Examples:\n((?: {4}.*\n)+)/.exec(help);
    const [keygen, seal, open] = examples.split("\n").map((line) => line.trim());
    const shell = (line) => run(["sh", "-c", line.replaceAll("age-rt-wasm", SHELL)], { cwd });
    await done(shell(keygen));
    const key = String(await done(shell("age-rt-wasm keygen -y key.txt"))).trim();
    await done(shell(seal.replace("age1...", key)));
    await done(shell(open));
    const text = await done(shell("tar xzO < data.tar.gz"));
    assert.equal(String(text), "attack at dawn\n");
  });
});
