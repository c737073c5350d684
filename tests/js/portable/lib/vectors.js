/** The files of tests/vectors, with what each must give. */
import { vector } from "../../harness.js";
import { concat, lengths, sha256 } from "./bytes.js";

/** As index.json has them: name, format, passphrase, expect, code, chunks, sha256, options. */
export const vectors = Object.entries(
  JSON.parse(new TextDecoder().decode(await vector("index.json"))).vectors,
).map(([name, entry]) => ({ name, ...entry }));

export function bytesOf({ name }) {
  return vector(`${name}.age`);
}

/** A file's result in the form of the index. */
export async function result(chunks, error) {
  return { code: error?.code, chunks: lengths(chunks), sha256: await sha256(concat(...chunks)) };
}
