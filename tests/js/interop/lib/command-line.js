/** What every age tool with the usual command line must do with us. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AgeDecryptStream, AgeEncryptStream } from "age-rt-wasm";
import { seeded } from "../../lib/random.js";
import { program } from "../../lib/repository.js";
import { joined, through } from "../../lib/streams.js";
import { PASSPHRASE, SIZES } from "./plaintexts.js";
import { atTerminal } from "./terminal.js";

/** Ours for the tools to read: the one that everyone uses once, then others, down to the lowest. */
const WORK_FACTORS = [18, 1, 2, 3, 5, 10, 15];

const PIECE = 20_000;

export function testCommandLine(name, howToInstall) {
  // Two at a time: the tools choose their work factor themselves, and each derivation takes a core
  // for a second.
  describe(`the ${name} command line`, { concurrency: 2 }, () => {
    let folder;
    let path;
    before(async () => {
      path = program(name, howToInstall);
      folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-"));
    });
    after(() => folder && rm(folder, { recursive: true }));

    SIZES.forEach((size, index) => {
      const workFactor = WORK_FACTORS[index];

      test(`reads our file of ${size} bytes with work factor ${workFactor}`, async (t) => {
        const random = seeded(t);
        const plaintext = random.bytes(size);
        const [encrypted, decrypted] = [
          join(folder, `ours-${size}.age`),
          join(folder, `ours-${size}`),
        ];
        await writeFile(
          encrypted,
          joined(
            await through(
              random.cut(plaintext, PIECE),
              new AgeEncryptStream(PASSPHRASE, { workFactor }),
            ),
          ),
        );
        await atTerminal([path, "--decrypt", "--output", decrypted, encrypted], [PASSPHRASE]);
        // Neither tool makes a file for nothing.
        const output = existsSync(decrypted) ? await readFile(decrypted) : [];
        assert.deepEqual(new Uint8Array(output), plaintext);
      });

      test(`writes a file of ${size} bytes that we read`, async (t) => {
        const random = seeded(t);
        const plaintext = random.bytes(size);
        const [encrypted, original] = [
          join(folder, `theirs-${size}.age`),
          join(folder, `theirs-${size}`),
        ];
        await writeFile(original, plaintext);
        await atTerminal(
          [path, "--passphrase", "--output", encrypted, original],
          [PASSPHRASE, PASSPHRASE],
        );
        const wire = new Uint8Array(await readFile(encrypted));
        assert.deepEqual(
          joined(await through(random.cut(wire, PIECE), new AgeDecryptStream(PASSPHRASE))),
          plaintext,
        );
      });
    });
  });
}
