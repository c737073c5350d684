import { AgeDecryptStream, AgeEncryptStream, toBlob } from "age-rt-wasm";

const form = document.querySelector("#files");
const link = document.querySelector("#download");
const status = document.querySelector("#status");
const progress = document.querySelector("#progress");
const cancel = document.querySelector("#cancel");

/** What a person is told of a code. Others speak for themselves. */
const SAID = {
  "empty-passphrase": "Choose a passphrase",
  "wrong-passphrase": "That is not the passphrase",
  "chunk-authentication": "The server has changed the file, or kept a part of it",
  truncated: "The server has kept a part of the file",
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { server, passphrase, file } = Object.fromEntries(new FormData(form));
  const controller = new AbortController();
  const { signal } = controller;
  cancel.onclick = () => controller.abort();
  cancel.disabled = false;
  try {
    const url = new URL(crypto.randomUUID(), server);
    await upload(file, url, passphrase, signal);
    link.href = URL.createObjectURL(await download(url, file.size, passphrase, signal));
    link.download = file.name;
    link.hidden = false;
    status.textContent = "Here it is again";
  } catch (error) {
    status.textContent = signal.aborted
      ? "Cancelled"
      : `Failed: ${SAID[error.code] ?? error.message}`;
  } finally {
    cancel.disabled = true;
  }
});

async function upload(file, url, passphrase, signal) {
  status.textContent = "Encrypting";
  const encrypting = new AgeEncryptStream(passphrase, { signal, onProgress: shown(file.size) });
  // A Blob, and not the stream: that is what every browser can upload.
  const body = await toBlob(file.stream().pipeThrough(encrypting));
  status.textContent = "Uploading";
  const { ok } = await fetch(url, { method: "PUT", body, signal });
  if (!ok) throw new Error("The server has refused it");
}

async function download(url, size, passphrase, signal) {
  status.textContent = "Downloading";
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error("The server has lost it");
  const decrypting = new AgeDecryptStream(passphrase, { signal, onProgress: shown(size) });
  return toBlob(response.body.pipeThrough(decrypting));
}

function shown(size) {
  return (bytes) => (progress.value = size === 0 ? 1 : bytes / size);
}
