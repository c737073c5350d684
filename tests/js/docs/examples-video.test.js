/**
 * An encrypted video seeks in Chromium and Firefox, and only what is played is fetched. The video
 * is made here: nobody's is carried along.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { encrypt } from "age-rt-wasm";
import { serve } from "../../../js/tooling/lib/serve.mjs";
import { launch } from "../browser/engines.mjs";
import { root } from "../lib/repository.js";

const PASSPHRASE = "correct horse battery staple";
const SECONDS = 40;
const age = join(dirname(fileURLToPath(import.meta.resolve("age-rt-wasm"))), "..");

let server;
let origin;
let file;
let asked;

before(async () => {
  server = await serve(
    {
      "/": join(root, "tests", "examples"),
      "/age-rt-wasm/": age,
      "/webm-muxer/": join(root, "node_modules", "webm-muxer", "build"),
    },
    {
      page(url, response, request) {
        if (url.pathname !== "/video/video.webm.age") return false;
        const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range).map(Number);
        const part = file.subarray(start, end + 1);
        asked += part.length;
        response.writeHead(206, {
          "Content-Range": `bytes ${start}-${start + part.length - 1}/${file.length}`,
        });
        response.end(part);
        return true;
      },
    },
  );
  origin = `http://localhost:${server.address().port}`;
  const browser = await launch("chromium");
  try {
    const page = await browser.newPage();
    await page.goto(`${origin}/video/index.html`);
    const webm = await page.evaluate(async (seconds) => {
      const { Muxer, ArrayBufferTarget } = await import("/webm-muxer/webm-muxer.mjs");
      const [width, height] = [320, 240];
      const target = new ArrayBufferTarget();
      const muxer = new Muxer({ target, video: { codec: "V_VP8", width, height, frameRate: 5 } });
      const encoder = new VideoEncoder({
        output: (chunk, meta) => muxer.addVideoChunk(chunk, meta),
        error: (error) => console.error(error),
      });
      encoder.configure({ codec: "vp8", width, height, bitrate: 4_000_000, framerate: 5 });
      const noise = new Uint8Array(width * height * 4);
      for (let frame = 0; frame < seconds * 5; frame += 1) {
        for (let at = 0; at < noise.length; at += 65_536)
          crypto.getRandomValues(noise.subarray(at, at + 65_536));
        const timestamp = frame * 200_000;
        const image = new VideoFrame(noise, {
          ...{ format: "RGBX", codedWidth: width, codedHeight: height },
          ...{ timestamp, duration: 200_000 },
        });
        encoder.encode(image, { keyFrame: frame % 10 === 0 });
        image.close();
      }
      await encoder.flush();
      muxer.finalize();
      const url = URL.createObjectURL(new Blob([target.buffer]));
      const reader = new FileReader();
      const read = new Promise((resolve) => (reader.onload = resolve));
      reader.readAsDataURL(await (await fetch(url)).blob());
      await read;
      return reader.result.split(",")[1];
    }, SECONDS);
    file = await encrypt(Buffer.from(webm, "base64"), PASSPHRASE, { workFactor: 10 });
  } finally {
    await browser.close();
  }
});
after(() => server?.close().closeAllConnections());

for (const engine of ["chromium", "firefox"]) {
  test(`it seeks in ${engine}, to the end and back, and is not fetched as a whole`, async (t) => {
    assert.ok(file.length > 5 * 2 ** 20, `${file.length} bytes`);
    asked = 0;
    const browser = await launch(engine);
    try {
      const page = await browser.newPage();
      await page.goto(`${origin}/video/index.html`);
      await page.evaluate((passphrase) => {
        const form = document.querySelector("form");
        form.elements.address.value = "video.webm.age";
        form.elements.passphrase.value = passphrase;
        form.requestSubmit();
      }, PASSPHRASE);
      // The value, and not the event alone: browsers fire it where they stay too.
      const at = (seconds) =>
        page.evaluate(async (seconds) => {
          const video = document.querySelector("video");
          const once = (name) =>
            new Promise((resolve, reject) => {
              video.addEventListener(name, resolve, { once: true });
              video.addEventListener("error", () => reject(new Error(video.error?.message)), {
                once: true,
              });
            });
          if (video.readyState < 1) await once("loadedmetadata");
          const seeked = once("seeked");
          video.currentTime = seconds;
          await seeked;
          if (video.readyState < 2) await once("loadeddata");
          return [video.currentTime, video.videoWidth, Math.round(video.duration)];
        }, seconds);
      for (const seconds of [SECONDS - 5, 3]) {
        const [time, width, duration] = await at(seconds);
        assert.ok(Math.abs(time - seconds) < 0.5, `at ${time} instead of ${seconds}`);
        assert.deepEqual([width, duration], [320, SECONDS]);
      }
      assert.ok(asked < (2 / 3) * file.length, `${asked} of ${file.length}`);
      t.diagnostic(`${asked} of ${file.length} bytes were asked for`);
    } finally {
      await browser.close();
    }
  });
}
