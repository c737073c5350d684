/**
 * Encrypted records in IndexedDB. One derivation opens the store, however many records it has: the
 * passphrase encrypts a random key, and that key the records, at work factor 1, since nobody can
 * guess it. A new passphrase rewraps the key alone.
 */
import { decrypt, encrypt } from "age-rt-wasm";

const NAME = "encrypted-records";
const FAST = { workFactor: 1 };
const text = (bytes) => new TextDecoder().decode(bytes);

export class Records {
  #database;
  #key;

  /** Opens the store, or makes it. Rejects with `wrong-passphrase`, and changes nothing then. */
  static async open(passphrase, { signal } = {}) {
    const records = new Records();
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("records");
      request.result.createObjectStore("keys");
    };
    records.#database = await settled(request);
    try {
      const wrapped = await records.#get("keys", "key");
      if (wrapped)
        records.#key = text(await decrypt(wrapped, passphrase, { maxWorkFactor: 18, signal }));
      else {
        records.#key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
        await records.changePassphrase(passphrase, { signal });
      }
      return records;
    } catch (error) {
      records.close();
      throw error;
    }
  }

  /** Keeps all of them, or, where something fails, none. */
  async put(entries) {
    // Encrypted before the transaction begins: it would end by itself while it waits for anything
    // else.
    const encrypted = [];
    for (const [id, value] of entries)
      encrypted.push([id, await encrypt(JSON.stringify({ id, value }), this.#key, FAST)]);
    const transaction = this.#database.transaction("records", "readwrite");
    for (const [id, bytes] of encrypted) transaction.objectStore("records").put(bytes, id);
    await settled(transaction);
  }

  /** A record that was changed, or put in another's place, is an error. */
  async get(id) {
    const bytes = await this.#get("records", id);
    if (!bytes) return undefined;
    const record = JSON.parse(text(await decrypt(bytes, this.#key, { maxWorkFactor: 1 })));
    if (record.id !== id) throw new Error(`The record ${id} was exchanged for another`);
    return record.value;
  }

  async ids() {
    return settled(this.#store("records").getAllKeys());
  }

  async changePassphrase(passphrase, { signal } = {}) {
    const wrapped = await encrypt(this.#key, passphrase, { signal });
    await settled(this.#store("keys", "readwrite").put(wrapped, "key"));
  }

  close() {
    this.#database.close();
  }

  #get(store, id) {
    return settled(this.#store(store).get(id));
  }

  #store(name, mode) {
    return this.#database.transaction(name, mode).objectStore(name);
  }
}

/** A request with what it gives, or a transaction. */
function settled(work) {
  return new Promise((resolve, reject) => {
    work.onsuccess = work.oncomplete = () => resolve(work.result);
    work.onerror = work.onabort = ({ target }) => reject(target.error);
  });
}
