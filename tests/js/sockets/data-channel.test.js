/** Two pages and an RTCDataChannel between them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";

const TOTAL = 50_000_000;
const MESSAGE = 65_536;
/** Without these a browser hides its addresses behind names that only a network with multicast resolves, and leaves the machine's own out. */
const FLAGS = ["--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection"];

describe("two pages in Chromium", { timeout: 600_000 }, () => {
  let chromium;
  let server;
  before(async () => {
    server = await site();
    chromium = await launch("chromium", { flags: FLAGS });
  });
  after(async () => {
    await chromium?.close();
    await server?.close();
  });

  async function peer() {
    const page = await chromium.newPage();
    await page.goto(`${server.origin}/page`);
    await page.evaluate(async () => {
      const { Peer } = await import("/tests/js/sockets/lib/rtc-peer.js");
      globalThis.peer = new Peer();
    });
    return page;
  }

  test("exchange 50 MB each way, message for message, and part cleanly", async () => {
    const [one, other] = [await peer(), await peer()];
    const offer = await one.evaluate(() => globalThis.peer.offer());
    const answer = await other.evaluate((offer) => globalThis.peer.answer(offer), offer);
    await one.evaluate((answer) => globalThis.peer.accept(answer), answer);
    const exchange = (page, closesFirst) => page.evaluate((...args) => globalThis.peer.exchange(...args), TOTAL, MESSAGE, closesFirst);
    const expected = { messages: Math.ceil(TOTAL / MESSAGE), bytes: TOTAL, right: true, closed: { code: 1000, reason: "" } };
    assert.deepEqual(await Promise.all([exchange(one, true), exchange(other, false)]), [expected, expected]);
  });

  for (const options of [{ ordered: false }, { maxRetransmits: 3 }, { maxPacketLifeTime: 100 }]) {
    test(`a channel with ${JSON.stringify(options)} is refused`, async () => {
      const page = await chromium.newPage();
      await page.goto(`${server.origin}/page`);
      const code = await page.evaluate(async (options) => {
        const { fromDataChannel } = await import("age-rt-wasm");
        const connection = new RTCPeerConnection();
        try {
          fromDataChannel(connection.createDataChannel("x", options));
        } catch (error) {
          return error.code;
        } finally {
          connection.close();
        }
      }, options);
      assert.equal(code, "unreliable-channel");
      await page.close();
    });
  }
});
