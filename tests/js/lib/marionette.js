/**
 * Firefox's own software authenticator, which has PRF. Only Marionette, the protocol of Firefox's
 * driver, can put one into it.
 */
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";

/** How a Firefox is started that can have one. */
export const WITH_AUTHENTICATOR = {
  flags: ["--marionette"],
  preferences: {
    // Any that is free: the profile says which.
    "marionette.port": 0,
    "security.webauth.webauthn_enable_softtoken": true,
    "security.webauth.webauthn_enable_usbtoken": false,
  },
};

/**
 * This device's, whose user agrees to everything.
 *
 * @returns ends the connection, and the browser with it: to be called when that has closed.
 */
export async function addAuthenticator(profile) {
  const port = await readFile(join(profile, "MarionetteActivePort"), "utf8");
  const socket = connect(Number(port), "127.0.0.1");
  const messages = messagesOf(socket);
  await messages.next();
  const options = {
    protocol: "ctap2_1",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserConsenting: true,
    isUserVerified: true,
  };
  const command = JSON.stringify([0, 1, "WebAuthn:AddVirtualAuthenticator", options]);
  socket.write(`${command.length}:${command}`);
  const { value } = await messages.next();
  const [, , error] = value;
  if (error) throw new Error(`Firefox takes no authenticator: ${error.message}`);
  return () => socket.destroy();
}

/** Each has its length in front. */
async function* messagesOf(socket) {
  let rest = Buffer.alloc(0);
  for await (const piece of socket) {
    rest = Buffer.concat([rest, piece]);
    for (;;) {
      const colon = rest.indexOf(":");
      const end = colon + 1 + Number(rest.subarray(0, Math.max(0, colon)));
      if (colon < 0 || rest.length < end) break;
      yield JSON.parse(rest.subarray(colon + 1, end));
      rest = rest.subarray(end);
    }
  }
}
