import * as age from "age-rt-wasm";
import { job } from "./job.mjs";

/** Calls at the edge of what workerd allows. */
const CALLS = {
  "/encrypt": () => age.encrypt("attack at dawn", "passphrase"),
  "/encrypt-16": () => age.encrypt("attack at dawn", "passphrase", { workFactor: 16 }),
  "/init": async (request) => age.init(await request.arrayBuffer()),
};

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/job") return Response.json(await job(age));
    try {
      await CALLS[pathname](request);
      return Response.json("accepted");
    } catch (error) {
      return Response.json({
        code: error.code,
        ofItsClass: error instanceof age.NotSupportedError,
      });
    }
  },
};
