/** `--rt`: what is written at one end is readable at the other before anything more is written. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { python } from "../lib/repository.js";
import {
  COMMAND,
  done,
  folder,
  ours,
  PASSPHRASE,
  BATCH,
  refused,
  run,
  SHELL,
} from "./lib/command.js";

const reference = fileURLToPath(new URL("lib/live.py", import.meta.url));
const LINES = Array.from({ length: 20 }, (_, at) => `line ${at}: ${"x".repeat(at * 50)}\n`);

/** Words of a shell that encrypt lines, or decrypt messages, by a pipe or by a port. */
const WRITERS = {
  ours: (port) =>
    port === undefined
      ? `${SHELL} -e -j batchpass --rt`
      : `${SHELL} -e -j batchpass --rt > /dev/tcp/127.0.0.1/${port}`,
  "the reference": (port) => `'${python()}' '${reference}' write '${PASSPHRASE}' ${port ?? "-"}`,
};
const READERS = {
  ours: (port) =>
    port === undefined
      ? `${SHELL} -d -j batchpass --rt`
      : `${SHELL} -d -j batchpass --rt < /dev/tcp/127.0.0.1/${port}`,
  "the reference": (port) => `'${python()}' '${reference}' read '${PASSPHRASE}' ${port ?? "-"}`,
};

/** The reference reads no other work factor than the standard one. */
function environment(...ends) {
  return ends.every((end) => end === "ours")
    ? BATCH
    : { ...BATCH, AGE_PASSPHRASE_WORK_FACTOR: "18" };
}

/** Writes a line, and the next one only when the line has come out. */
async function lineByLine({ stdin, stdout }) {
  let text = "";
  let wake;
  let ended = false;
  stdout.on("data", (part) => {
    text += part;
    wake?.();
  });
  stdout.on("end", () => {
    ended = true;
    wake?.();
  });
  for (const [at, line] of LINES.entries()) {
    stdin.write(line);
    const until = LINES.slice(0, at + 1).join("").length;
    while (text.length < until && !ended) await new Promise((resolve) => (wake = resolve));
  }
  stdin.end();
}

/** A port, and the connection that somebody makes to it. */
async function listening(t) {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const connection = once(server, "connection").then(([socket]) => {
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
    return socket;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { port: server.address().port, connection };
}

describe("--rt", { concurrency: 2 }, () => {
  for (const writer of Object.keys(WRITERS)) {
    for (const reader of Object.keys(READERS)) {
      if (writer !== "ours" && reader !== "ours") continue;
      test(`line by line through a pipe, from ${writer} to ${reader}`, async () => {
        const line = `${WRITERS[writer]()} | ${READERS[reader]()}`;
        const { status, said, out } = await run(["bash", "-c", `set -o pipefail; ${line}`], {
          env: environment(writer, reader),
          open: true,
          started: lineByLine,
        });
        assert.equal(status, 0, said);
        assert.equal(String(out), LINES.join(""));
      });

      test(`line by line through TCP, from ${writer} to ${reader}`, async (t) => {
        const [from, to] = [await listening(t), await listening(t)];
        const reading = run(["bash", "-c", READERS[reader](to.port)], {
          env: environment(writer, reader),
          started: async ({ stdout }) => {
            const writing = run(["bash", "-c", WRITERS[writer](from.port)], {
              env: environment(writer, reader),
              open: true,
              started: async ({ stdin }) => {
                (await from.connection).pipe(await to.connection);
                await lineByLine({ stdin, stdout });
              },
            });
            await done(writing);
          },
        });
        const { status, said, out } = await reading;
        assert.equal(status, 0, said);
        assert.equal(String(out), LINES.join(""));
      });
    }
  }

  test("each read of standard input is one message, and the end is the final chunk", async () => {
    const wire = await done(
      run([process.execPath, COMMAND, "-e", "-j", "batchpass", "--rt"], {
        env: BATCH,
        open: true,
        started: async ({ stdin, stdout }) => {
          // The header first, before anything was written.
          await once(stdout, "data");
          for (const text of ["one\n", "two\n"]) {
            stdin.write(text);
            await once(stdout, "data");
          }
          stdin.end();
        },
      }),
    );
    const header = wire.indexOf("\n--- ") + 5 + 43 + 1 + 16;
    // A length of 4 bytes, the message, a tag of 16: two messages and an empty one.
    const lengths = [];
    for (let at = header; at < wire.length;) {
      const length = wire.readUInt32BE(at);
      lengths.push(length);
      at += 4 + length;
    }
    assert.equal(lengths.length, 3);
    assert.deepEqual(
      lengths.map((length) => length - lengths[2]),
      [4, 4, 0],
    );
  });

  test("a file of 200,000 bytes comes back, armored or not, and without --rt too", async (t) => {
    const cwd = await folder(t);
    const input = Buffer.alloc(200_000, "abc");
    for (const armor of [[], ["-a"]]) {
      const seal = ["-e", "-j", "batchpass", "--rt", ...armor];
      const sealed = await done(ours(seal, { cwd, env: BATCH, input }));
      for (const rt of [[], ["--rt"]]) {
        const args = ["-d", "-j", "batchpass", ...rt];
        assert.deepEqual(await done(ours(args, { cwd, env: BATCH, input: sealed })), input);
      }
    }
  });

  test("with recipients a stream starts at once, and opens with the identity", async (t) => {
    const cwd = await folder(t);
    await done(ours(["keygen", "-o", "key.txt"], { cwd }));
    const key = String(await done(ours(["keygen", "-y", "key.txt"], { cwd }))).trim();
    const sealed = await done(ours(["--rt", "-r", key], { cwd, input: "attack at dawn\n" }));
    const opened = await done(ours(["-d", "--rt", "-i", "key.txt"], { cwd, input: sealed }));
    assert.equal(String(opened), "attack at dawn\n");
  });

  test("-d --rt takes no age file, and a stream that was cut is an error after its messages", async (t) => {
    const cwd = await folder(t);
    const seal = ["-e", "-j", "batchpass"];
    const file = await done(ours(seal, { cwd, env: BATCH, input: "attack at dawn\n" }));
    const open = ["-d", "-j", "batchpass", "--rt"];
    const { said } = await refused(open, { cwd, env: BATCH, input: file });
    assert.match(said, /\[wrong-format\]/);
    const sealed = await done(ours([...seal, "--rt"], { cwd, env: BATCH, input: "one message\n" }));
    const cut = await refused(open, { cwd, env: BATCH, input: sealed.subarray(0, -20) });
    assert.match(cut.said, /\[truncated\]/);
    assert.equal(String(cut.out), "one message\n");
  });
});
