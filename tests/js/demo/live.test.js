/**
 * The live tab: what is typed arrives, what is tampered with is refused, and what an attacker plays
 * is accepted by a stream and refused by a session.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { Guest } from "./lib/guest.js";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

describe("the live line in the demo page", { timeout: 600_000 }, () => {
  let site;
  let visitor;

  before(async () => {
    site = await startSite();
    visitor = await Visitor.arrive(site.url);
    await visitor.click("#tab-live");
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
  });
  /**
   * Not by the mouse: a space that pressed nothing scrolls, and what is clicked may be on its way.
   */
  const press = (id) => visitor.page.$eval(id, (control) => control.click());
  const again = async () => {
    if (await visitor.text("#live-connect")) await press("#live-connect");
    await ready();
  };
  beforeEach(again);

  const ready = async () => {
    await visitor.page.waitForSelector("#ada-types:not([disabled])");
    // The message that is there from the start.
    await visitor.page.waitForFunction(
      () =>
        document.querySelector("#live-state").textContent === "Connected" &&
        document.querySelector("#ben output").textContent !== "",
    );
  };
  const sees = (who, text) =>
    visitor.page.waitForFunction(
      (selector, wanted) => document.querySelector(selector).textContent === wanted,
      {},
      `#${who} output`,
      text,
    );
  const ended = async () => {
    await visitor.page.waitForSelector("#live-connect:not([hidden])");
    return visitor.text("#live-state");
  };
  const wire = () =>
    visitor.page.$$eval("#wire li", (rows) =>
      rows.map((row) => row.innerText.replaceAll(/\s+/g, " ")).reverse(),
    );

  test("what is typed at one end appears at the other, each change as one chunk", async () => {
    await visitor.page.type("#ada-types", " 🐎");
    await sees("ben", "Hello Ben 🐎");
    await visitor.page.keyboard.press("Backspace");
    await visitor.page.keyboard.press("Home");
    await visitor.page.keyboard.type(">");
    await sees("ben", ">Hello Ben ");
    await visitor.page.type("#ben-types", "Yes");
    await sees("ada", "Yes");
    const rows = await wire();
    assert.equal(rows.filter((row) => row.startsWith("Ada to Ben chunk")).length, 5);
    assert.equal(rows.filter((row) => row.startsWith("Ben to Ada chunk")).length, 3);
    assert.match(
      rows.find((row) => row.startsWith("Ada to Ben chunk 0")),
      /length 4 00 00 00 \w\w ciphertext \d+ .* tag 16/,
    );
  });

  test("the header is text, and is shown as such, with the nonce behind it", async () => {
    const header = (await wire()).find((row) => row.startsWith("Ada to Ben header"));
    assert.match(header, /-> scrypt [^ ]+ 15 .*--- .* nonce 16 (?:\w\w ){8}…/);
  });

  test("what is refused takes the focus to what is said of it, and to no button", async () => {
    await visitor.click("#live-flip");
    await visitor.page.type("#ben-types", "x");
    await ended();
    assert.equal(await visitor.page.evaluate(() => document.activeElement.id), "live-state");
    await visitor.page.keyboard.press("Space");
    assert.ok(await visitor.text("#live-connect"));
  });

  /** By the tab's two choices. */
  const choose = async (kind, key) => {
    await again();
    for (const id of [`#live-${kind}`, `#live-${key}`])
      if (!(await visitor.page.$eval(id, (radio) => radio.checked))) await press(id);
    await ready();
  };

  for (const kind of ["stream", "session"])
    describe(`a ${kind}`, () => {
      before(() => choose(kind, "passphrase"));

      test("hanging up ends both directions with a final chunk", async () => {
        await visitor.click("#live-hang-up");
        assert.match(await ended(), /^Ended by both sides/);
        // The session's is END, which is one byte.
        const final =
          kind === "stream"
            ? /chunk \d+ final length 4 00 00 00 10 tag 16/
            : /chunk \d+ final length 4 00 00 00 11 ciphertext 1 \w\w tag 16/;
        assert.equal((await wire()).filter((row) => final.test(row)).length, 2);
      });

      for (const [fault, later, code] of [
        ["drop", 0, "chunk-authentication"],
        ["repeat", 1, "chunk-authentication"],
        ["swap", 0, "chunk-authentication"],
        ["flip", 0, "chunk-authentication"],
        ["flip-tag", 0, "chunk-authentication"],
        ["flip-length", 0, "chunk-length"],
      ]) {
        // A session's chunks are those of a stream.
        if (kind === "session" && !["drop", "flip-length"].includes(fault)) continue;
        test(`${fault}: ${code}, and what came before stays`, async () => {
          await visitor.page.type("#ben-types", "a");
          await sees("ada", "a");
          await visitor.click(`#live-${fault}`);
          assert.notEqual(await visitor.text("#live-notice"), "");
          await visitor.page.type("#ben-types", "bc");
          const said = await ended();
          assert.ok(said.includes(`(${code})`), said);
          // A session's HELLO and CONFIRM come before.
          const index = 1 + later + (kind === "session" ? 2 : 0);
          if (code === "chunk-authentication")
            assert.match(said, new RegExp(`^Ada refused chunk ${index}:`));
          await sees("ada", fault === "repeat" ? "ab" : "a");
        });
      }

      test("dropping the final chunk is noticed as a cut", async () => {
        await visitor.click("#live-drop");
        await visitor.click("#live-hang-up");
        assert.match(await ended(), /noticed that the line was cut/);
      });
    });

  test("after a refusal the next space presses no button, on a session too", async () => {
    await choose("session", "passphrase");
    await visitor.click("#live-flip");
    await visitor.page.type("#ben-types", "x");
    await ended();
    assert.equal(await visitor.page.evaluate(() => document.activeElement.id), "live-state");
    await visitor.page.keyboard.press("Space");
    assert.ok(await visitor.text("#live-connect"));
  });

  const said = async (pattern) => {
    await visitor.page.waitForFunction(
      (source) => new RegExp(source).test(document.querySelector("#live-verdict").textContent),
      {},
      pattern.source,
    );
    return visitor.page.$eval("#live-verdict", (verdict) => verdict.classList.contains("problem"));
  };

  for (const key of ["passphrase", "keys"]) {
    describe(`an attacker in the middle, ${key}`, () => {
      test("a stream alone accepts a recording", async () => {
        await choose("stream", key);
        await visitor.page.type("#ada-types", ", pay Eve");
        await sees("ben", "Hello Ben, pay Eve");
        await visitor.click("#live-replay");
        assert.ok(await said(/^Ben accepted it/));
        await sees("ben", "Hello Ben, pay Eve");
        const rows = await wire();
        assert.ok(rows.length > 2 && rows.every((row) => row.includes("replayed")));
      });

      test("a session refuses it as replayed, before anything of it is seen", async () => {
        await choose("session", key);
        await visitor.page.type("#ada-types", ", pay Eve");
        await sees("ben", "Hello Ben, pay Eve");
        await visitor.click("#live-replay");
        assert.ok(!(await said(/^Ben refused .*\(replayed\)/)));
        assert.equal(await visitor.text("#ben output"), "");
        assert.ok((await wire()).some((row) => row.includes("replayed")));
        // Once more, and the button still has the focus.
        assert.equal(await visitor.page.evaluate(() => document.activeElement.id), "live-replay");
      });

      test(`a stream alone ${key === "keys" ? "is for the other's key" : "accepts its own words"}`, async () => {
        await choose("stream", key);
        await visitor.click("#live-reflect");
        if (key === "keys") {
          assert.ok(!(await said(/^Ada refused .*\(no-identity-match\)/)));
          return;
        }
        assert.ok(await said(/^Ada accepted it/));
        await visitor.page.type("#ada-types", "?");
        await sees("ada", "Hello Ben?");
      });

      test("a session refuses them as reflected", async () => {
        await choose("session", key);
        await visitor.click("#live-reflect");
        assert.ok(!(await said(/^Ada refused .*\(reflected\)/)));
        assert.equal(await visitor.text("#ada output"), "");
        assert.ok((await wire()).some((row) => row.includes("reflected")));
      });
    });
  }

  test("a line that has ended can be replayed too, and is then connected again", async () => {
    await choose("stream", "passphrase");
    await visitor.click("#live-hang-up");
    await ended();
    await visitor.click("#live-replay");
    await said(/^Ben accepted it/);
    await visitor.click("#live-connect");
    await ready();
    assert.equal(await visitor.text("#live-verdict"), "");
  });

  test("with keys, each end shows what the other encrypts for, and the header has its stanza", async () => {
    await choose("stream", "keys");
    for (const who of ["ada", "ben"])
      assert.match(await visitor.text(`#${who} .public-key`), /^Public key age1[a-z0-9]{58}$/);
    const header = (await wire()).find((row) => row.startsWith("Ada to Ben header"));
    assert.match(header, /-> X25519 [^ ]+ .*--- /);
    await choose("stream", "passphrase");
    assert.equal(await visitor.text("#ada .public-key"), "");
  });

  test("choices in quick succession end at the last", async () => {
    for (const id of ["session", "keys", "stream", "passphrase", "session"])
      await visitor.page.$eval(`#live-${id}`, (radio) => radio.click());
    await ready();
    assert.match(await visitor.text("#live-state"), /^Connected/);
    assert.match(
      (await wire()).find((row) => row.startsWith("Ada to Ben header")),
      /-> scrypt/,
    );
    assert.ok(
      await visitor.page.$eval("#live-code", (code) => code.textContent.includes("openSession")),
    );
  });

  test("nothing was complained of", () => {
    assert.deepEqual(visitor.complaints, []);
  });
});

describe("the live line in other engines", { timeout: 600_000 }, () => {
  let site;
  before(async () => void (site = await startSite()));
  after(() => site?.close());

  for (const engine of ["firefox", "webkit"])
    test(`${engine}: a session with keys carries messages and refuses both attacks; a stream alone accepts a recording`, async () => {
      const guest = await Guest.arrive(engine, site.url);
      const shows = (selector, source) =>
        guest.wait(
          (selector, source) =>
            new RegExp(source).test(document.querySelector(selector).textContent),
          selector,
          source,
        );
      try {
        await guest.click("#tab-live");
        await shows("#ben output", "^Hello Ben$");
        await guest.click("#live-replay");
        await shows("#live-verdict", "^Ben accepted it");
        await guest.click("#live-session");
        await shows("#ben output", "^Hello Ben$");
        await guest.click("#live-keys");
        await shows("#wire", "X25519");
        await shows("#ben output", "^Hello Ben$");
        await guest.type("#ben-types", "Yes");
        await shows("#ada output", "^Yes$");
        await guest.click("#live-replay");
        await shows("#live-verdict", "^Ben refused .*\\(replayed\\)");
        await guest.click("#live-reflect");
        await shows("#live-verdict", "^Ada refused .*\\(reflected\\)");
        assert.deepEqual(guest.complaints, []);
      } finally {
        await guest.leave();
      }
    });
});
