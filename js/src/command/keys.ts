/** Whom to encrypt to, and with what to decrypt, from the flags. */
import {
  decrypt,
  type DecryptKey,
  type EncryptKey,
  type Identity,
  InvalidKeyError,
  passphraseIdentity,
  passphraseRecipient,
  type Recipient,
} from "../index.js";
import { readIdentities, readRecipients, recipient, recipientOf } from "../recipients.js";
import type { Given } from "./arguments.js";
import { Failure, wrongUsage } from "./failure.js";
import { readAll } from "./input.js";
import { ask, askForNew, batch, type Environment } from "./passphrases.js";
import { printable } from "./printable.js";

const HARDWARE = "-r and -R take its recipients without a plugin; with age, it opens their files";
/** Plugins of age whose keys the package has itself, and how they are used here. */
const BUILT_IN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pq: "its keys need no plugin here: -r and -R take its recipients, and -i its identities",
    tag: HARDWARE,
    tagpq: HARDWARE,
  }),
);
/** Bytes of a file of keys, as in age. */
const LONGEST_FILE = 16_777_216;
/** The largest work factor that is opened, as in age: somebody sits here and waits. */
const MAX_WORK_FACTOR = 22;

/** What was given, and what is known of the environment. */
export interface Request extends Given {
  readonly environment: Environment;
}

export function valuesOf({ values }: Given, name: string): readonly string[] {
  return values.get(name) ?? [];
}

/** @returns whether `-j batchpass` was given. @throws for another plugin. */
export function isBatch(given: Given): boolean {
  const [plugin] = valuesOf(given, "j");
  if (plugin !== undefined && plugin !== "batchpass")
    throw wrongUsage(
      `no plugin but batchpass can be run here: ${plugin}`,
      BUILT_IN.get(plugin) ?? "age runs plugins, and opens the files that this package makes",
    );
  return plugin !== undefined;
}

/** Names of standard input: read twice, a pipe would give each of two readers a part. */
const STDIN = new Set(["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]);

/** What standard input is used for, besides passphrases. @throws where there are two uses. */
export function stdinUse(given: Given): string | undefined {
  const uses = [
    ...(given.input === undefined || STDIN.has(given.input) ? ["INPUT"] : []),
    ...["recipients-file", "identity"].flatMap((name) =>
      valuesOf(given, name).flatMap((path) => (STDIN.has(path) ? [`--${name}`] : [])),
    ),
  ];
  if (uses.length > 1) throw wrongUsage(`standard input cannot be ${uses.join(" and ")} at once`);
  return uses[0];
}

/** Recipients of `-r` and `-R`, and with `-e` of `-i`. */
export async function recipients(given: Given): Promise<Recipient[]> {
  const found: Recipient[] = [];
  // By its place: somebody may have given a private key by mistake, and messages end up in logs.
  for (const [at, text] of valuesOf(given, "recipient").entries())
    found.push(await named(`recipient ${at + 1}`, () => recipient(text)));
  for (const path of valuesOf(given, "recipients-file"))
    found.push(
      ...(await named(path, async () => readRecipients(await readAll(path, LONGEST_FILE)))),
    );
  return found;
}

/** The public keys of the private ones in `-i`. */
export async function ownRecipients(given: Given): Promise<Recipient[]> {
  const found: Recipient[] = [];
  for (const path of valuesOf(given, "identity")) {
    await named(path, async () => {
      for (const text of await publicKeys(path)) found.push(recipient(text));
    });
  }
  return found;
}

/** The public keys of a file of identities. */
export async function publicKeys(path: string): Promise<string[]> {
  let content = await readAll(path, LONGEST_FILE);
  if (isEncrypted(content)) content = await decrypt(content, await askForFile(path));
  try {
    const text = new TextDecoder().decode(content);
    if (/^\s*-----BEGIN /.test(text))
      throw new Failure("it is a private key of SSH's", {
        hint: "encrypt to its public key, the file .pub, with -R",
      });
    // Every line is held against the grammar, with the number of the line that is wrong.
    await readIdentities(text);
    const keys = text.split("\n").map((line) => line.trim());
    return await Promise.all(keys.filter((line) => line && !line.startsWith("#")).map(recipientOf));
  } finally {
    content.fill(0);
  }
}

function isEncrypted(content: Uint8Array): boolean {
  const start = new TextDecoder().decode(content.subarray(0, 1100)).trimStart();
  return /^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE)/.test(start);
}

function askForFile(path: string): Promise<string> {
  return ask(`Enter passphrase for identity file "${printable(path)}": `);
}

/** Identities of `-i`. */
export async function identities(given: Given): Promise<Identity[]> {
  const found: Identity[] = [];
  for (const path of valuesOf(given, "identity")) {
    const content = await readAll(path, LONGEST_FILE);
    try {
      const options = { passphrase: () => askForFile(path) };
      found.push(...(await named(path, () => readIdentities(content, options))));
    } finally {
      content.fill(0);
    }
  }
  return found;
}

/** Says which key is wrong; the library's messages hold no text of keys. */
async function named<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidKeyError)
      throw new Failure(`${what}: ${error.message} [${error.code}]`);
    if (error instanceof Failure && !error.message.startsWith(what))
      throw new Failure(`${what}: ${error.message}`, {
        exitCode: error.exitCode,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    throw error;
  }
}

/** A passphrase beside other keys. */
export function twoKinds(flag: string, others = "-r, -R or -i"): Failure {
  return wrongUsage(
    `a passphrase is the only key of a file: ${flag} cannot stand beside ${others}`,
    "make two files, or encrypt to the keys of everybody who shall open it",
  );
}

/** What seals, from `-p`, `-j`, `-r`, `-R` and `-i`. */
export async function sealingKey(request: Request): Promise<EncryptKey> {
  const { flags } = request;
  const isForPassphrase = flags.has("passphrase");
  const isForBatch = isBatch(request);
  const hasKeys = ["recipient", "recipients-file"].some((name) => valuesOf(request, name).length);
  const hasIdentities = valuesOf(request, "identity").length > 0;
  if (isForPassphrase && isForBatch)
    throw wrongUsage(
      "-p and -j batchpass are two passphrases, and a file has one",
      "leave out -p, which asks: -e -j batchpass takes AGE_PASSPHRASE_FD or AGE_PASSPHRASE",
    );
  if ((hasIdentities || isForBatch) && !flags.has("encrypt"))
    throw wrongUsage(
      "-i and -j encrypt only where -e says so",
      "to decrypt, use -d; to encrypt with the passphrase of -j or to the keys of -i, add -e",
    );
  if (isForPassphrase && (hasKeys || hasIdentities)) throw twoKinds("-p");
  if (isForBatch && (hasKeys || hasIdentities)) throw twoKinds("-j batchpass");
  if (!isForPassphrase && !isForBatch && !hasKeys && !hasIdentities)
    throw wrongUsage("nobody could open the file", "use -r, -R or -p; or -d to decrypt");
  if (isForBatch) {
    const { text, workFactor } = batch(request.environment, stdinUse(request));
    return passphraseRecipient(text, workFactor === undefined ? {} : { workFactor });
  }
  if (isForPassphrase) return askForNew();
  return [...(await recipients(request)), ...(await ownRecipients(request))];
}

/**
 * What opens a file with these stanzas: identities, or the passphrase that is asked for now that it
 * is known to need one.
 */
export async function openingKey(
  request: Request,
  stanzaTypes: readonly string[],
): Promise<DecryptKey> {
  const isForBatch = isBatch(request);
  const hasIdentities = valuesOf(request, "identity").length > 0;
  const hasPassphrase = stanzaTypes.includes("scrypt");
  if (isForBatch && hasPassphrase) {
    const { text, maxWorkFactor = MAX_WORK_FACTOR } = batch(request.environment, stdinUse(request));
    return [passphraseIdentity(text, { maxWorkFactor })];
  }
  if (hasIdentities) {
    if (hasPassphrase)
      throw new Failure("the file is encrypted with a passphrase, and -i names identities", {
        hint: "leave out -i, and the passphrase is asked for",
      });
    return identities(request);
  }
  if (!hasPassphrase)
    throw new Failure("the file is not encrypted with a passphrase", {
      hint: "name the file of your identity with -i",
    });
  const text = await ask("Enter passphrase: ");
  return [passphraseIdentity(text, { maxWorkFactor: MAX_WORK_FACTOR })];
}

export { MAX_WORK_FACTOR };
