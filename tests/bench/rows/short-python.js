import { once } from "node:events";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as now from "age-rt-wasm";
import { pythonReference } from "../../../js/tooling/lib/setup.mjs";
import { compare } from "../lib/compare.js";
import { noise, NO_WORK, PASSPHRASE } from "../lib/streams.js";

const script = fileURLToPath(new URL("../children/short.py", import.meta.url));

export default {
  name: "short-python",
  title: "64-byte messages, `encodeChunk` and `feed`, vs Python `age-rt`",
  atLeast: 1.7,
  async run({ quick, before: earlier }) {
    const count = quick ? 100 : 20_000;
    // Python has no way to a low work factor from a passphrase, so its key is derived once.
    const python = spawn(pythonReference(), [script], { stdio: ["pipe", "pipe", "inherit"] });
    const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
    const ours = await messages(count, now);
    const before = earlier && (await messages(count, earlier));
    async function theirs() {
      python.stdin.write(`${count}\n`);
      const { value } = await answers.next();
      if (value === undefined) throw new Error("Python has ended");
      return Number(value);
    }
    try {
      return await compare({ ours, before, theirs }, { rounds: 25, quick });
    } finally {
      python.stdin.end();
      await once(python, "exit");
    }
  },
};

async function messages(count, { AgeRtDecoder, AgeRtEncoder }) {
  const encoder = await AgeRtEncoder.create(PASSPHRASE, { workFactor: NO_WORK });
  const decoder = new AgeRtDecoder(PASSPHRASE);
  const decode = (wire) => {
    let message;
    for (let at = 0; at < wire.length;) {
      const { bytesWanted } = decoder;
      message = decoder.feed(wire.subarray(at, at + bytesWanted));
      at += bytesWanted;
    }
    return message;
  };
  decode(encoder.getHeader());
  const message = noise(64);
  return () => {
    for (let i = 0; i < count; i += 1) {
      if (decode(encoder.encodeChunk(message)).length !== 64)
        throw new Error("what was opened is not what was sealed");
    }
  };
}
