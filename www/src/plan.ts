/** What is to be done with a file, settled when the button is pressed. */
import { AgeAutoDecryptStream, AgeEncryptStream, AgeRtEncryptStream, ciphertextSize, dearmor } from "age-rt-wasm";
import { decryptedFile, encryptedFile, type FileToSave } from "./names.js";
import type { Kind } from "./sniff.js";
import type { Transfer } from "./transfer.js";

export type Action = "encrypt" | "decrypt";

export interface Plan {
  readonly action: Action;
  readonly source: Blob;
  readonly cipher: Transfer["cipher"];
  readonly result: FileToSave;
}

export function encryption(file: File, passphrase: string, format: "age" | "age-rt", signal: AbortSignal): Plan {
  const action = "encrypt";
  if (format === "age") {
    return { action, source: file, cipher: new AgeEncryptStream(passphrase, { signal }), result: encryptedFile(file.name, ciphertextSize(file.size)) };
  }
  // How the browser cuts a file into messages is its own affair, so that the size of an age-rt stream is not known before.
  return { action, source: file, cipher: new AgeRtEncryptStream(passphrase, { signal }), result: encryptedFile(file.name, undefined) };
}

/** @throws DecodeError `invalid-armor`. */
export async function decryption(file: File, kind: Kind, passphrase: string, signal: AbortSignal): Promise<Plan> {
  const source = kind === "armored" ? new Blob([dearmor(await file.text())]) : file;
  return { action: "decrypt", source, cipher: new AgeAutoDecryptStream(passphrase, { signal }), result: decryptedFile(file.name, undefined) };
}
