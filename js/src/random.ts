/**
 * The host's random numbers. There is no other source: what a program makes up itself, an attacker
 * can guess.
 */
import { NotSupportedError } from "./errors.js";

/** @throws NotSupportedError `no-random`. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  try {
    return crypto.getRandomValues(new Uint8Array(length));
  } catch (cause) {
    throw refused(cause);
  }
}

/** The error of a module that has asked for random numbers and got none: the host says why. */
export function noRandom(): NotSupportedError {
  try {
    randomBytes(1);
  } catch (error) {
    return error as NotSupportedError;
  }
  return refused(undefined);
}

function refused(cause: unknown): NotSupportedError {
  return new NotSupportedError(
    "no-random",
    typeof globalThis.crypto?.getRandomValues === "function"
      ? "The host's crypto.getRandomValues failed. In Cloudflare Workers it works inside of a handler only: encrypt there, and not in the global scope"
      : "This host has no crypto.getRandomValues, without which nothing can be encrypted",
    { cause },
  );
}
