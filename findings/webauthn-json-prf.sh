#!/bin/sh
# Versions: @github/webauthn-json 2.1.1, @simplewebauthn/browser 14.0.0.
# Behaviour: both turn the JSON of a server into what navigator.credentials.get() takes, and its answer into
# JSON. webauthn-json leaves out an extension that it does not know, prf: nothing is asked and nothing
# comes back, without an error. SimpleWebAuthn hands the base64 of `eval` on as a string, where browsers
# want bytes, and answers with an ArrayBuffer, which JSON.stringify() makes an empty object of.
# Source of the first: https://github.com/github/webauthn-json/issues/65
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages @github/webauthn-json@2.1.1 @simplewebauthn/browser@14.0.0

cat > ask.mjs <<'JS'
// A browser's side, which says what it was asked for and gives a result of PRF.
const bytes = () => Uint8Array.of(1, 2, 3).buffer;
let asked;
globalThis.window = globalThis;
globalThis.PublicKeyCredential = class {
  id = "AQID";
  rawId = bytes();
  type = "public-key";
  response = { clientDataJSON: bytes(), authenticatorData: bytes(), signature: bytes(), userHandle: null };
  getClientExtensionResults = () => ({ prf: { results: { first: bytes() } } });
};
const credentials = {
  get: async ({ publicKey }) => ((asked = publicKey.extensions), new PublicKeyCredential()),
};
Object.defineProperty(globalThis, "navigator", { value: { credentials } });

const { get } = await import("@github/webauthn-json");
const { startAuthentication } = await import("@simplewebauthn/browser");
const options = { challenge: "AQID", extensions: { prf: { eval: { first: "AQID" } } } };
for (const [name, run] of [
  ["webauthn-json", () => get({ publicKey: options })],
  ["SimpleWebAuthn", () => startAuthentication({ optionsJSON: options })],
]) {
  const { clientExtensionResults } = await run();
  console.log(`${name}: asked for ${JSON.stringify(asked)}, gave ${JSON.stringify(clientExtensionResults)}`);
}
JS
node ask.mjs > output
seen output <<'END'
webauthn-json: asked for {}, gave {}
SimpleWebAuthn: asked for {"prf":{"eval":{"first":"AQID"}}}, gave {"prf":{"results":{"first":{}}}}
END
