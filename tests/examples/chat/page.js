import { AgeRtDecryptStream, AgeRtEncryptStream, fromWebSocket } from "age-rt-wasm";
import { greet } from "./greet.js";

const connect = document.querySelector("#connect");
const say = document.querySelector("#say");
const status = document.querySelector("#status");

connect.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { relay, passphrase, role } = Object.fromEntries(new FormData(connect));
  connect.hidden = true;
  status.textContent = "Connecting";
  const socket = fromWebSocket(new WebSocket(relay));
  try {
    await chat(socket, passphrase, Number(role));
    status.textContent = "The conversation has ended";
  } catch (error) {
    socket.close();
    status.textContent = `The conversation has failed: ${error.message}`;
  }
  say.hidden = true;
});

async function chat(socket, passphrase, role) {
  const outgoing = new AgeRtEncryptStream(passphrase);
  const sent = outgoing.readable.pipeTo(socket.writable, { preventClose: true });
  // Whatever fails here fails the reading below too.
  sent.catch(() => undefined);
  const reader = socket.readable
    .pipeThrough(new AgeRtDecryptStream(passphrase, { closeAtFinal: true, maxWorkFactor: 18 }))
    .getReader();
  const writer = outgoing.writable.getWriter();
  writer.closed.catch(() => undefined);

  await greet(reader, writer, role);
  status.textContent = "Connected";
  say.hidden = false;
  say.onsubmit = (event) => {
    event.preventDefault();
    const { value } = say.elements.text;
    writer.write(new TextEncoder().encode(value)).then(
      () => show("I", value),
      () => undefined,
    );
    say.elements.text.value = "";
  };
  let left = false;
  const leave = () => {
    if (!left) writer.close().catch(() => undefined);
    left = true;
  };
  document.querySelector("#leave").onclick = leave;
  for (let next = await reader.read(); !next.done; next = await reader.read())
    show("They", new TextDecoder().decode(next.value));
  // They have said their last word; so do we, and close once both are said.
  leave();
  await sent;
  socket.close();
  await socket.closed;
}

function show(who, text) {
  const item = document.createElement("li");
  item.textContent = `${who}: ${text}`;
  document.querySelector("#messages").append(item);
}
