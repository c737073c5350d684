import { base64ToBytes } from "../engine/host.js";

/** Canonical base64 without padding, as in a stanza's arguments. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/=+$/, "");
}

/**
 * Exactly `length` bytes, or undefined. What is not canonical would be a second spelling of the
 * same file.
 */
export function decodeBase64(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== Math.ceil((length * 4) / 3) || /[^A-Za-z0-9+/]/.test(text)) return undefined;
  const bytes = base64ToBytes(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
  return bytes.length === length && encodeBase64(bytes) === text ? bytes : undefined;
}
