/** Hands the player's requests to the page that has the key. */
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const id = /\/play\/([\w-]+)$/.exec(new URL(event.request.url).pathname)?.[1];
  if (id) event.respondWith(answer(event, id));
});

async function answer({ request, clientId }, id) {
  const page = await self.clients.get(clientId);
  if (!page) return new Response(null, { status: 404 });
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  page.postMessage({ id, url: request.url, range: request.headers.get("Range") }, [port2]);
  const { status, headers, body } = await answered;
  return new Response(body, { status, headers });
}
