/**
 * Shows what a person can see or hear of a file. Raster pictures, sound, moving pictures and plain
 * text, by a list: never what can hold a script, as SVG, HTML and PDF can.
 */
import type { AgeReader } from "age-rt-wasm/reader";
import { serve } from "../destinations/service-worker.js";
import type { FileToSave } from "../names.js";
import { strings } from "../strings.js";
import * as units from "../units.js";

const PICTURES = new Set(["image/gif", "image/jpeg", "image/png", "image/webp", "image/avif"]);
const TEXTS = new Set(["text/plain", "text/csv", "application/json"]);
/** What is read of a text, in bytes. */
const READ = 65_536;
/** A picture that is put into the page as it is, in bytes. */
const PICTURE = 2 ** 25;

/**
 * @param signal - nothing is shown after it.
 * @returns ends it.
 * @throws what reading throws.
 */
export async function preview(
  reader: AgeReader,
  { name, type }: FileToSave,
  body: HTMLElement,
  signal: AbortSignal,
): Promise<(() => void) | undefined> {
  if (PICTURES.has(type)) {
    if (reader.size > PICTURE) return say(body, strings.inside.tooLarge(units.bytes(PICTURE)));
    const picture = document.createElement("img");
    picture.alt = strings.inside.picture(name);
    picture.src = await dataUrl(await reader.read(), type);
    signal.throwIfAborted();
    picture.addEventListener("error", () => {
      picture.remove();
      say(body, strings.inside.notShown);
    });
    body.append(picture);
    return undefined;
  }
  if (/^(?:audio|video)\//.test(type)) {
    const served = await serve(reader, type);
    if (signal.aborted) served?.end();
    signal.throwIfAborted();
    if (!served) return say(body, strings.inside.notPlayed);
    const player = document.createElement(type.startsWith("audio/") ? "audio" : "video");
    player.controls = true;
    player.preload = "metadata";
    player.setAttribute("aria-label", name);
    player.src = served.url;
    player.addEventListener("error", () => {
      player.remove();
      say(body, strings.inside.notPlayed);
    });
    body.append(player);
    return () => {
      player.removeAttribute("src");
      player.load();
      served.end();
    };
  }
  if (TEXTS.has(type)) {
    const bytes = await reader.read(0, READ);
    signal.throwIfAborted();
    const text = document.createElement("pre");
    text.tabIndex = 0;
    text.dir = "auto";
    text.setAttribute("aria-label", name);
    text.textContent = new TextDecoder().decode(bytes, { stream: true });
    body.append(text);
    if (reader.size > READ) say(body, strings.inside.start(units.bytes(READ)));
    return undefined;
  }
  return say(body, strings.inside.notShown);
}

function say(body: HTMLElement, text: string): undefined {
  const line = document.createElement("p");
  line.textContent = text;
  body.append(line);
}

function dataUrl(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error as DOMException);
    reader.readAsDataURL(new Blob([bytes], { type }));
  });
}
