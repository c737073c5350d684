/**
 * Where the result goes. What `-o` names is whole or not there; everything else is written as it
 * comes.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  type Stats,
  unlinkSync,
  write,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isatty } from "node:tty";
import { opened } from "./descriptor.js";
import { atEnd } from "./ending.js";
import { about, Failure, systemCode } from "./failure.js";

const STDOUT = 1;
/**
 * Bytes that wait until they are written to a file together: a call for each chunk would cost as
 * much as sealing it.
 */
const BATCH = 1_048_576;
const MOST_LINKS = 40;
const PRIVATE = 0o600;
const PERMISSIONS = 0o777;
const GROUP = 0o070;
const OTHERS = 0o007;

export interface Output {
  readonly isTerminal: boolean;
  /** The bytes are the output's from now on. */
  write(bytes: Uint8Array): Promise<void>;
  /** Everything was written: only now does a file have its name. */
  finish(): Promise<void>;
}

export interface OutputOptions {
  /** May an existing file be replaced? */
  force: boolean;
  /** Is it a secret key, whose file nobody else may read? */
  secret?: boolean;
  /** May binary go to a terminal? Only `-o -` allows it. */
  binary: "yes" | "no" | "text-only";
}

/**
 * Checks where the result is to go, and creates nothing yet: a wrong passphrase must not leave an
 * empty file.
 *
 * @param path - undefined or `-` is standard output.
 */
export async function openOutput(
  path: string | undefined,
  { force, secret = false, binary }: OutputOptions,
): Promise<Output> {
  if (path === undefined || path === "-")
    return guarded(new Direct("standard output", STDOUT), path === "-" ? "yes" : binary);
  const descriptor = descriptorOf(path);
  if (descriptor !== undefined) return guarded(new Direct(path, descriptor), binary);
  const stat = existing(path);
  if (stat?.isDirectory()) throw new Failure(`${path}: it is a directory`);
  if (stat && !stat.isFile()) {
    try {
      return guarded(new Direct(path, await opened(path, constants.O_WRONLY), true), binary);
    } catch (error) {
      throw about(path, error);
    }
  }
  if (stat && !force)
    throw new Failure(`${path}: it exists already`, {
      hint: "-f replaces it once the new one is whole",
    });
  try {
    return new Replacement(path, stat ? realpathSync(path) : linked(path), stat, secret);
  } catch (error) {
    throw about(path, error);
  }
}

/**
 * Names of what is open already: opened again, a file would be emptied, and what is a pipe might be
 * another end.
 */
function descriptorOf(path: string): number | undefined {
  if (path === "/dev/stdout") return STDOUT;
  if (path === "/dev/stderr") return 2;
  const [, number] = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(path) ?? [];
  return number === undefined ? undefined : Number(number);
}

function existing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw about(path, error);
  }
}

/** Where a link leads that leads to nothing yet. */
function linked(path: string): string {
  let target = path;
  for (let count = 0; count < MOST_LINKS; count += 1) {
    const stat = lstatSync(target, { throwIfNoEntry: false });
    if (!stat?.isSymbolicLink()) return target;
    target = resolve(dirname(target), readlinkSync(target));
  }
  throw new Failure(`${path}: its links lead in a circle`);
}

function guarded(output: Output, binary: OutputOptions["binary"]): Output {
  if (!output.isTerminal || binary === "yes") return output;
  if (binary === "no")
    throw new Failure("binary output does not go to a terminal", {
      hint: "use -a for armor, -o FILE for a file, or -o - to write it here all the same",
    });
  return new TextOnly(output);
}

/**
 * A descriptor, written as it comes. Not through a stream, which blocks this thread while a pipe is
 * full.
 */
class Direct implements Output {
  readonly #name: string;
  readonly #fd: number;
  readonly #own: boolean;
  readonly isTerminal: boolean;

  /** @param own - opened here, and to be closed here. */
  constructor(name: string, fd: number, own = false) {
    this.#name = name;
    this.#fd = fd;
    this.#own = own;
    this.isTerminal = isatty(fd);
    try {
      fstatSync(fd);
    } catch (error) {
      throw about(name, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      try {
        at += await written(this.#fd, bytes.subarray(at));
      } catch (error) {
        if (systemCode(error) !== "EAGAIN") throw about(this.#name, error);
        // Somebody made it non-blocking, and it is full.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  async finish(): Promise<void> {
    try {
      if (this.#own) closeSync(this.#fd);
    } catch (error) {
      throw about(this.#name, error);
    }
  }
}

function written(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) =>
    write(fd, bytes, (error, count) => (error ? reject(error) : resolve(count))),
  );
}

/** For a person's eyes: nothing that a terminal would take for a command. */
class TextOnly implements Output {
  readonly isTerminal = true;
  readonly #output: Output;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(output: Output) {
    this.#output = output;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check(() => this.#decoder.decode(bytes, { stream: true }));
    await this.#output.write(bytes);
  }

  async finish(): Promise<void> {
    this.#check(() => this.#decoder.decode());
    await this.#output.finish();
  }

  #check(decode: () => string): void {
    let text;
    try {
      text = decode();
    } catch {
      // What is no UTF-8 is no text.
    }
    if (text === undefined || /[^\t\n\r\x20-\x7e\xa0-\u{10ffff}]/u.test(text))
      throw new Failure("what was decrypted is not text, and does not go to a terminal", {
        hint: "use -o FILE for a file, or -o - to write it here all the same",
      });
  }
}

/** A file that takes its name once it is whole. Until then nobody else can read it. */
class Replacement implements Output {
  readonly isTerminal = false;
  readonly #path: string;
  readonly #target: string;
  /** Of the file that is replaced. */
  readonly #old: Stats | undefined;
  readonly #secret: boolean;
  #file: FileHandle | undefined;
  #temporary = "";
  #keep: () => void = () => undefined;
  #waiting: Uint8Array[] = [];
  #length = 0;
  /** The batch that is on its way to the disk, while the next one is filled. */
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, target: string, old: Stats | undefined, secret: boolean) {
    this.#path = path;
    this.#target = target;
    this.#old = old;
    this.#secret = secret;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= BATCH) await this.#flush();
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const file = (this.#file ??= await this.#create());
    const batch = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    this.#writing = writeAll(file, batch).catch((error: unknown) => {
      throw about(this.#path, error);
    });
    // It is awaited before the next one.
    this.#writing.catch(() => undefined);
  }

  /** Beside its destination, so that a rename is enough. */
  async #create(): Promise<FileHandle> {
    const folder = dirname(this.#target);
    this.#temporary = join(folder, `.age-rt-wasm-${randomBytes(8).toString("hex")}.tmp`);
    // Before there is a file: a signal may come in between.
    this.#keep = atEnd(() => unlinkSync(this.#temporary));
    try {
      return await open(this.#temporary, "wx", PRIVATE);
    } catch (error) {
      throw about(folder, error);
    }
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#writing;
    const file = this.#file as FileHandle;
    try {
      if (this.#old && !this.#secret) {
        await file.chmod(await this.#modeAs(file, this.#old));
      } else if (!this.#secret) await file.chmod(0o666 & ~process.umask());
      // A crash must not leave neither the old file nor the new one.
      if (this.#old) await file.datasync();
      await file.close();
      if (this.#old) renameSync(this.#temporary, this.#target);
      else this.#name();
      this.#keep();
    } catch (error) {
      throw about(this.#path, error);
    }
  }

  /**
   * Gives the file the owner and the group of the old one, where that is allowed: only root can
   * give files away; for others the file becomes theirs.
   *
   * @returns the mode. A group that had no part in the old file has the rights of all others: in
   * the old group's place it could read what it never could.
   */
  async #modeAs(file: FileHandle, { uid, gid, mode }: Stats): Promise<number> {
    await file
      .chown(uid, gid)
      .catch(() => file.chown(-1, gid))
      .catch(() => undefined);
    const now = await file.stat();
    const rights = mode & PERMISSIONS;
    return now.gid === gid ? rights : (rights & ~GROUP) | ((rights & OTHERS) << 3);
  }

  /** A link fails where a file came into being meanwhile; a rename would replace it. */
  #name(): void {
    try {
      linkSync(this.#temporary, this.#target);
    } catch (error) {
      if (systemCode(error) === "EEXIST") throw error;
      // Some file systems have no links.
      if (existing(this.#target)) throw new Failure(`${this.#path}: it exists already`);
      renameSync(this.#temporary, this.#target);
      return;
    }
    unlinkSync(this.#temporary);
  }
}

async function writeAll(file: FileHandle, batch: Uint8Array[]): Promise<void> {
  let rest = batch.filter((bytes) => bytes.length > 0);
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest);
    while (rest.length > 0 && bytesWritten >= (rest[0] as Uint8Array).length) {
      bytesWritten -= (rest[0] as Uint8Array).length;
      rest = rest.slice(1);
    }
    if (bytesWritten > 0) rest = [(rest[0] as Uint8Array).subarray(bytesWritten), ...rest.slice(1)];
  }
}
