/** Downloads and uploads over HTTP, in Node: decrypted while they arrive, encrypted while they leave. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { test } from "node:test";
import { AgeDecryptStream, AgeEncryptStream, AgeRtDecryptStream, AgeRtEncryptStream } from "age-rt-wasm";
import { closed, digest, gate, listening, MB, source } from "./lib/http.js";

const PASSPHRASE = "over the network";
const QUICK = { workFactor: 1 };
const DOWNLOAD = 100 * MB;
const UPLOAD = 20 * MB;

const FORMATS = {
  age: { Encrypt: AgeEncryptStream, Decrypt: AgeDecryptStream },
  "age-rt": { Encrypt: AgeRtEncryptStream, Decrypt: AgeRtDecryptStream },
};

for (const [format, { Encrypt, Decrypt }] of Object.entries(FORMATS)) {
  test(`${format}: the first plaintext of a 100 MB download is out while at least 99 MB are unsent, and the rest follows`, async (t) => {
    const { open, passed } = gate();
    // A server that waits for its reader with its first megabyte sent: whoever needed more would wait for ever.
    const file = source(DOWNLOAD, (made) => (made > MB - 65_536 ? passed : undefined));
    const server = createServer((_, response) => void Readable.fromWeb(file.readable.pipeThrough(new Encrypt(PASSPHRASE, QUICK))).pipe(response));
    const port = await listening(server);
    t.after(() => closed(server));

    const { body } = await fetch(`http://localhost:${port}/`);
    const reader = body.pipeThrough(new Decrypt(PASSPHRASE)).getReader();
    const { value } = await reader.read();
    const unsent = DOWNLOAD - file.bytes;
    open();
    t.diagnostic(`${unsent} bytes were unsent`);
    assert.ok(unsent >= 99 * MB);
    const got = await digest(
      (async function* () {
        yield value;
        for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
      })(),
    );
    assert.deepEqual(got, await digest(source(DOWNLOAD).readable));
  });

  test(`${format}: an upload leaves as it is encrypted, and the server sees ciphertext`, async (t) => {
    const { open, passed } = gate();
    let received;
    const server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) {
        parts.push(part);
        open();
      }
      received = Buffer.concat(parts);
      response.end();
    });
    const port = await listening(server);
    t.after(() => closed(server));

    // Nothing of the file is made before the server has something of the stream.
    const file = source(UPLOAD, () => passed);
    const body = file.readable.pipeThrough(new Encrypt(PASSPHRASE, QUICK));
    const { status } = await fetch(`http://localhost:${port}/`, { method: "POST", body, duplex: "half" });
    assert.equal(status, 200);
    assert.equal(received.includes(new Uint8Array(100)), false);
    const decrypted = new Blob([received]).stream().pipeThrough(new Decrypt(PASSPHRASE));
    assert.deepEqual(await digest(decrypted), await digest(source(UPLOAD).readable));
  });

  test(`${format}: a download that breaks off is truncated, whatever its length said`, async (t) => {
    const server = createServer(async (_, response) => {
      const stream = source(UPLOAD).readable.pipeThrough(new Encrypt(PASSPHRASE, QUICK));
      let sent = 0;
      for await (const chunk of stream) {
        if ((sent += chunk.length) > MB) break;
        if (!response.write(chunk)) await once(response, "drain");
      }
      response.end();
    });
    const port = await listening(server);
    t.after(() => closed(server));
    const { body } = await fetch(`http://localhost:${port}/`);
    await assert.rejects(digest(body.pipeThrough(new Decrypt(PASSPHRASE))), ({ code }) => code === "truncated");
  });
}
