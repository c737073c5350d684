/** The age authors' vectors: the fields in front of each file, and the file. */
import { passphraseIdentity } from "age-rt-wasm";
import { identity } from "age-rt-wasm/recipients";
import { vector } from "../../harness.js";

export const cctvNames = JSON.parse(new TextDecoder().decode(await vector("cctv-names.json")));

/** CCTV's classes for our codes. */
export const CLASSES = {
  "invalid-armor": "armor failure",
  "invalid-header": "header failure",
  "unknown-format": "header failure",
  "not-age": "header failure",
  "excessive-work-factor": "header failure",
  "header-mac": "HMAC failure",
  "no-identity-match": "no match",
  "no-passphrase-stanza": "no match",
  "wrong-passphrase": "no match",
  "chunk-authentication": "payload failure",
  "chunk-length": "payload failure",
  "trailing-data": "payload failure",
};

export async function readCctv(name) {
  const bytes = await vector(`cctv/${name}`);
  let end = 0;
  while (bytes[end] !== 10 || bytes[end + 1] !== 10) end += 1;
  const fields = { identity: [], passphrase: [] };
  for (const line of new TextDecoder("latin1").decode(bytes.subarray(0, end)).split("\n")) {
    const at = line.indexOf(": ");
    const [field, value] = [line.slice(0, at), line.slice(at + 2)];
    if (fields[field] instanceof Array) fields[field].push(value);
    else fields[field] = value;
  }
  const body = bytes.slice(end + 2);
  if (!fields.compressed) return { ...fields, file: body };
  const inflated = new Blob([body]).stream().pipeThrough(new DecompressionStream("deflate"));
  return { ...fields, file: new Uint8Array(await new Response(inflated).arrayBuffer()) };
}

export function keysOf({ identity: identities, passphrase: passphrases }) {
  const keys = [
    ...passphrases.map((each) => passphraseIdentity(each)),
    ...identities.map(identity),
  ];
  // Files that need no key are tried with one of somebody else.
  return keys.length > 0 ? keys : [passphraseIdentity("of nobody")];
}
