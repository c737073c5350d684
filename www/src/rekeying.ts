/** A new passphrase for a file whose contents stay as they are. Loaded when it is wanted. */
import type { DecryptKey } from "age-rt-wasm";
import { rekey } from "age-rt-wasm/header";
import type { Item } from "./chooser.js";
import { renewedFile } from "./names.js";
import { ofBlob, type Plan, unarmored } from "./plan.js";

/** @throws what rekey() throws; as `decryption` for an armored file. */
export async function renewal(
  item: Item,
  from: DecryptKey,
  to: string,
  signal: AbortSignal,
): Promise<Plan> {
  const renewed = await rekey(await unarmored(item), from, to, { signal });
  return {
    source: ofBlob(renewed),
    cipher: new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>(),
    result: renewedFile(item.file.name, renewed.size),
    replaces: true,
  };
}
