/**
 * What the package does in the global scope, where workerd gives no random numbers, and with
 * sockets that nobody has accepted.
 */
import * as age from "age-rt-wasm";
// The entry for hosts of other kinds, which is given the module.
import * as generic from "./generic.mjs";
import module from "./age_rt.wasm";

const inGlobalScope = {};
await attempt("init", () => age.init());
await attempt("init of the generic entry", () => generic.init(module));
await attempt("encrypt", () => age.encrypt("x", "pw", { workFactor: 1 }));
await attempt("generic encrypt", () => generic.encrypt("x", "pw", { workFactor: 1 }));

async function attempt(name, call) {
  try {
    await call();
    inGlobalScope[name] = "done";
  } catch (error) {
    inGlobalScope[name] = [
      error.code,
      /inside of a handler/.test(error.message),
      error.cause instanceof Error,
    ];
  }
}

async function roundTrip({ encrypt, decrypt }) {
  const file = await encrypt("attack at dawn", "pw", { workFactor: 1 });
  return new TextDecoder().decode(await decrypt(file, "pw"));
}

/** A socket that nobody has accepted is accepted. */
async function unaccepted() {
  const [ours, theirs] = Object.values(new WebSocketPair());
  theirs.accept();
  const { opened, closed, readable } = age.fromWebSocket(ours);
  await opened;
  theirs.send(Uint8Array.of(1, 2, 3));
  const { value } = await readable.getReader().read();
  theirs.close(1000, "");
  const { code } = await closed;
  return [[...value], code];
}

export default {
  async fetch() {
    return Response.json({
      inGlobalScope,
      inHandler: [await roundTrip(age), await roundTrip(generic)],
      unaccepted: await unaccepted(),
    });
  },
};
