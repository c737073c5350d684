/**
 * PowerShell's redirection makes text of a binary file, and loses bytes: the library says so, as
 * the age command does. The page: page/10-….
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, encrypt } from "age-rt-wasm";

const file = await encrypt("attack at dawn", "a passphrase", { workFactor: 1 });
const text = Buffer.from(file).toString("latin1").replaceAll("\n", "\r\n");

for (const [what, bytes] of [
  ["UTF-16", Buffer.from(`\ufeff${text}`, "utf16le")],
  ["CR before each LF", Buffer.from(text, "latin1")],
])
  test(`a file with ${what}`, () => assert.rejects(decrypt(bytes, "a passphrase"), /redirection/));
