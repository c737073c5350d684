/**
 * What Chromium alone has, or what the tests can make it do: data channels between two peers, and
 * WebSocketStream.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";
import { pythonServer } from "./lib/python-peer.js";

const MB = 1_000_000;
/**
 * Pages without a camera's permission get names instead of addresses, which a machine without
 * multicast cannot resolve.
 */
const FLAGS = ["--disable-features=WebRtcHideLocalIpsWithMdns"];

let server;
let browser;
let page;

before(async () => {
  server = await site();
  browser = await launch("chromium", { flags: FLAGS });
  page = await browser.newPage();
  await page.goto(`${server.origin}/page`);
});
after(async () => {
  await browser?.close();
  await server?.close();
});

function run(name, ...args) {
  return page.evaluate(
    async (name, args) => (await import("/tests/js/sockets/lib/data-channels.js"))[name](...args),
    name,
    args,
  );
}

describe("data channels", () => {
  test("two peers exchange 50 MB each way, intact, and close cleanly", async () => {
    assert.deepEqual(await run("exchange", 50 * MB), {
      received: [50 * MB, 50 * MB],
      closes: [1000, 1000],
    });
  });

  test("what the other end learns", async () => {
    assert.deepEqual(await run("fates"), {
      "close()": ["end", 1000],
      "the writable's end": ["end", 1000],
      "a cancel": ["end", 1000],
      "its connection's end": ["socket-closed", 1006],
      text: ["text-frame", 1000],
    });
  });

  for (const options of [{ ordered: false }, { maxRetransmits: 3 }, { maxPacketLifeTime: 100 }]) {
    test(`refused: ${JSON.stringify(options)}`, async () => {
      assert.equal(await run("refused", options), "unreliable-channel");
    });
  }
});

test("the browser's own WebSocketStream needs no adapter", async () => {
  const peer = await pythonServer(new URL("peer/peer.py", import.meta.url));
  const task = { passphrase: "a passphrase", seed: 7, send: 1000, receive: 1000 };
  const url = new URL(peer.url);
  url.search = new URLSearchParams(task);
  const result = await page.evaluate(
    async (url, task) => {
      const { over } = await import("/tests/js/sockets/lib/exchange.js");
      const socket = new WebSocketStream(url);
      const received = await over(await socket.opened, task);
      return { received, ...(await socket.closed) };
    },
    url.href,
    task,
  );
  await peer.close();
  assert.deepEqual(result, { received: 1000, closeCode: 1000, reason: "1000" });
});
