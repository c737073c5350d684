/**
 * A file of the origin's private file system gets another passphrase: its header is written anew,
 * its payload is copied by the browser.
 */
import { AgeRtError } from "age-rt-wasm";
import { rekey } from "age-rt-wasm/header";

const NAME = "stored.age";
const form = document.querySelector("form");
const status = document.querySelector("#status");

/** @returns how many milliseconds the new header took, and how many the copy of the payload. */
export async function change(from, to, options) {
  const folder = await navigator.storage.getDirectory();
  const stored = await folder.getFileHandle(NAME);
  const started = performance.now();
  const renewed = await rekey(await stored.getFile(), from, to, options);
  const made = performance.now();
  // Beside the old one, which is replaced once the new one is whole.
  const beside = await folder.getFileHandle(`${NAME}.new`, { create: true });
  await renewed.stream().pipeTo(await beside.createWritable());
  const copied = performance.now();
  if (typeof beside.move === "function") await beside.move(NAME);
  else throw new Error("This browser cannot move files: it keeps both");
  return { header: made - started, copy: copied - made };
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { old, new: other } = Object.fromEntries(new FormData(form));
  status.textContent = "One moment";
  try {
    await change(old, other);
    status.textContent = "The passphrase is another one now";
  } catch (error) {
    const wrong = error instanceof AgeRtError && error.code === "wrong-passphrase";
    status.textContent = wrong ? "That is not the old passphrase" : String(error.message);
  }
});
