/**
 * Takes files that a person shares with the installed page, and keeps them until the page has them.
 */
import { SHARED_FILE } from "./protocol.js";

/** Then it shows the page, which takes them. */
export async function keepShared(request: Request, cacheName: string): Promise<Response> {
  const files = (await request.formData()).getAll("files");
  const cache = await caches.open(cacheName);
  let count = 0;
  for (const file of files) {
    if (!(file instanceof File)) continue;
    await cache.put(
      new Request(`${SHARED_FILE}${count}`),
      new Response(file, { headers: { "X-Name": encodeURIComponent(file.name) } }),
    );
    count += 1;
  }
  return Response.redirect("./#files", 303);
}
