/** The age authors' 143 vectors through the public API, with the keys that they name, in every engine: armored ones, hybrid ones and all. */
import { AgeRtError, decrypt, passphraseIdentity } from "age-rt-wasm";
import { identity } from "age-rt-wasm/recipients";
import { assert, vector } from "../harness.js";
import { sha256 } from "./lib/bytes.js";
import { describe, test } from "./lib/groups.js";

const COUNT = 143;
const names = JSON.parse(new TextDecoder().decode(await vector("cctv-names.json")));

/** CCTV's classes for our codes. */
const CLASSES = {
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

/** Truncated in the header, in the nonce, or in the payload: their names say where. */
const TRUNCATED = { stream_no_nonce: "header failure", stream_short_nonce: "header failure" };

/** What only armor has, and CCTV counts as armor's fault: the same bytes without it would be no age file. */
const NO_ARMOR_AT_ALL = ["not-age", "invalid-armor"];

async function read(name) {
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

function keysOf({ identity: identities, passphrase: passphrases }) {
  const keys = [
    ...passphrases.map((each) => passphraseIdentity(each)),
    ...identities.map(identity),
  ];
  // Files that need no key are tried with one of somebody else.
  return keys.length > 0 ? keys : [passphraseIdentity("of nobody")];
}

test(`there are ${COUNT}`, () => assert.equal(names.length, COUNT));

describe("each ends as its authors say", () => {
  for (const name of names) {
    test(name, async () => {
      const wanted = await read(name);
      let outcome;
      try {
        const plaintext = await decrypt(wanted.file, keysOf(wanted));
        outcome = "success";
        assert.equal(await sha256(plaintext), wanted.payload);
      } catch (error) {
        if (outcome || !(error instanceof AgeRtError)) throw error;
        outcome =
          error.code === "truncated"
            ? (TRUNCATED[name] ?? (/^stream_/.test(name) ? "payload failure" : "header failure"))
            : CLASSES[error.code];
        if (wanted.expect === "armor failure" && NO_ARMOR_AT_ALL.includes(error.code))
          outcome = "armor failure";
      }
      assert.equal(outcome, wanted.expect);
    });
  }
});
