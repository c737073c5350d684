/**
 * An error of ours prints as its class, with no property that is not there, in a minified program
 * too.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import * as age from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const CLASSES = Object.entries(age).filter(([name]) => name.endsWith("Error"));

async function thrown(promise) {
  return promise.then(
    () => assert.fail("nothing was thrown"),
    (error) => error,
  );
}

test("there are error classes", () => assert.ok(CLASSES.length >= 10));

for (const [name, Class] of CLASSES) {
  test(`${name}: its class, its instances and what is printed have its name`, () => {
    const error = new Class("internal", "a message");
    assert.equal(Class.name, name);
    assert.equal(error.name, name);
    assert.equal(error.constructor.name, name);
    assert.match(inspect(error), new RegExp(`^${name}: a message\\n`));
    assert.equal(String(error), `${name}: a message`);
  });

  test(`${name}: has no property that is not there`, () => {
    const error = new Class("internal", "a message");
    assert.deepEqual(Object.keys(error), ["code"]);
    assert.doesNotMatch(inspect(error), /undefined/);
  });

  test(`${name}: a class of the user's that extends it has its own name`, () => {
    class Mine extends Class {}
    assert.equal(new Mine("internal", "a message").name, "Mine");
  });
}

test("a real one has what it tells of, and nothing else", async () => {
  const options = { workFactor: 1 };
  const file = await age.encrypt("attack at dawn", PASSPHRASE, options);
  const wrong = await thrown(age.decrypt(file, "another"));
  assert.deepEqual(Object.keys(wrong), ["code"]);
  file[file.length - 1] ^= 1;
  const changed = await thrown(age.decrypt(file, PASSPHRASE));
  assert.deepEqual(Object.keys(changed).sort(), ["chunkIndex", "code"]);
});
