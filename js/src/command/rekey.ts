/** `rekey`: another header for the same payload. */
import type { EncryptKey } from "../index.js";
import { RekeyStream } from "../header.js";
import { outputOf, piecesOf } from "./crypt.js";
import { wrongUsage } from "./failure.js";
import { openInput } from "./input.js";
import {
  isBatch,
  MAX_WORK_FACTOR,
  openingKey,
  recipients,
  type Request,
  stdinUse,
  twoKinds,
  valuesOf,
} from "./keys.js";
import { askForNew } from "./passphrases.js";
import { peek, pump } from "./pump.js";
import { showProgress } from "./progress.js";

export async function rekey(request: Request): Promise<void> {
  const armor = request.flags.has("armor");
  checkNewKey(request);
  stdinUse(request);
  isBatch(request);
  const input = await openInput(request.input);
  const output = await outputOf(request, armor ? "yes" : "no");
  const { inspection, all } = await peek(await piecesOf(input));
  const from = await openingKey(request, inspection.stanza_types);
  const to = await newKey(request);
  const progress = showProgress(input.size, output.isTerminal);
  const stream = new RekeyStream(from, to, {
    maxWorkFactor: MAX_WORK_FACTOR,
    onDerivation: (fraction) => progress.derivation(fraction),
  });
  await pump(all, stream, output, { armor, progress });
}

function hasRecipients(request: Request): boolean {
  return ["recipient", "recipients-file"].some((name) => valuesOf(request, name).length > 0);
}

function checkNewKey(request: Request): void {
  const isForPassphrase = request.flags.has("passphrase");
  if (isForPassphrase && hasRecipients(request)) throw twoKinds("-p", "-r or -R");
  if (!isForPassphrase && !hasRecipients(request))
    throw wrongUsage("nobody could open the file", "-r, -R or -p is its new key");
}

async function newKey(request: Request): Promise<EncryptKey> {
  return hasRecipients(request) ? recipients(request) : askForNew("new passphrase");
}
