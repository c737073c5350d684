import * as age from "age-rt-wasm";
import { job } from "./job.mjs";

/** Calls that workerd has to refuse, each on its own address so that each meets a fresh isolate. */
const REFUSED = {
  "/encrypt": () => age.encrypt("attack at dawn", "passphrase"),
  "/init": async (request) => age.init(await request.arrayBuffer()),
};

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/job") return Response.json(await job(age));
    try {
      await REFUSED[pathname](request);
      return Response.json("accepted");
    } catch (error) {
      return Response.json({ code: error.code, ofItsClass: error instanceof age.NotSupportedError });
    }
  },
};
