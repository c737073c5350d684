/** `-e` and `-d`. */
import {
  AgeAutoDecryptStream,
  AgeEncryptStream,
  AgeRtEncryptStream,
  type ByteTransform,
} from "../index.js";
import { Failure, wrongUsage } from "./failure.js";
import { type Input, openInput, typed } from "./input.js";
import {
  isBatch,
  MAX_WORK_FACTOR,
  openingKey,
  type Request,
  sealingKey,
  stdinUse,
  valuesOf,
} from "./keys.js";
import { openOutput } from "./output.js";
import { one, peek, type Pieces, pump } from "./pump.js";
import { showProgress } from "./progress.js";

/**
 * The largest messages that age-rt allows: whoever runs the command has chosen whose stream it
 * opens.
 */
const MAX_CHUNK = 16_777_216;

/**
 * Age files are sealed and opened on all cores; a live stream is not, since it must not wait for a
 * batch.
 */
const CORES = { workers: "auto" } as const;

export async function encrypt(request: Request): Promise<void> {
  const { flags, input: path } = request;
  stdinUse(request);
  const input = await openInput(path);
  const armor = flags.has("armor");
  const rt = flags.has("rt");
  const output = await outputOf(request, armor ? "yes" : "no");
  const key = await sealingKey(request);
  const progress = showProgress(rt ? undefined : input.size, output.isTerminal);
  const onDerivation = (fraction: number): void => progress.derivation(fraction);
  const stream: ByteTransform = rt
    ? new AgeRtEncryptStream(key, { onDerivation })
    : new AgeEncryptStream(key, { onDerivation, ...CORES });
  await pump(input.pieces(), stream, output, { armor, progress });
}

export async function decrypt(request: Request): Promise<void> {
  const { flags } = request;
  refuseSealing(request);
  stdinUse(request);
  isBatch(request);
  const input = await openInput(request.input);
  const output = await outputOf(request, "text-only");
  const { inspection, all } = await peek(await piecesOf(input));
  const { format, stanza_types: types } = inspection;
  if (flags.has("rt") && format !== "age-rt")
    throw new Failure(
      "with --rt an age-rt stream is expected, and this is an age file [wrong-format]",
      {
        hint: "leave out --rt: -d opens either",
      },
    );
  const key = await openingKey(request, types);
  const progress = showProgress(format === "age" ? input.size : undefined, output.isTerminal);
  const stream = new AgeAutoDecryptStream(key, {
    maxChunkSize: MAX_CHUNK,
    maxWorkFactor: MAX_WORK_FACTOR,
    onDerivation: (fraction) => progress.derivation(fraction),
    ...CORES,
  });
  await pump(all, stream, output, { armor: false, progress });
}

/** What is pasted at a terminal has to be whole before a passphrase is asked for there. */
export async function piecesOf(input: Input): Promise<Pieces> {
  return input.isTerminal ? one(await typed(input)) : input.pieces();
}

function refuseSealing(request: Request): void {
  const { flags } = request;
  if (flags.has("encrypt")) throw wrongUsage("-e and -d cannot be used together");
  if (flags.has("armor"))
    throw wrongUsage("-a cannot be used with -d", "armored files are told by themselves");
  if (flags.has("passphrase"))
    throw wrongUsage("-p cannot be used with -d", "files with a passphrase are told by themselves");
  for (const name of ["recipient", "recipients-file"])
    if (valuesOf(request, name).length > 0)
      throw wrongUsage(`--${name} cannot be used with -d`, "identities, of -i, decrypt");
}

export function outputOf(request: Request, binary: "yes" | "no" | "text-only") {
  const [path] = valuesOf(request, "output");
  return openOutput(path, { force: request.flags.has("force"), binary });
}
