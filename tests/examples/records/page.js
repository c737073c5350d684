import { Records } from "./store.js";

const form = document.querySelector("#records");
const status = document.querySelector("#status");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { passphrase, next } = Object.fromEntries(new FormData(form));
  status.textContent = "Deriving the key";
  let records;
  try {
    records = await Records.open(passphrase);
    status.textContent = await does[event.submitter.value](records, next);
  } catch (error) {
    status.textContent =
      error.code === "wrong-passphrase" ? "Wrong passphrase" : `Failed: ${error.message}`;
  } finally {
    records?.close();
  }
});

const does = {
  async fill(records) {
    const entries = Array.from({ length: 1000 }, (_, i) => [`note-${i}`, { text: `Note ${i}` }]);
    await records.put(entries);
    return `Kept ${entries.length}`;
  },

  async read(records) {
    const ids = await records.ids();
    let length = 0;
    for (const id of ids) length += (await records.get(id)).text.length;
    return `Read ${ids.length}, ${length} characters`;
  },

  async change(records, next) {
    await records.changePassphrase(next);
    return "Changed";
  },
};
