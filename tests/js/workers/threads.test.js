/**
 * Node's own threads: one that is killed in the midst of its work, and a process that ends by
 * itself.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { AgeDecryptStream, AgeEncryptStream, decrypt, encrypt } from "age-rt-wasm";
import { through } from "./lib/through.js";

const PASSPHRASE = "real threads";
const QUICK = { workFactor: 1 };
const MIB = 2 ** 20;
const data = Buffer.alloc(6 * MIB + 12_345, "not a multiple of anything");
const file = await encrypt(data, PASSPHRASE, QUICK);

/** Kills a thread once it was sent its batch of this number, counted over all of them. */
let fatal = 0;
let killed = 0;
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (message, transfer) {
  const isBatch = "bytes" in message;
  postMessage.call(this, message, transfer);
  if (!isBatch || (fatal -= 1) !== 0) return;
  killed += 1;
  void this.terminate();
};

for (const batch of [1, 3])
  test(`a thread is killed with batch ${batch}: what came before it, then worker-failed, and the next stream has others`, async () => {
    fatal = batch;
    const opening = await through(new AgeDecryptStream(PASSPHRASE, { workers: 2 }), file);
    fatal = batch;
    const sealing = await through(new AgeEncryptStream(PASSPHRASE, { ...QUICK, workers: 2 }), data);
    assert.equal(opening.error?.code, "worker-failed");
    assert.ok(data.subarray(0, opening.bytes.length).equals(opening.bytes));
    assert.equal(sealing.error?.code, "worker-failed");
    assert.ok(killed >= 2);
    const sealed = await encrypt(data, PASSPHRASE, { ...QUICK, workers: 2 });
    assert.ok(data.equals(await decrypt(sealed, PASSPHRASE, { workers: 2 })));
  });

test("a process ends by itself behind a stream with workers, and while one is given up", async () => {
  const script = `
    import { AgeEncryptStream, decrypt, encrypt } from "age-rt-wasm";
    const data = new Uint8Array(3 * 2 ** 20);
    const file = await encrypt(data, "pw", { workFactor: 1, workers: 2 });
    const { length } = await decrypt(file, "pw", { workers: 2 });
    const { readable, writable } = new AgeEncryptStream("pw", { workFactor: 1, workers: 2 });
    writable.getWriter().write(data).catch(() => undefined);
    const reader = readable.getReader();
    await reader.read();
    await reader.cancel();
    console.log(length);`;
  const args = ["--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 300_000 });
  assert.equal(stdout.trim(), String(3 * MIB));
});
