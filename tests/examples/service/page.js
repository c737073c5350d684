import { AgeRtDecryptStream, AgeRtEncryptStream, fromWebSocket } from "age-rt-wasm";

const form = document.querySelector("#ask");
const status = document.querySelector("#status");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { service, passphrase, words } = Object.fromEntries(new FormData(form));
  status.textContent = "Asking";
  try {
    await ask(service, passphrase, words.split(/\s+/).filter(Boolean));
    status.textContent = "Answered";
  } catch (error) {
    status.textContent = `Failed: ${error.message}`;
  }
});

async function ask(service, passphrase, words) {
  const socket = fromWebSocket(new WebSocket(service));
  const incoming = socket.readable
    .pipeThrough(new AgeRtDecryptStream(passphrase, { closeAtFinal: true, maxWorkFactor: 18 }))
    .pipeThrough(new TextDecoderStream());
  const outgoing = new AgeRtEncryptStream(passphrase);
  const sent = outgoing.readable.pipeTo(socket.writable, { preventClose: true });
  const shown = show(incoming);
  const writer = outgoing.writable.getWriter();
  const said = (async () => {
    for (const word of words) await writer.write(new TextEncoder().encode(word));
    await writer.close();
  })();
  await Promise.all([said, sent, shown]);
  socket.close();
  await socket.closed;
}

async function show(incoming) {
  const reader = incoming.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const item = document.createElement("li");
    item.textContent = next.value;
    document.querySelector("#answers").append(item);
  }
}
