/** The examples do what they are there to show. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { AgeDecryptStream } from "age-rt-wasm";
import { relay } from "../../examples/chat/relay.mjs";
import { greet } from "../../examples/chat/greet.js";
import { fileServer } from "../../examples/files/server.mjs";
import { examplePages } from "../lib/example-pages.js";
import { python, root } from "../lib/repository.js";
import { joined, through } from "../lib/streams.js";

const PASSPHRASE = "correct horse battery staple";
/**
 * Frames are not drawn in the one of two pages that nobody sees: asking at each frame would wait
 * for ever.
 */
const LIMIT = { timeout: 60_000, polling: 50 };

const here = examplePages();

/** An example's page, filled in. */
async function open(example, fields) {
  const page = await here.browser.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  await page.goto(`${here.origin}/${example}/index.html`);
  for (const [name, value] of Object.entries(fields)) {
    await page.$eval(`[name=${name}]`, (field, value) => void (field.value = value), value);
  }
  return page;
}

async function submitted(...fields) {
  const page = await open(...fields);
  await page.$eval("form", (form) => form.requestSubmit());
  return page;
}

function statusIs(page, text) {
  return page.waitForFunction(
    (text) => document.querySelector("#status").textContent === text,
    LIMIT,
    text,
  );
}

function items(page, list) {
  return page.$$eval(`${list} li`, (found) => found.map(({ textContent }) => textContent));
}

async function itemsAre(page, list, count) {
  await page.waitForFunction(
    (list, count) => document.querySelectorAll(`${list} li`).length === count,
    LIMIT,
    list,
    count,
  );
}

async function pythonProgram(path) {
  const child = spawn(python(), [join(root, "tests", "examples", path), "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PASSPHRASE },
  });
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  return {
    port,
    close: () => new Promise((resolve) => child.once("exit", resolve) && child.kill()),
  };
}

describe("chat", () => {
  let server;
  let url;
  let seen;
  before(async () => {
    server = relay(0);
    await once(server, "listening");
    url = `ws://localhost:${server.address().port}`;
    server.on("connection", (socket) => socket.on("message", (data) => seen?.push(data)));
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  async function both(room, passphrases = [PASSPHRASE, PASSPHRASE], roles = [0, 1]) {
    const found = [];
    for (const [i, passphrase] of passphrases.entries()) {
      const page = await open("chat", { relay: `${url}/${room}`, passphrase });
      await page.$$eval("[name=role]", (buttons, which) => buttons[which].click(), roles[i]);
      await page.$eval("#connect", (form) => form.requestSubmit());
      found.push(page);
    }
    return found;
  }

  function say(page, text) {
    return page.$eval(
      "#say",
      (form, text) => {
        form.elements.text.value = text;
        form.requestSubmit();
      },
      text,
    );
  }

  test("two pages talk, and end when one leaves; the relay sees nothing of what they say", async () => {
    seen = [];
    const [alice, bob] = await both("talk");
    await Promise.all([statusIs(alice, "Connected"), statusIs(bob, "Connected")]);
    await say(alice, "attack at dawn");
    await itemsAre(bob, "#messages", 1);
    await say(bob, "dawn is early");
    await itemsAre(alice, "#messages", 2);
    assert.deepEqual(await items(bob, "#messages"), ["They: attack at dawn", "I: dawn is early"]);
    await alice.$eval("#leave", (button) => button.click());
    await Promise.all([
      statusIs(alice, "The conversation has ended"),
      statusIs(bob, "The conversation has ended"),
    ]);
    assert.ok(seen.length > 0 && !Buffer.concat(seen).includes("dawn"));
    assert.deepEqual([...alice.complaints, ...bob.complaints], []);
    await Promise.all([alice.close(), bob.close()]);
  });

  test("another passphrase ends it", async () => {
    const [alice, eve] = await both("guess", [PASSPHRASE, "12345"]);
    for (const page of [alice, eve])
      await page.waitForFunction(
        () =>
          document.querySelector("#status").textContent.startsWith("The conversation has failed"),
        LIMIT,
      );
    await Promise.all([alice.close(), eve.close()]);
  });

  test("two of the same role do not talk", async () => {
    const pair = await both("alike", undefined, [0, 0]);
    for (const page of pair)
      await page.waitForFunction(
        () =>
          document.querySelector("#status").textContent.startsWith("The conversation has failed"),
        LIMIT,
      );
    await Promise.all(pair.map((page) => page.close()));
  });
});

describe("a greeting", () => {
  /** What is sent need not be read at once, as over a network. */
  const ROOM = { highWaterMark: 10 };

  /** Two ends that are connected; `recorded` is what the second has said. */
  function ends() {
    const recorded = [];
    const record = (message, controller) => {
      recorded.push(message);
      controller.enqueue(message);
    };
    const [there, back] = [
      new TransformStream({}, undefined, ROOM),
      new TransformStream({ transform: record }, undefined, ROOM),
    ];
    return {
      recorded,
      first: [back.readable.getReader(), there.writable.getWriter()],
      second: [there.readable.getReader(), back.writable.getWriter()],
    };
  }

  test("of two ends that are both there", async () => {
    const { first, second } = ends();
    await Promise.all([greet(...first, 1), greet(...second, 2)]);
  });

  test("of an end whose own stream comes back", async () => {
    const mirror = new TransformStream({}, undefined, ROOM);
    await assert.rejects(greet(mirror.readable.getReader(), mirror.writable.getWriter(), 1));
  });

  test("of an end that hears an earlier conversation", async () => {
    const { first, second, recorded } = ends();
    await Promise.all([greet(...first, 1), greet(...second, 2)]);
    const replayed = new ReadableStream({
      start: (controller) => recorded.forEach((message) => controller.enqueue(message)),
    });
    await assert.rejects(greet(replayed.getReader(), new WritableStream().getWriter(), 1));
  });
});

test("service: a page and a Python service talk", async () => {
  const service = await pythonProgram("service/service.py");
  const page = await submitted("service", {
    service: `ws://localhost:${service.port}/`,
    passphrase: PASSPHRASE,
    words: "attack at dawn",
  });
  await statusIs(page, "Answered");
  assert.deepEqual(await items(page, "#answers"), ["ATTACK", "AT", "DAWN"]);
  assert.deepEqual(page.complaints, []);
  await page.close();
  await service.close();
});

test("tokens: a page reads word by word what a Python server makes", async () => {
  const server = await pythonProgram("tokens/server.py");
  const page = await open("tokens", {
    server: `http://localhost:${server.port}/`,
    passphrase: PASSPHRASE,
  });
  await page.evaluate(() => {
    globalThis.growths = 0;
    new MutationObserver((records) => void (globalThis.growths += records.length)).observe(
      document.querySelector("#answer"),
      { childList: true },
    );
  });
  await page.$eval("form", (form) => form.requestSubmit());
  await statusIs(page, "That was all");
  const answer = await page.$eval("#answer", ({ textContent }) => textContent);
  assert.match(answer, /^It is encrypted here .* is made \. $/);
  assert.equal(await page.evaluate(() => globalThis.growths), answer.trim().split(" ").length);
  await page.close();
  await server.close();
});

test("files: the server keeps what it cannot read, and the page gets its file back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-files-"));
  const server = fileServer(folder);
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const plaintext = Buffer.from("attack at dawn\n".repeat(20_000));
  const path = join(folder, "..", `plan-${process.pid}.txt`);
  writeFileSync(path, plaintext);
  const page = await open("files", {
    server: `http://localhost:${server.address().port}/`,
    passphrase: PASSPHRASE,
  });
  await (await page.$("[name=file]")).uploadFile(path);
  await page.$eval("form", (form) => form.requestSubmit());
  await statusIs(page, "Here it is again");
  const again = await page.$eval("#download", async ({ href }) => [
    ...new Uint8Array(await (await fetch(href)).arrayBuffer()),
  ]);
  assert.ok(Buffer.from(again).equals(plaintext));
  const kept = readdirSync(folder);
  assert.equal(kept.length, 1);
  const ciphertext = readFileSync(join(folder, kept[0]));
  assert.ok(!ciphertext.includes("dawn"));
  assert.ok(
    Buffer.from(
      joined(await through([new Uint8Array(ciphertext)], new AgeDecryptStream(PASSPHRASE))),
    ).equals(plaintext),
  );
  await page.close();
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  rmSync(folder, { recursive: true });
  rmSync(path);
});
