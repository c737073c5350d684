/**
 * Strangers' headers without an end, in a memory of 64 MiB (`--wasm-max-mem-pages=1024`), beside a
 * stream under way; reports what became of all.
 */
import { report } from "../../lib/child.js";
import { memoryLen } from "../lib/instances.js";

const { AgeDecryptStream, encrypt, init } = await import("age-rt-wasm");
const [stanza, len, most] = [
  process.argv[2].replaceAll("/", "\n"),
  ...process.argv.slice(3).map(Number),
];
const PASSPHRASE = "a passphrase";
await init();
const file = await encrypt(new Uint8Array(300_000), PASSPHRASE, { workFactor: 1 });

function open() {
  const pair = new AgeDecryptStream(PASSPHRASE);
  const [writer, reader] = [pair.writable.getWriter(), pair.readable.getReader()];
  for (const promise of [writer.closed, writer.ready, reader.closed])
    promise.catch(() => undefined);
  return { writer, reader };
}

const honest = open();
honest.writer.write(file.slice(0, 100_000)).catch(() => undefined);
let received = (await honest.reader.read()).value.length;

const start = "age-encryption.org/v1\n";
const unfinished = Buffer.from(
  start + stanza.repeat(Math.floor((len - start.length) / stanza.length)),
);
const before = memoryLen();
const codes = [];
let accepted = 0;
let each;
const held = [];
while (codes.length < most) {
  const stream = open();
  held.push(stream);
  const code = await stream.writer.write(unfinished).then(
    () => undefined,
    (error) => error.code,
  );
  if (code) codes.push(code);
  else accepted += 1;
  if (accepted === 100) each ??= (memoryLen() - before) / 100;
}

const end = honest.writer.write(file.slice(100_000)).then(() => honest.writer.close());
let error;
try {
  for (let next = await honest.reader.read(); !next.done; next = await honest.reader.read())
    received += next.value.length;
  await end;
} catch (thrown) {
  error = thrown.code ?? thrown.name;
}
report({ sent: unfinished.length, accepted, each, codes: [...new Set(codes)], received, error });
