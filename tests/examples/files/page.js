import { AgeDecryptStream, AgeEncryptStream, toBlob } from "age-rt-wasm";

const form = document.querySelector("#files");
const link = document.querySelector("#download");
const status = document.querySelector("#status");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { server, passphrase, file } = Object.fromEntries(new FormData(form));
  const url = new URL(crypto.randomUUID(), server);
  try {
    status.textContent = "Encrypting";
    const onProgress = (done) =>
      (status.textContent = `Encrypting: ${Math.floor((done / file.size) * 100)} %`);
    // A Blob, and not the stream: that is what every browser can upload.
    const body = await toBlob(
      file.stream().pipeThrough(new AgeEncryptStream(passphrase, { onProgress })),
    );
    status.textContent = "Uploading";
    const { ok } = await fetch(url, { method: "PUT", body });
    if (!ok) throw new Error("The server has refused it");
    status.textContent = "Downloading";
    const response = await fetch(url);
    const plaintext = response.body.pipeThrough(new AgeDecryptStream(passphrase));
    link.href = URL.createObjectURL(await toBlob(plaintext));
    link.download = file.name;
    link.hidden = false;
    status.textContent = "Here it is again";
  } catch (error) {
    status.textContent = `Failed: ${error.message}`;
  }
});
