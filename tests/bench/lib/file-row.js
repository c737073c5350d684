import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atTerminal } from "../../js/interop/lib/terminal.js";
import { program } from "../../js/lib/repository.js";
import { child, childPath } from "./child.js";
import { compare } from "./compare.js";
import { blocks, MIB, PASSPHRASE } from "./streams.js";

/**
 * What the programs are told, and asked for at a terminal. They encrypt to the public key of age's
 * README: for a passphrase their derivation takes a second, which no option makes less, and which
 * would hide everything else.
 */
const TASKS = {
  encrypt: {
    words: ["-r", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"],
    answers: [],
    about: "ours at work factor 1, theirs to a public key",
  },
  decrypt: { words: ["-d"], answers: [PASSPHRASE], about: "the same file of work factor 1" },
};

/** A row: a Node process and an age tool, from the start of the process to its end. */
export function fileRow(tool, task) {
  const { words, answers, about } = TASKS[task];
  return {
    name: `file-${task}-${tool}`,
    title: `a file of 256 MiB, ${task}ed by a Node process, its start included, vs by the program \`${tool}\`: ${about}`,
    async run({ quick }) {
      const length = (quick ? 1 : 256) * MIB;
      const theirs = program(tool, "`npm run bench` installs it");
      const folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-"));
      const [plain, sealed, output] = ["plain", "sealed", "output"].map((name) =>
        join(folder, name),
      );
      const input = task === "encrypt" ? plain : sealed;

      async function timed(command, answers) {
        await rm(output, { force: true });
        const seconds = await atTerminal(command, answers);
        const { size } = await stat(output);
        // What encrypts adds a header of its own length and 16 bytes to every chunk.
        const done = task === "encrypt" ? size > length + length / 4096 : size === length;
        if (!done) throw new Error(`${size} bytes came out of ${command.join(" ")}`);
        return seconds;
      }

      try {
        await writeFile(plain, blocks(length));
        await child("file.js", ["encrypt", plain, sealed]);
        return await compare(
          {
            ours: () => timed([process.execPath, childPath("file.js"), task, input, output], []),
            theirs: () => timed([theirs, ...words, "-o", output, input], answers),
          },
          { rounds: 9, quick },
        );
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}
