/**
 * Downloads of files that are encrypted on the server's disk: whoever knows the passphrase gets the
 * plaintext, while it is decrypted.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { AgeDecryptStream } from "age-rt-wasm";

export const dynamic = "force-dynamic";

const FOLDER = process.env.FILES ?? "files";

/** The form of ../page.js. A passphrase in an address would be in every log on the way. */
export async function POST(request, { params }) {
  const { name } = await params;
  // Only names that lead nowhere else.
  const path = /^\w[\w.-]{0,63}$/.test(name) ? join(FOLDER, `${name}.age`) : undefined;
  const stats = path && (await stat(path).catch(() => undefined));
  if (!stats?.isFile()) return told(404, "There is no such file");
  const passphrase = String((await request.formData()).get("passphrase") ?? "");
  try {
    // Whoever leaves ends the derivation, the decryption and the reading.
    const { signal } = request;
    const stream = new AgeDecryptStream(passphrase, { maxWorkFactor: 18, signal });
    const body = Readable.toWeb(createReadStream(path)).pipeThrough(stream);
    // Before the first byte: afterwards no status can say it.
    await stream.opened;
    // In chunks: Next.js takes a Content-Length away. What fails now breaks the connection, so that
    // no browser takes what it has for whole.
    return new Response(body, {
      headers: {
        "Content-Disposition": `attachment; filename="${name}"`,
        "Content-Type": "application/octet-stream",
        "Cache-Control": "no-store",
      },
    });
  } catch (error) {
    if (error.code === "empty-passphrase") return told(400, "Type the passphrase");
    if (error.code === "wrong-passphrase") return told(403, "That is not the passphrase");
    console.error(`${name}: ${error.code ?? error}`);
    return told(500, "The file is damaged, or none that a passphrase opens");
  }
}

function told(status, text) {
  return new Response(text, { status, headers: { "Cache-Control": "no-store" } });
}
