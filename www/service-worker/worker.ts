/** Two services for the page: it works offline, and it can save a stream as a download. */
import { answer, expect } from "./downloads.js";
import { announce, answerPart } from "./previews.js";
import {
  type Announcement,
  DOWNLOADS,
  PING,
  type Preview,
  PREVIEWS,
  SHARED,
  type Watch,
} from "./protocol.js";
import { keepShared } from "./shared.js";
import { removeWhenReleased } from "./results.js";

declare const self: ServiceWorkerGlobalScope;
/**
 * Put here by the build: what the page is made of, what it loads when it is wanted, and a name that
 * changes with any of them.
 */
declare const FILES: string[];
declare const LATER: string[];
declare const VERSION: string;

const base = self.registration.scope;
/**
 * An origin may hold this page in several folders, each with its own worker; a space is in no
 * scope, so that none begins like another.
 */
const PREFIX = `page ${base} `;
const CACHE = PREFIX + VERSION;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith(PREFIX) && name !== CACHE)
            .map((name) => caches.delete(name)),
        ),
      ),
  );
});

self.addEventListener("message", (event) => {
  const { data, ports } = event as { data: unknown; ports: readonly MessagePort[] };
  if (data === PING) return;
  if (isPreview(data)) {
    announce(data.preview, ports[0]);
    if (ports[0]) event.waitUntil(self.clients.claim());
  } else if (ports[0]) expect(data as Announcement, ports[0]);
  else event.waitUntil(removeWhenReleased((data as Watch).watch));
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (!url.startsWith(base)) return;
  const path = url.slice(base.length);
  if (method === "POST" && path === SHARED) event.respondWith(keepShared(event.request, CACHE));
  if (method !== "GET") return;
  if (path.startsWith(DOWNLOADS)) event.respondWith(answer(path.slice(DOWNLOADS.length)));
  else if (path.startsWith(PREVIEWS))
    event.respondWith(answerPart(path.slice(PREVIEWS.length), event.request));
  else if (mode === "navigate") event.respondWith(newest(event.request));
  else event.respondWith(stored(event.request));
});

/** The page itself: a new version is to be seen at once where there is a network. */
async function newest(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await caches.match(base);
    if (page) return page;
    throw error;
  }
}

/** Its parts: their names change with their contents. */
async function stored(request: Request): Promise<Response> {
  const found = await caches.match(request);
  if (found) return found;
  const response = await fetch(request);
  if (response.ok && LATER.includes(request.url.slice(base.length)))
    await (await caches.open(CACHE)).put(request, response.clone());
  return response;
}

function isPreview(data: unknown): data is Preview {
  return typeof data === "object" && data !== null && "preview" in data;
}
