/** `keygen`: what age-keygen does. */
import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import { generateIdentity, identityFile, recipientOf } from "../recipients.js";
import { wrongUsage } from "./failure.js";
import { publicKeys, type Request, valuesOf } from "./keys.js";
import { openOutput } from "./output.js";

const STDOUT = 1;

export async function keygen(request: Request): Promise<void> {
  const { flags, input } = request;
  const [path] = valuesOf(request, "output");
  const force = flags.has("force");
  const toStdout = path === undefined || path === "-";
  if (flags.has("y")) {
    if (flags.has("pq")) throw wrongUsage("-pq makes a key, and -y converts one");
    const output = await openOutput(path, { force, binary: "yes" });
    const keys = await publicKeys(input ?? "-");
    await output.write(new TextEncoder().encode(keys.map((key) => `${key}\n`).join("")));
    return output.finish();
  }
  if (input !== undefined) throw wrongUsage(`keygen reads no INPUT without -y: ${input}`);
  const output = await openOutput(path, { force, secret: true, binary: "yes" });
  if (toStdout && isReadableByAll())
    process.stderr.write("age-rt-wasm: warning: others can read the file of the secret key\n");
  const identity = await generateIdentity(flags.has("pq") ? "hybrid" : "x25519");
  await output.write(new TextEncoder().encode(await identityFile(identity)));
  await output.finish();
  if (!toStdout || !isatty(STDOUT))
    process.stderr.write(`Public key: ${await recipientOf(identity)}\n`);
}

function isReadableByAll(): boolean {
  const stat = fstatSync(STDOUT);
  return stat.isFile() && (stat.mode & 0o004) !== 0;
}
