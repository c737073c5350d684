/**
 * The page, and small files for it: what was found to break there shows within seconds, on the
 * pages of earlier commits too.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { encrypt } from "age-rt-wasm";
import { startSite } from "../../../demo/lib/site.js";
import { Visitor } from "../../../demo/lib/visitor.js";

export const PASSPHRASE = "a passphrase";

/** An age file that opens at once. */
export const quickly = (data, options) => encrypt(data, PASSPHRASE, { workFactor: 1, ...options });

/**
 * A visitor for the tests of a file, and a folder for its files.
 *
 * @param scripts - run in the page before its own.
 * @returns an object that has them once the tests run.
 */
export function visiting(...scripts) {
  const at = {
    /** @returns the path of the file. */
    async file(name, contents) {
      const path = join(at.folder, name);
      await writeFile(path, contents);
      return path;
    },
    /** Chooses a file, types the passphrase, starts. */
    async start(path, passphrase = PASSPHRASE) {
      await at.visitor.choose(path);
      await at.visitor.type(passphrase);
      await at.visitor.submit();
    },
  };
  before(async () => {
    at.folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-faults-"));
    at.site = await startSite();
    at.visitor = await Visitor.arrive(at.site.url, ...scripts);
  });
  after(async () => {
    await at.visitor?.leave();
    await at.site?.close();
    await rm(at.folder, { recursive: true, force: true });
  });
  return at;
}
