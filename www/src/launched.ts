/** Files that the system opens the installed page with, or that a person shares with it. */
import { SHARED_FILE } from "../service-worker/protocol.js";

/** @param take - called with what came, which may turn out to be unreadable. */
export function takeLaunched(take: (files: Promise<readonly File[]>) => void): void {
  window.launchQueue?.setConsumer(({ files }) => {
    if (files.length > 0) take(Promise.all(files.map((handle) => handle.getFile())));
  });
  void shared().then(
    (files) => files.length > 0 && take(Promise.resolve(files)),
    () => undefined,
  );
}

/** The service worker has kept them; they are taken out, so that no other visit finds them. */
async function shared(): Promise<File[]> {
  const files: File[] = [];
  if (!("caches" in window)) return files;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (!request.url.startsWith(new URL(SHARED_FILE, document.baseURI).href)) continue;
      const response = await cache.match(request);
      await cache.delete(request);
      if (!response) continue;
      const fileName = decodeURIComponent(response.headers.get("X-Name") ?? "");
      files.push(new File([await response.blob()], fileName));
    }
  }
  return files;
}
