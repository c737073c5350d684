import { AgeDecryptStream, AgeEncryptStream, ciphertextSize } from "age-rt-wasm";

const form = document.querySelector("#files");
const link = document.querySelector("#download");
const status = document.querySelector("#status");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { server, passphrase, file } = Object.fromEntries(new FormData(form));
  const url = new URL(crypto.randomUUID(), server);
  try {
    status.textContent = "Encrypting";
    const body = await blobOf(
      file.stream().pipeThrough(new AgeEncryptStream(passphrase)),
      ciphertextSize(file.size),
    );
    status.textContent = "Uploading";
    const { ok } = await fetch(url, { method: "PUT", body });
    if (!ok) throw new Error("The server has refused it");
    status.textContent = "Downloading";
    const response = await fetch(url);
    const plaintext = response.body.pipeThrough(new AgeDecryptStream(passphrase));
    link.href = URL.createObjectURL(await new Response(plaintext).blob());
    link.download = file.name;
    link.hidden = false;
    status.textContent = "Here it is again";
  } catch (error) {
    status.textContent = `Failed: ${error.message}`;
  }
});

/** What every browser can upload. The parts are blobs, so that it may keep them on its disk. */
async function blobOf(ciphertext, size) {
  const parts = [];
  let done = 0;
  const reader = ciphertext.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(new Blob([next.value]));
    done += next.value.length;
    status.textContent = `Encrypting: ${Math.floor((done / size) * 100)} %`;
  }
  return new Blob(parts);
}
