/**
 * What is left of an error that another realm gets by `structuredClone()` or `postMessage()`: the
 * table of the npm README, host by host.
 */
import { WrongPassphraseError } from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { CLONED, hostName } from "./lib/cloned.js";

function failure() {
  return new WrongPassphraseError("wrong-passphrase", "The passphrase does not fit");
}

function posted(value) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port2.onmessage = ({ data }) => {
      port1.close();
      port2.close();
      resolve(data);
    };
    port2.onmessageerror = reject;
    port1.postMessage(value);
  });
}

for (const [way, clone] of [
  ["structuredClone()", (error) => structuredClone(error)],
  ["postMessage()", posted],
]) {
  test(`${way}: the message is left; class and code are not; the name is as the table says`, async () => {
    const cloned = await clone(failure());
    assert.equal(cloned instanceof Error, true);
    assert.equal(cloned instanceof WrongPassphraseError, false);
    assert.equal(cloned.message, "The passphrase does not fit");
    assert.deepEqual({ name: cloned.name, code: cloned.code ?? null }, CLONED[hostName()]);
  });

  test(`${way}: what the README says to send instead arrives`, async () => {
    const { code, message } = failure();
    assert.deepEqual(await clone({ code, message }), {
      code: "wrong-passphrase",
      message: "The passphrase does not fit",
    });
  });
}
