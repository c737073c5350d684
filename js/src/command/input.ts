/** What is read: a regular file by its size, and everything else as it comes. */
import { close, constants, fstatSync, read } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import { opened } from "./descriptor.js";
import { about, Failure } from "./failure.js";

/** Bytes of a file that are read at a time. */
const STEP = 1_048_576;

const STDIN = 0;

export interface Input {
  /** For messages. */
  readonly name: string;
  /** Of a regular file, in bytes. */
  readonly size: number | undefined;
  readonly isTerminal: boolean;
  /** A piece may be overwritten once the next one is asked for. */
  pieces(): AsyncGenerator<Uint8Array>;
  /** A regular file that can be read from anywhere. */
  readonly file: FileHandle | undefined;
}

/** @param path - undefined or `-` is standard input. */
export async function openInput(path: string | undefined): Promise<Input> {
  if (path === undefined || path === "-") return standardInput();
  try {
    const kind = await stat(path);
    if (kind.isDirectory()) throw new Failure(`${path}: it is a directory`);
    return kind.isFIFO() || kind.isCharacterDevice() ? await device(path) : await regular(path);
  } catch (error) {
    throw about(path, error);
  }
}

/** A regular file, and what else is read as one. */
async function regular(path: string): Promise<Input> {
  const file = await open(path, constants.O_RDONLY);
  const kind = await file.stat();
  const size = kind.isFile() ? kind.size : undefined;
  const fill = async (buffer: Uint8Array): Promise<number> =>
    (await file.read(buffer, 0, buffer.length, null)).bytesRead;
  return {
    name: path,
    size,
    isTerminal: false,
    file: kind.isFile() ? file : undefined,
    pieces: () =>
      named(
        path,
        ofFile(path, fill, () => file.close(), size),
      ),
  };
}

/** A pipe, a terminal, or a device such as /dev/zero. */
async function device(path: string): Promise<Input> {
  const descriptor = await opened(path, constants.O_RDONLY);
  const isTerminal = isatty(descriptor);
  // Read through the event loop: a thread that waits for a pipe could not be stopped.
  const waits = isTerminal || fstatSync(descriptor).isFIFO();
  const fill = async (buffer: Uint8Array): Promise<number> =>
    (await promisify(read)(descriptor, buffer, 0, buffer.length, null)).bytesRead;
  return {
    name: path,
    size: undefined,
    isTerminal,
    file: undefined,
    pieces: () =>
      named(
        path,
        waits
          ? asItComes(new Socket({ fd: descriptor, readable: true, writable: false }))
          : ofFile(path, fill, () => promisify(close)(descriptor)),
      ),
  };
}

function standardInput(): Input {
  const name = "standard input";
  let stat;
  try {
    stat = fstatSync(STDIN);
  } catch (error) {
    throw about(name, error);
  }
  return {
    name,
    // Another program may have read a part of it already: this is for the progress bar alone.
    size: stat.isFile() ? stat.size : undefined,
    isTerminal: isatty(STDIN),
    file: undefined,
    pieces: () => named(name, asItComes(process.stdin)),
  };
}

async function* named(
  name: string,
  pieces: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    throw about(name, error);
  }
}

/** Two buffers in turn: one is filled while the other is sealed. */
async function* ofFile(
  name: string,
  fill: (buffer: Uint8Array) => Promise<number>,
  close: () => Promise<void>,
  size?: number,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  try {
    let [now, next] = [new Uint8Array(STEP), new Uint8Array(STEP)];
    let length = await fill(now);
    while (length > 0) {
      total += length;
      const coming = fill(next);
      // Nobody may ask for it any more.
      coming.catch(() => undefined);
      yield now.subarray(0, length);
      length = await coming;
      [now, next] = [next, now];
    }
  } finally {
    await close();
  }
  // What is cut short while it is read must not become a whole file.
  if (size !== undefined && total < size)
    throw new Failure(`${name}: it was cut short while it was read, to ${total} of ${size} bytes`);
}

/**
 * Not by iterating, which joins what has arrived: each read is a piece of its own, for a live
 * stream a message.
 */
async function* asItComes(stream: Readable): AsyncGenerator<Uint8Array> {
  const arrived: Uint8Array[] = [];
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const told = (change: () => void) => (): void => {
    change();
    wake?.();
  };
  stream.on("data", (piece: Uint8Array) => {
    arrived.push(piece);
    stream.pause();
    wake?.();
  });
  stream.on(
    "end",
    told(() => (ended = true)),
  );
  stream.on(
    "close",
    told(() => (ended = true)),
  );
  stream.on("error", (error) => told(() => (failure ??= { error }))());
  try {
    for (;;) {
      const piece = arrived.shift();
      if (piece) yield piece;
      else if (failure) throw failure.error;
      else if (ended) return;
      else {
        const more = new Promise<void>((resolve) => (wake = resolve));
        stream.resume();
        await more;
      }
    }
  } finally {
    stream.destroy();
  }
}

/** Everything that the input has, up to a limit: files of keys. */
export async function readAll(path: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const input = await openInput(path);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of input.pieces()) {
    length += piece.length;
    if (length > limit) throw new Failure(`${input.name}: it has more than ${limit} bytes`);
    parts.push(piece.slice());
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
    part.fill(0);
  }
  return all;
}

/** The end of an armored file, which says that no more will be typed. */
const END = "-----END AGE ENCRYPTED FILE-----";

/**
 * What somebody types or pastes at a terminal, up to the end of an armored file: the passphrase is
 * asked for after it.
 */
export async function typed(input: Input): Promise<Uint8Array> {
  let text = Buffer.alloc(0);
  for await (const piece of input.pieces()) {
    text = Buffer.concat([text, piece]);
    if (text.length > STEP) throw new Failure("what was typed is too long: use a file");
    if (text.includes(END)) break;
  }
  return text;
}
