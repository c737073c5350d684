import { AgeRtDecryptStream } from "age-rt-wasm";

const form = document.querySelector("#ask");
const answer = document.querySelector("#answer");
const status = document.querySelector("#status");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { server, passphrase } = Object.fromEntries(new FormData(form));
  answer.textContent = "";
  status.textContent = "Asking";
  try {
    const { body } = await fetch(server);
    const words = body
      .pipeThrough(new AgeRtDecryptStream(passphrase, { maxWorkFactor: 18 }))
      .pipeThrough(new TextDecoderStream())
      .getReader();
    for (let next = await words.read(); !next.done; next = await words.read())
      answer.append(next.value);
    status.textContent = "That was all";
  } catch (error) {
    // An answer that was cut short is an error, not an end.
    status.textContent = `Failed: ${error.message}`;
  }
});
