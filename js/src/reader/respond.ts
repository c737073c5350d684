/** The answer to a request for a part of a file, as a service worker or a server gives it. */

/** What a reader has for this. */
export interface Readable {
  readonly size: number;
  stream(start: number, end: number, signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Plaintext must not run in the page's origin, nor stay in a cache. */
const DEFAULTS: Record<string, string> = {
  "Content-Type": "application/octet-stream",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "sandbox; default-src 'none'",
};

export function respond(reader: Readable, request: Request, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  const answer = (status: number, body: BodyInit | null): Response =>
    new Response(body, { ...init, status, headers });
  if (request.method !== "GET" && request.method !== "HEAD") {
    headers.set("Allow", "GET, HEAD");
    return answer(405, null);
  }
  for (const [name, value] of Object.entries(DEFAULTS))
    if (!headers.has(name)) headers.set(name, value);
  headers.set("Accept-Ranges", "bytes");
  const { size } = reader;
  // Of HEAD a range has to be ignored: https://www.rfc-editor.org/rfc/rfc9110#section-14.2
  const isHead = request.method === "HEAD";
  const asked = isHead ? undefined : rangeOf(request.headers, size);
  if (asked === "unsatisfiable") {
    headers.set("Content-Range", `bytes */${size}`);
    return answer(416, null);
  }
  const [start, end] = asked ?? [0, size];
  headers.set("Content-Length", String(end - start));
  if (asked) headers.set("Content-Range", `bytes ${start}-${end - 1}/${size}`);
  const body = isHead ? null : reader.stream(start, end, request.signal);
  return answer(asked ? 206 : (init.status ?? 200), body);
}

/**
 * The one range that is asked for. Undefined where all of it is to be given:
 * https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
function rangeOf(headers: Headers, size: number): [number, number] | "unsatisfiable" | undefined {
  // No validator is ever sent that an If-Range could match.
  if (headers.has("If-Range")) return undefined;
  const [, first, last] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(headers.get("Range") ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const start = Math.max(0, size - Number(last));
    return start < size ? [start, size] : "unsatisfiable";
  }
  const [start, end] = [Number(first), last === "" ? size : Number(last) + 1];
  if (end <= start && last !== "") return undefined;
  return start < size ? [start, Math.min(end, size)] : "unsatisfiable";
}
