/** What is to be done with a file, settled when the button is pressed. */
import {
  AgeAutoDecryptStream,
  AgeEncryptStream,
  AgeRtEncryptStream,
  ciphertextSize,
  dearmor,
} from "age-rt-wasm";
import type { Chosen } from "./chooser.js";
import { ArmorTooLargeError, RewrittenError } from "./errors.js";
import { messageIn, namesMessage } from "./messages.js";
import { decryptedFile, encryptedFile, type FileToSave } from "./names.js";
import { type Kind, textOf } from "./sniff.js";
import type { Transfer } from "./transfer.js";

/** The text, its lines and what they say are in memory at once, several times its size. In bytes. */
const ARMORED_LIMIT = 2 ** 26;

export type Action = "encrypt" | "decrypt";

export interface Plan {
  readonly action: Action;
  readonly source: Blob;
  readonly cipher: Transfer["cipher"];
  readonly result: FileToSave;
}

export function encryption(
  { name, source }: Chosen,
  passphrase: string,
  format: "age" | "age-rt",
  signal: AbortSignal,
): Plan {
  const action = "encrypt";
  if (format === "age") {
    return {
      action,
      source,
      cipher: new AgeEncryptStream(passphrase, { signal }),
      result: encryptedFile(name, ciphertextSize(source.size), source.size),
    };
  }
  // How the browser cuts a file into messages is its own affair, so that the size of an age-rt stream is not known before.
  return {
    action,
    source,
    cipher: new AgeRtEncryptStream(passphrase, { signal }),
    result: encryptedFile(name, undefined, source.size),
  };
}

/** @throws DecodeError `invalid-armor`; ArmorTooLargeError, DamagedMessageError, SeveralMessagesError, RewrittenError. */
export async function decryption(
  { name, source, kind }: Chosen,
  passphrase: string,
  signal: AbortSignal,
): Promise<Plan> {
  if (kind === "rewritten") throw new RewrittenError();
  return {
    action: "decrypt",
    source: (await dearmored(source, kind)) ?? source,
    cipher: new AgeAutoDecryptStream(passphrase, { signal }),
    result: decryptedFile(name, source.size),
  };
}

/** What is in the armored message, if this is one. */
async function dearmored(source: Blob, kind: Kind): Promise<Blob | undefined> {
  if (kind === "age") return undefined;
  if (source.size > ARMORED_LIMIT) {
    if (kind === "armored") throw new ArmorTooLargeError(ARMORED_LIMIT);
    return undefined;
  }
  const text = await textOf(source);
  return namesMessage(text) ? new Blob([dearmor(messageIn(text).armored)]) : undefined;
}
