/**
 * Answers requests for parts of a file that is encrypted on the disk: the page decrypts them, and
 * nothing is kept.
 */
import { body } from "./downloads.js";
import type { Head, Wanted } from "./protocol.js";

/** By a name that nobody can guess; gone with the page. */
const open = new Map<string, MessagePort>();

export function announce(id: string, port: MessagePort | undefined): void {
  if (port) open.set(id, port);
  else open.delete(id);
}

export async function answerPart(id: string, request: Request): Promise<Response> {
  const page = open.get(id);
  if (!page) return new Response("No such preview", { status: 404 });
  const { port1, port2 } = new MessageChannel();
  const head = new Promise<Head>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<Head>) => resolve(data);
  });
  const wanted: Wanted = { range: request.headers.get("Range") };
  page.postMessage(wanted, [port2]);
  const { status, headers } = await head;
  return new Response(body(port1), { status, headers });
}
