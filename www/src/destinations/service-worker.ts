import {
  type Announcement,
  DOWNLOADS,
  type FromPage,
  type FromWorker,
  type Head,
  PING,
  type Preview,
  PREVIEWS,
  type Wanted,
  type Watch,
} from "../../service-worker/protocol.js";
import { DownloadStoppedError } from "../errors.js";
import { serviceWorkerUrl } from "../script-urls.js";
import type { Destination, Open } from "./destination.js";

/**
 * A worker that does not answer in this time is of another version or was refused by the browser.
 * In milliseconds.
 */
const SILENCE = 4000;
/** Browsers end a worker that hears nothing for 30 seconds. */
const PING_EVERY = 10_000;
/**
 * A frame that goes before the browser has made a download of its navigation takes the download
 * with it, and nothing tells the page when that is: a short file is all sent by then. Kept as long
 * as this, in milliseconds.
 */
const FRAME_STAYS = 60_000;

let registration: Promise<ServiceWorkerRegistration | undefined> = Promise.resolve(undefined);

export function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  registration = navigator.serviceWorker.register(serviceWorkerUrl).catch(() => undefined);
}

/** A download that the service worker answers with what this page sends it. */
export const openServiceWorkerDownload: Open = async ({ name, type, size }) => {
  const worker = await activeWorker();
  if (!worker) return undefined;
  const id = crypto.randomUUID();
  const line = new Line();
  const announcement: Announcement = { id, name, type, size };
  worker.postMessage(announcement, [line.remote]);
  if (!(await line.hears("announced"))) return undefined;
  // A frame and not a link: not every browser lets a service worker answer a link's download.
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = DOWNLOADS + id;
  document.body.append(frame);
  const alive = setInterval(() => worker.postMessage(PING), PING_EVERY);
  // The browser takes the broken download away; of one that only stops it may keep what it has.
  const leave = (): void => line.send("abort");
  addEventListener("pagehide", leave);
  const end = (frameStays: number): void => {
    removeEventListener("pagehide", leave);
    clearInterval(alive);
    line.close();
    setTimeout(() => frame.remove(), frameStays);
  };
  if (!(await line.hears("started"))) {
    end(0);
    return undefined;
  }
  const destination: Destination = {
    async write(chunk) {
      await line.room();
      line.send(chunk.buffer);
    },
    async close() {
      await line.room();
      line.send("close");
      await line.hears("finished");
      end(FRAME_STAYS);
      return { inDownloads: true };
    },
    async abort() {
      line.send("abort");
      end(0);
    },
  };
  return destination;
};

/**
 * Has the worker remove a file of the private storage when this tab is closed.
 *
 * @returns ends that.
 */
export function watch(name: string): () => void {
  const ask = async (): Promise<void> => {
    const asked: Watch = { watch: name };
    (await activeWorker())?.postMessage(asked);
  };
  void ask();
  const timer = setInterval(() => void ask(), PING_EVERY);
  return () => clearInterval(timer);
}

/** What can be asked for a part of itself. */
interface Answering {
  respond(request: Request, init?: ResponseInit): Response;
}

/**
 * Lets the browser read parts of a file at an address of this page's. Undefined where no service
 * worker is.
 *
 * @returns the address, and what ends it.
 */
export async function serve(
  file: Answering,
  type: string,
): Promise<{ url: string; end: () => void } | undefined> {
  const worker = await activeWorker();
  if (!worker) return undefined;
  const id = crypto.randomUUID();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data, ports: [port] }: MessageEvent<Wanted>) => {
    if (!port) return;
    const headers = new Headers(data.range === null ? {} : { Range: data.range });
    const response = file.respond(new Request(document.baseURI, { headers }), {
      headers: { "Content-Type": type },
    });
    void send(response, new Line(port));
  };
  const announced: Preview = { preview: id };
  worker.postMessage(announced, [port2]);
  // On the first visit the page is not the worker's yet, which takes it over for this.
  if (!(await isControlled())) return undefined;
  const alive = setInterval(() => worker.postMessage(PING), PING_EVERY);
  return {
    url: PREVIEWS + id,
    end: () => {
      clearInterval(alive);
      worker.postMessage(announced);
      port1.close();
    },
  };
}

async function isControlled(): Promise<boolean> {
  if (navigator.serviceWorker.controller) return true;
  const taken = new Promise<boolean>((resolve) => {
    navigator.serviceWorker.addEventListener("controllerchange", () => resolve(true), {
      once: true,
    });
  });
  return Promise.race([taken, after(SILENCE).then(() => false)]);
}

async function send(response: Response, line: Line): Promise<void> {
  const head: Head = { status: response.status, headers: [...response.headers] };
  line.send(head);
  const reader = response.body?.getReader();
  try {
    for (;;) {
      await line.room();
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done || !value) break;
      // A copy: the reader keeps what it may be asked for again.
      line.send(value.slice().buffer);
    }
    line.send("close");
    await line.hears("finished");
  } catch {
    // The browser has enough, as players do; or a part of the file is damaged.
    line.send("abort");
    await reader?.cancel().catch(() => undefined);
  } finally {
    line.close();
  }
}

async function activeWorker(): Promise<ServiceWorker | undefined> {
  const registered = await registration;
  if (!registered) return undefined;
  if (registered.active) return registered.active;
  // Only on the very first visit; installing may fail, and then this never comes.
  const ready = navigator.serviceWorker.ready.then(({ active }) => active ?? undefined);
  return Promise.race([ready, after(SILENCE)]);
}

async function after(milliseconds: number): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The page's end of the line to the worker. */
class Line {
  /** The other end, where this one has made both. */
  readonly remote: MessagePort;
  readonly #port: MessagePort;
  readonly #heard = new Set<FromWorker>();
  #wake = (): void => undefined;

  constructor(port?: MessagePort) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port ?? port1;
    this.remote = port2;
    this.#port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.#heard.add(data);
      this.#wake();
    };
  }

  send(message: FromPage | Head): void {
    this.#port.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
  }

  /** Resolves to whether the worker says this in good time. */
  async hears(word: FromWorker): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, SILENCE, false)));
    const heard = this.#until(word).then(() => true);
    return Promise.race([heard, late]).finally(() => clearTimeout(timer));
  }

  /** Resolves when the worker takes a chunk, however slow the disk. */
  async room(): Promise<void> {
    await this.#until("pull");
    this.#heard.delete("pull");
  }

  close(): void {
    this.#port.close();
  }

  async #until(word: FromWorker): Promise<void> {
    while (!this.#heard.has(word)) {
      if (this.#heard.has("cancelled")) throw new DownloadStoppedError();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
