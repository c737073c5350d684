import * as age from "age-rt-wasm";
import * as keys from "age-rt-wasm/recipients";
import { job } from "./job.mjs";

/** Calls at the edge of what workerd allows. */
const CALLS = {
  "/encrypt": () => age.encrypt("attack at dawn", "passphrase"),
  "/encrypt-19": () => age.encrypt("attack at dawn", "passphrase", { workFactor: 19 }),
  "/decrypt": async (request) => age.decrypt(await request.arrayBuffer(), "passphrase"),
  "/read": async (request) =>
    new TextDecoder().decode(await age.decrypt(await request.arrayBuffer(), "passphrase")),
  "/keys": keysOfEveryKind,
  "/init": async (request) => age.init(await request.arrayBuffer()),
};

/** What each of the modules of keys does. */
async function keysOfEveryKind() {
  for (const type of ["x25519", "hybrid"]) {
    const secret = await keys.generateIdentity(type);
    const to = keys.recipient(await keys.recipientOf(secret));
    const opened = await age.decrypt(await age.encrypt(type, to), keys.identity(secret));
    if (new TextDecoder().decode(opened) !== type) throw new Error(`${type}: another text`);
  }
  const hardware = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";
  await age.encrypt("text", keys.recipient(hardware));
}

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/job") return Response.json(await job(age));
    try {
      const given = await CALLS[pathname](request);
      return Response.json(typeof given === "string" ? given : "accepted");
    } catch (error) {
      return Response.json({
        code: error.code,
        ofItsClass: error instanceof age.NotSupportedError,
      });
    }
  },
};
