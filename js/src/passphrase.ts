/**
 * Passphrases out of random words.
 *
 * @packageDocumentation
 */
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { inRange } from "./options.js";
import { randomBytes } from "./random.js";

const WORDS = 10;
const MOST_WORDS = 1000;

/**
 * A passphrase of random words with hyphens between them, as the `age` command suggests one. Every
 * word is one of the 2048 of the BIP 39 English list and carries 11 bits: the ten of the default
 * are 110 bits.
 *
 * @param words - 1..=1000. Fewer than seven can be guessed by those who have the file and much
 * time.
 * @throws TypeError, RangeError; NotSupportedError `no-random` where the platform has no random
 * numbers.
 *
 * @example
 * ```js
 * import { generatePassphrase } from "age-rt-wasm/passphrase";
 *
 * console.log(generatePassphrase().split("-").length); // 10
 * ```
 */
export function generatePassphrase(words?: number): string {
  if (words !== undefined) inRange("words", words, MOST_WORDS);
  const draws = new Uint16Array(randomBytes(2 * (words ?? WORDS)).buffer);
  // The list's length is a power of two: the remainder favours no word.
  return Array.from(draws, (draw) => wordlist[draw % wordlist.length]).join("-");
}
