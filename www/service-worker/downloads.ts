/** Answers the page's own download links with what the page sends. */
import type { Announcement, FromPage, FromWorker } from "./protocol.js";

/** What may be held here, ahead of the disk, in bytes. */
const AHEAD = 2 ** 20;

const expected = new Map<string, { announcement: Announcement; port: MessagePort }>();

export function expect(announcement: Announcement, port: MessagePort): void {
  expected.set(announcement.id, { announcement, port });
  say(port, "announced");
}

export function answer(id: string): Response {
  const download = expected.get(id);
  if (!download) return new Response("No such download", { status: 404 });
  expected.delete(id);
  // First what may fail: after that word the page takes the download for one that comes.
  const made = headers(download.announcement);
  say(download.port, "started");
  return new Response(body(download.port), { headers: made });
}

/** What the page sends over this port. */
export function body(port: MessagePort): ReadableStream<Uint8Array<ArrayBuffer>> {
  let pulled = (): void => undefined;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        port.onmessage = ({ data }: MessageEvent<FromPage>) => {
          if (data === "abort") {
            controller.error(new Error("cancelled in the page"));
          } else if (data === "close") {
            controller.close();
            say(port, "finished");
          } else {
            controller.enqueue(new Uint8Array(data));
          }
          pulled();
        };
      },
      pull() {
        say(port, "pull");
        return new Promise<void>((resolve) => (pulled = resolve));
      },
      cancel() {
        say(port, "cancelled");
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: AHEAD }),
  );
}

function headers({ name, type, size }: Announcement): Headers {
  const made = new Headers({
    "Content-Type": type,
    // What encodeURIComponent leaves as it is and RFC 8187 does not allow; and halves of surrogate
    // pairs, which it throws at and Windows has in names.
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\ufffd")).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`,
    // Whatever is in the file, it never becomes a page of this origin.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
  });
  if (size !== undefined) made.set("Content-Length", String(size));
  return made;
}

function say(port: MessagePort, word: FromWorker): void {
  port.postMessage(word);
}
