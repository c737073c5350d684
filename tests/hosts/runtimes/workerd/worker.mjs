import * as age from "age-rt-wasm";
import { job } from "./job.mjs";

/** Calls at the edge of what workerd allows. */
const CALLS = {
  "/encrypt": () => age.encrypt("attack at dawn", "passphrase"),
  "/encrypt-19": () => age.encrypt("attack at dawn", "passphrase", { workFactor: 19 }),
  "/decrypt": async (request) => age.decrypt(await request.arrayBuffer(), "passphrase"),
  "/read": async (request) =>
    new TextDecoder().decode(await age.decrypt(await request.arrayBuffer(), "passphrase")),
  "/init": async (request) => age.init(await request.arrayBuffer()),
};

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
