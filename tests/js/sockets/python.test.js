/**
 * Ten thousand messages each way between every host and the reference implementation in Python,
 * directly and through a relay.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { seeded } from "../lib/random.js";
import { HOSTS } from "./lib/hosts.js";
import { pythonServer } from "./lib/python-peer.js";
import { recuttingRelay } from "./lib/relay.js";

const COUNT = 10_000;
const PASSPHRASE = "both directions";

let peer;
before(async () => void (peer = await pythonServer(new URL("peer/peer.py", import.meta.url))));
after(() => peer.close());

for (const [name, start] of Object.entries(HOSTS)) {
  describe(name, () => {
    let host;
    before(async () => void (host = await start()));
    after(() => host?.close());

    test("directly", (t) => run(t, host, peer.url));

    test("through a relay that cuts and joins", async (t) => {
      const relay = await recuttingRelay(peer.url, seeded(t));
      await run(t, host, relay.url);
      await relay.close();
      assert.equal(relay.seen.shortest, 1);
      assert.ok(relay.seen.longest > 2 * 65_556);
      t.diagnostic(`${relay.seen.messages} messages of the relay's making`);
    });
  });
}

async function run(t, host, address) {
  const seed = seeded(t).below(2 ** 31) + 1;
  const url = new URL(address);
  url.search = new URLSearchParams({ passphrase: PASSPHRASE, seed, send: COUNT, receive: COUNT });
  const { received, closed } = await host.exchange(url.href, {
    passphrase: PASSPHRASE,
    seed,
    send: COUNT,
    receive: COUNT,
  });
  assert.equal(received, COUNT);
  assert.deepEqual(closed, { code: 1000, reason: String(COUNT) });
}
