/**
 * The server of the transfers, as a handler of requests: it holds a download back until the client
 * has read its first plaintext.
 */
import { Readable } from "node:stream";
import { AgeDecryptStream, AgeEncryptStream, ciphertextSize } from "age-rt-wasm";
import { checked, fileOf, LOW, PASSPHRASE } from "./transfer.js";

/** Sent before the client has said that it has plaintext. */
const FIRST_LEN = 500_000;

export class Transfers {
  /** Bytes of the download that were unsent when its first plaintext was out. */
  unsentAtFirst;
  #length;
  #unsent;
  #tellFirst;
  #first;
  #tellUpload;
  #started = new Promise((resolve) => (this.#tellUpload = resolve));

  constructor(length) {
    this.#length = length;
  }

  /** @returns whether the request was for it */
  handle = async (url, response, request) => {
    const route = {
      "/download": this.#download,
      "/first-plaintext": this.#onFirst,
      "/upload": this.#upload,
      "/upload-started": this.#onUpload,
    }[url.pathname];
    if (!route) return false;
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "*");
    if (request.method === "OPTIONS") response.end();
    else await route.call(this, response, request);
    return true;
  };

  async #download(response) {
    this.#first = new Promise((resolve) => (this.#tellFirst = resolve));
    this.#unsent = ciphertextSize(this.#length, LOW);
    response.setHeader("Content-Length", this.#unsent);
    response.setHeader("Content-Type", "application/octet-stream");
    let sent = 0;
    for await (const chunk of fileOf(this.#length).pipeThrough(
      new AgeEncryptStream(PASSPHRASE, LOW),
    )) {
      this.#unsent -= chunk.length;
      sent += chunk.length;
      if (!response.write(chunk)) await new Promise((resolve) => response.once("drain", resolve));
      if (sent > FIRST_LEN) await this.#first;
    }
    response.end();
  }

  #onFirst(response) {
    this.unsentAtFirst = this.#unsent;
    this.#tellFirst();
    response.end();
  }

  async #onUpload(response) {
    await this.#started;
    response.end();
  }

  async #upload(response, request) {
    const plaintext = Readable.toWeb(request)
      .pipeThrough(new AgeDecryptStream(PASSPHRASE))
      .getReader();
    const first = await plaintext.read();
    this.#tellUpload();
    const received = await checked(plaintext, this.#length, first).catch(String);
    response.end(String(received));
  }
}
