/**
 * Plays a video that is encrypted on its server: what the player asks for is fetched and decrypted,
 * and no more of it.
 */
import { AgeReader } from "age-rt-wasm/reader";

/** Bytes in one answer: players ask for all that follows, and come back for what is missing. */
const MOST = 2 ** 20;
const videos = new Map();
const status = document.querySelector("#status");

/**
 * The worker is stopped whenever the browser likes and keeps nothing: it asks this page, which
 * holds the key.
 */
navigator.serviceWorker.addEventListener("message", async ({ data, ports: [port] }) => {
  const reader = videos.get(data.id);
  if (!reader) return port.postMessage({ status: 404, headers: [] });
  const start = Number(/^bytes=(\d+)-/.exec(data.range)?.[1] ?? 0);
  const headers = { Range: `bytes=${start}-${start + MOST - 1}` };
  try {
    const answer = reader.respond(new Request(data.url, { headers }), {
      headers: { "Content-Type": "video/webm" },
    });
    const body = await answer.arrayBuffer();
    port.postMessage({ status: answer.status, headers: [...answer.headers], body }, [body]);
  } catch (error) {
    status.textContent = error.message;
    port.postMessage({ status: 500, headers: [] });
  }
});

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { address, passphrase } = Object.fromEntries(new FormData(event.target));
  try {
    await navigator.serviceWorker.register("worker.js");
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
      );
    const reader = await AgeReader.open(new URL(address, location.href), passphrase);
    // An address that nobody guesses, and that ends with this page.
    const id = crypto.randomUUID();
    videos.set(id, reader);
    document.querySelector("video").src = `play/${id}`;
    status.textContent = `${reader.size} bytes`;
  } catch (error) {
    status.textContent = error.code ?? error.message;
  }
});
