/** Every line of a shell in the package's documents that calls the command, run as it stands. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../lib/repository.js";
import { atTerminal, done, folder, ours, PASSPHRASE, SHELL } from "./lib/command.js";

const text = ["README.md", "COMMAND.md"]
  .map((name) => readFileSync(join(root, "pkg-template", name), "utf8"))
  .join("\n");
const lines = [...text.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block]) => block.trimEnd().split("\n"))
  .filter((line) => /\bnpx age-rt-wasm\b/.test(line));

/** What the examples take for granted: a log, a network, and that the program is npx's. */
const WORLD = `
journalctl() { printf 'one\\ntwo\\n'; }
nc() { if [ "$1" = -l ]; then cat wire; else cat > wire; fi; }
npx() { shift; ${SHELL} "$@"; }
`;

/** Whatever is asked for at the terminal. */
const ANSWERS = [
  [
    / -p /,
    [
      ["Enter passphrase", `${PASSPHRASE}\n`],
      ["Confirm", `${PASSPHRASE}\n`],
    ],
  ],
  [/ rekey /, [["Enter passphrase: ", `${PASSPHRASE}\n`]]],
];

describe("the documents' command lines", () => {
  test("there are some", () => assert.ok(lines.length >= 9, String(lines.length)));

  test("work one after the other, at a terminal", async (t) => {
    const cwd = await folder(t);
    await writeFile(join(cwd, "report.pdf"), "a report\n");
    await writeFile(join(cwd, "notes.txt"), "some notes\n");
    await writeFile(join(cwd, "secret.txt"), `${PASSPHRASE}\n`);
    await writeFile(join(cwd, "backup.tar"), "a backup");
    let key = "";
    const told = {};
    for (const line of lines) {
      const [, steps = []] = ANSWERS.find(([pattern]) => pattern.test(line)) ?? [];
      const command = `${WORLD}\nset -e -o pipefail\n${line.replace("age1…", key)}`;
      const { status, said } = await atTerminal(["bash", "-c", command], steps, { cwd });
      assert.equal(status, 0, `${line}\n${said}`);
      key ||= /age1\w+/.exec(await readFile(join(cwd, "key.txt"), "utf8"))[0];
      told[line] = said;
    }
    assert.equal(await readFile(join(cwd, "report.pdf"), "utf8"), "a report\n");
    assert.equal(await readFile(join(cwd, "restored.tar"), "utf8"), "a backup");
    const shared = await done(ours(["-d", "-i", "key.txt", "shared.age"], { cwd }));
    assert.equal(String(shared), "some notes\n");
    const live = lines.find((line) => line.startsWith("nc -l"));
    assert.match(told[live], /one\r\ntwo\r\n/);
  });
});
