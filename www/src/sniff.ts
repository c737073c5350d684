/** What a file is, from its first bytes: only to choose what to offer, the decoder decides. */

const AGE = ["age-encryption.org/", "github.com/parsimonit/age-rt-encryption/"];
const ARMORED = "-----BEGIN AGE ENCRYPTED FILE-----";
const LONGEST = 64;

export type Kind = "age" | "armored" | "other";

/** @throws DOMException for what cannot be read, such as a folder. */
export async function sniff(file: Blob): Promise<Kind> {
  const start = new TextDecoder().decode(await file.slice(0, LONGEST).arrayBuffer());
  if (AGE.some((prefix) => start.startsWith(prefix))) return "age";
  return isArmored(start) ? "armored" : "other";
}

export function isArmored(text: string): boolean {
  return text.trimStart().startsWith(ARMORED);
}
