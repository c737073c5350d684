/** `inspect`: what a file is, from its header. */
import type { FileHandle } from "node:fs/promises";
import { inspect as inspectFile, type Inspection } from "../header.js";
import { openInput } from "./input.js";
import type { Request } from "./keys.js";
import { openOutput } from "./output.js";
import { printable } from "./printable.js";

export async function inspect({ flags, input: path }: Request): Promise<void> {
  const output = await openOutput(undefined, { force: false, binary: "yes" });
  const input = await openInput(path);
  const file = input.file
    ? (new FileBlob(input.file, 0, input.size as number) as unknown as Blob)
    : streamOf(input.pieces());
  const inspection = await inspectFile(file).finally(() => input.file?.close());
  const text = flags.has("json") ? json(inspection) : prose(input.name, inspection);
  await output.write(new TextEncoder().encode(text));
  await output.finish();
}

/** Names and order of age-inspect. */
function json({ version, postquantum, armor, stanza_types, sizes }: Inspection): string {
  const told = { version, postquantum, armor, stanza_types, ...(sizes ? { sizes } : {}) };
  return `${JSON.stringify(told, undefined, 4)}\n`;
}

const QUANTUM = {
  yes: "Its recipients are safe against a later quantum computer.",
  no: "A later quantum computer could open it.",
  unknown: "Whether a later quantum computer could open it is not known.",
};

function prose(name: string, inspection: Inspection): string {
  const { version, format, armor, stanza_types: types, workFactor, sizes } = inspection;
  const factor = workFactor === undefined ? "" : `, work factor ${workFactor}`;
  // Anybody can have written the types: what is not plain ASCII was refused by the grammar.
  const lines = [
    `${printable(name)} is an ${format} file, version "${version}"${armor ? ", armored" : ""}.`,
    `It is encrypted for: ${types.join(", ")}${factor}.`,
    QUANTUM[inspection.postquantum],
  ];
  if (sizes) {
    const rows: [string, number][] = [
      ["header", sizes.header],
      ["armor", sizes.armor],
      ["encryption", sizes.overhead],
      ["payload", sizes.max_payload],
    ];
    rows.push(["altogether", rows.reduce((sum, [, bytes]) => sum + bytes, 0)]);
    const width = Math.max(...rows.map(([, bytes]) => String(bytes).length));
    lines.push("", "Bytes, if it decrypts:");
    for (const [what, bytes] of rows)
      lines.push(`    ${what.padEnd(12)}${String(bytes).padStart(width)}`);
  }
  lines.push("", "Nothing was decrypted or authenticated.");
  return `${lines.join("\n")}\n`;
}

export function streamOf(
  pieces: AsyncGenerator<Uint8Array>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * A part of a file as a Blob, as far as the library reads one: Node's own from a file warns that it
 * is experimental.
 */
export class FileBlob {
  readonly type = "";
  readonly size: number;
  readonly #file: FileHandle;
  readonly #start: number;

  constructor(file: FileHandle, start: number, end: number) {
    this.#file = file;
    this.#start = start;
    this.size = end - start;
  }

  slice(start = 0, end = this.size): FileBlob {
    const within = (at: number): number => this.#start + Math.min(Math.max(at, 0), this.size);
    return new FileBlob(this.#file, within(start), Math.max(within(start), within(end)));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(this.size);
    let at = 0;
    while (at < bytes.length) {
      const left = bytes.length - at;
      const { bytesRead } = await this.#file.read(bytes, at, left, this.#start + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.buffer.slice(0, at);
  }
}
