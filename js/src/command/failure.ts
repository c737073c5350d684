/** What ends the command, in words for the person who gave it. */

/** Exit codes that a script can rely on; the help lists them. */
export const EXIT = { failed: 1, usage: 2, brokenPipe: 141 } as const;

/**
 * A failure that is not the library's. Its message has no capital and no full stop, since `error: `
 * stands before it.
 */
export class Failure extends Error {
  readonly exitCode: number;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string; exitCode?: number } = {}) {
    super(message);
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}

/** The command line is wrong, and nothing was done. */
export function wrongUsage(message: string, hint?: string): Failure {
  return new Failure(message, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
}

/** What the operating system said. */
export function systemCode(error: unknown): string | undefined {
  const { code, syscall } = Object(error) as { code?: unknown; syscall?: unknown };
  return typeof syscall === "string" && typeof code === "string" ? code : undefined;
}

const SYSTEM: Record<string, string> = {
  EACCES: "permission denied",
  EBADF: "there is no such open file",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EFBIG: "the file would be larger than it may be",
  EIO: "the device failed",
  EISDIR: "it is a directory",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "there is no such file or directory",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is no directory",
  EPERM: "the system does not allow it",
  EROFS: "the file system is read-only",
};

/**
 * A failure of the operating system, and which file it was about. Others are passed on as they are.
 */
export function about(what: string, error: unknown): unknown {
  const code = systemCode(error);
  // A reader that has gone away is nobody's mistake: see main.ts.
  if (code === undefined || code === "EPIPE") return error;
  return new Failure(`${what}: ${SYSTEM[code] ?? (error as Error).message} (${code})`);
}
