/**
 * ArmorStream, DearmorStream, and armor that AgeAutoDecryptStream takes off: the same for any split
 * of the input.
 */
import {
  AgeAutoDecoder,
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeRtDecryptStream,
  armor,
  ArmorStream,
  dearmor,
  DearmorStream,
  init,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { detach } from "./lib/bytes.js";
import { assertError } from "./lib/errors.js";
import { fate, FINE, oneError } from "./lib/fate.js";
import { makeFile, PASSPHRASE } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const utf8 = (text) => new TextEncoder().encode(text);
const text = (chunks) => chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
const joined = (chunks) => Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
const flat = async (chunks) => new Uint8Array(await new Blob(chunks).arrayBuffer());

test(`what ArmorStream writes is what armor() returns, however the input is cut (seed ${seed})`, async () => {
  const random = new Random();
  for (const length of [0, 1, 2, 3, 47, 48, 49, 95, 96, 97, 65_519, 65_520, 65_521, 200_000]) {
    const bytes = random.bytes(length);
    for (const most of length < 1000 ? [1, 7, 48, 200] : [1000, 65_520, 300_000]) {
      const { chunks, read } = await fate(new ArmorStream(), random.cut(bytes, most));
      assert.equal(read, FINE);
      assert.equal(text(chunks), armor(bytes), `${length} bytes in pieces of up to ${most}`);
    }
  }
});

test("ArmorStream writes no empty chunk, and each one owns its buffer", async () => {
  const { chunks } = await fate(new ArmorStream(), new Random(1).cut(new Uint8Array(500), 5));
  for (const chunk of chunks)
    assert.ok(chunk.length > 0 && chunk.buffer.byteLength === chunk.length);
});

test(`what DearmorStream reads is what dearmor() returns, however the input is cut (seed ${seed})`, async () => {
  const random = new Random();
  for (const length of [0, 1, 2, 47, 48, 49, 96, 100, 65_520, 65_521, 200_000]) {
    const bytes = random.bytes(length);
    const lines = armor(bytes);
    for (const whole of [lines, ` \ufeff\r\n${lines.replaceAll("\n", "\r\n")}\u00a0\u3000`]) {
      assert.bytesEqual(dearmor(whole), bytes);
      for (const most of length < 1000 ? [1, 2, 70, 500] : [70, 65_520, 300_000]) {
        const pieces = random.cut(utf8(whole), most);
        const { chunks, read } = await fate(new DearmorStream(), pieces);
        assert.equal(read, FINE);
        assert.bytesEqual(await flat(chunks), bytes, `${length} bytes, pieces of up to ${most}`);
        for (const chunk of chunks)
          assert.ok(chunk.length > 0 && chunk.buffer.byteLength === chunk.length);
      }
    }
  }
});

test(`damaged armor gives the same bytes and the same error however it is cut (seed ${seed})`, async () => {
  const random = new Random();
  const whole = utf8(armor(random.bytes(500)));
  for (let round = 0; round < 200; round += 1) {
    const damaged = whole.slice(0, random.below(4) ? whole.length : random.below(whole.length));
    if (damaged.length > 0 && random.below(4)) {
      const byte = [...utf8("\n\r -=A!\u00a0")][random.below(8)];
      damaged[random.below(damaged.length)] = byte;
    }
    const first = await fate(new DearmorStream(), [damaged]);
    if (first.read !== FINE) assertError(oneError(first), "invalid-armor");
    for (const most of [1, 30, 200]) {
      const again = await fate(new DearmorStream(), random.cut(damaged, most));
      assert.equal(again.read?.code, first.read?.code);
      assert.bytesEqual(joined(again.chunks), joined(first.chunks));
    }
    let code;
    try {
      dearmor(new TextDecoder("utf-8", { ignoreBOM: true }).decode(damaged));
    } catch (error) {
      ({ code } = error);
    }
    assert.equal(code, first.read?.code, "dearmor() and DearmorStream agree");
  }
});

test("whole lines before a fault come out before its error", async () => {
  const bytes = new Random(1).bytes(480);
  const lines = armor(bytes).split("\n");
  lines[6] = `${lines[6]} `;
  const { chunks, read } = await fate(new DearmorStream(), [utf8(lines.join("\n"))]);
  assertError(read, "invalid-armor");
  assert.bytesEqual(joined(chunks), bytes.subarray(0, 5 * 48));
});

test("a fault ends the stream at once, while the source is open", async () => {
  const bad = utf8(`-----BEGIN AGE ENCRYPTED FILE-----\n${"A".repeat(66)}`);
  const { read, cancelled } = await fate(new DearmorStream(), [bad], { open: true });
  assertError(read, "invalid-armor");
  assert.equal(cancelled, read);
});

for (const format of ["age", "age-rt"]) {
  const lengths = format === "age" ? [65_536, 65_536, 100] : [0, 5, 65_536, 1000];

  test(`${format}: AgeAutoDecryptStream tells armor by itself, however it is cut (seed ${seed})`, async () => {
    const random = new Random();
    const { bytes, plaintexts: expected } = await makeFile(format, lengths);
    const armored = utf8(`\ufeff \n${armor(bytes)}\u00a0\n`);
    const plain = await fate(new AgeAutoDecryptStream(PASSPHRASE), [bytes]);
    assert.equal(plain.read, FINE);
    for (const pieces of [[armored], random.cut(armored, 100), random.cut(armored, 50_000)]) {
      const stream = new AgeAutoDecryptStream(PASSPHRASE);
      const { chunks, read } = await fate(stream, pieces);
      assert.equal(read, FINE);
      assert.equal(await stream.format, format);
      assert.deepEqual(
        chunks.map(({ length }) => length),
        plain.chunks.map(({ length }) => length),
      );
      assert.bytesEqual(await flat(chunks), await flat(expected));
    }
  });

  test(`${format}: with a decoder made ahead, and byte by byte`, async () => {
    await init();
    const { bytes, plaintexts: expected } = await makeFile(format, [10]);
    const pieces = [...utf8(armor(bytes))].map((byte) => Uint8Array.of(byte));
    const stream = new AgeAutoDecryptStream(new AgeAutoDecoder(PASSPHRASE));
    const { chunks, read } = await fate(stream, pieces);
    assert.equal(read, FINE);
    assert.bytesEqual(joined(chunks), joined(expected));
  });

  test(`${format}: damaged armor: the same chunks and the same error however it is cut (seed ${seed})`, async () => {
    const random = new Random();
    const { bytes } = await makeFile(format, lengths);
    const whole = utf8(armor(bytes));
    const cut = whole.slice(0, whole.length - 40);
    const wrong = whole.slice();
    wrong[60_000 + random.below(20_000)] = 33;
    // Changed, but armor all the same: what it holds does not verify.
    const forged = whole.slice();
    forged[65 * 1000 + 30] ^= forged[65 * 1000 + 30] === 65 ? 3 : 1;
    for (const [damaged, codes] of [
      [cut, ["invalid-armor"]],
      [wrong, ["invalid-armor"]],
      [forged, ["chunk-authentication", "chunk-length", "invalid-armor"]],
    ]) {
      const first = await fate(new AgeAutoDecryptStream(PASSPHRASE), [damaged]);
      const { code } = oneError(first);
      assert.ok(codes.includes(code), code);
      for (const most of [500, 70_000]) {
        const pieces = random.cut(damaged, most);
        const again = await fate(new AgeAutoDecryptStream(PASSPHRASE), pieces);
        assert.equal(again.read.code, code);
        assert.bytesEqual(await flat(again.chunks), await flat(first.chunks));
      }
    }
  });

  test(`${format}: the streams of one format say not-age of armor`, async () => {
    const { bytes } = await makeFile(format, [10]);
    for (const Stream of [AgeDecryptStream, AgeRtDecryptStream]) {
      const { read } = await fate(new Stream(PASSPHRASE), [utf8(armor(bytes))]);
      assertError(read, "not-age");
    }
  });
}

test("closeAtFinal closes the readable before the armor has ended", async () => {
  const { bytes } = await makeFile("age-rt", [10]);
  const lines = utf8(armor(bytes));
  const half = lines.subarray(0, lines.length - 30);
  const stream = new AgeAutoDecryptStream(PASSPHRASE, { closeAtFinal: true });
  const { chunks, read, pipe } = await fate(stream, [half]);
  assert.equal(read, FINE);
  assert.equal(joined(chunks).length, 10);
  assertError(pipe, "invalid-armor");
});

/** Node's Buffer, whose slice() is a view, where there is one. */
for (const Kind of new Set([globalThis.Buffer ?? Uint8Array, Uint8Array, DataView])) {
  test(`what was written as ${Kind.name} may be used again at once, during the derivation too`, async () => {
    const { bytes, plaintexts: expected } = await makeFile("age", [50_000]);
    const lines = utf8(armor(bytes));
    const stream = new AgeAutoDecryptStream(PASSPHRASE);
    const writer = stream.writable.getWriter();
    const reader = stream.readable.getReader();
    const read = reader.read();
    // The first write ends within the header, so that the second one waits for the key.
    const first = new Uint8Array(lines.subarray(0, 100));
    await writer.write(first);
    first.fill(33);
    const rest = lines.slice(100);
    const view = Kind === Uint8Array ? rest : toView(Kind, rest.buffer);
    const written = writer.write(view);
    await new Promise((resolve) => setTimeout(resolve));
    new Uint8Array(rest.buffer).fill(33);
    const closed = writer.close();
    assert.bytesEqual((await read).value, joined(expected));
    await Promise.all([written, closed]);
  });
}

function toView(Kind, buffer) {
  return Kind === DataView ? new DataView(buffer) : Kind.from(buffer);
}

for (const [name, Stream] of Object.entries({ ArmorStream, DearmorStream })) {
  test(`${name}: a signal ends both sides with its reason`, async () => {
    const reason = new Error("changed my mind");
    const abort = new AbortController();
    const stream = new Stream({ signal: abort.signal });
    const piped = fate(stream, [], { open: true });
    abort.abort(reason);
    assert.equal(oneError(await piped), reason);
    const late = await fate(new Stream({ signal: abort.signal }), [new Uint8Array(1)]);
    assert.equal(oneError(late), reason);
  });

  test(`${name}: what is no bytes, no options or no signal is a TypeError`, async () => {
    const { read } = await fate(new Stream(), ["text"]);
    assert.ok(read instanceof TypeError);
    for (const options of [null, "fast", 1, { signal: {} }])
      assert.throws(() => new Stream(options), TypeError);
  });

  test(`${name}: has its name as a tag`, () =>
    assert.equal(Object.prototype.toString.call(new Stream()), `[object ${name}]`));
}

test("nothing at all is no armor", async () =>
  assertError((await fate(new DearmorStream(), [])).read, "invalid-armor"));

for (const [what, make, of] of [
  ["ArmorStream", () => new ArmorStream(), (bytes) => bytes],
  ["DearmorStream", () => new DearmorStream(), (bytes) => utf8(armor(bytes))],
]) {
  for (const [how, lose] of Object.entries({
    "sent to a worker": (buffer) => detach(buffer),
    "made shorter": (buffer) => (buffer.resize ? buffer.resize(100) : detach(buffer)),
  })) {
    test(`${what}: memory that is ${how} while it is read is an error, and no shorter message`, async () => {
      const bytes = of(new Random(3).bytes(400_000));
      const buffer = new ArrayBuffer(bytes.length, { maxByteLength: bytes.length });
      new Uint8Array(buffer).set(bytes);
      const { readable, writable } = make();
      const writer = writable.getWriter();
      const reader = readable.getReader();
      // What the first write brings is copied.
      await writer.write(new Uint8Array(0));
      const written = assert.rejects(writer.write(new Uint8Array(buffer)), TypeError);
      const closed = assert.rejects(writer.close(), TypeError);
      assert.equal((await reader.read()).done, false);
      lose(buffer);
      await assert.rejects(async () => {
        for (let next = await reader.read(); !next.done; next = await reader.read());
      }, TypeError);
      await written;
      await closed;
    });
  }
}
