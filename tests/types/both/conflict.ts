/**
 * Where Node's types and the browser's are both there, they disagree on streams: Node's functions
 * refuse the platform's own. A cast helps.
 */
import { Duplex } from "node:stream";
import { AgeEncryptStream } from "age-rt-wasm";

// @ts-expect-error a stream of the platform
Duplex.fromWeb(new CompressionStream("gzip"));
// @ts-expect-error for the same reason
Duplex.fromWeb(new AgeEncryptStream("passphrase"));

Duplex.fromWeb(
  new AgeEncryptStream("passphrase") as object as Parameters<typeof Duplex.fromWeb>[0],
);
