import * as age from "age-rt-wasm";
import type shipped from "age-rt-wasm/age_rt.wasm" with { "resolution-mode": "import" };

/** What a consumer writes, checked by the compiler as well as run. */
async function typed(): Promise<void> {
  const options: age.AgeRtEncryptOptions = { workFactor: 1, maxChunkSize: 1024 };
  const stream: age.ByteTransform = new age.AgeRtEncryptStream("passphrase", options);
  const { value } = await stream.readable.getReader().read();
  const header: Uint8Array<ArrayBuffer> | undefined = value;
  if (!header) throw new Error("no header came out");
  const code: age.ErrorCode = "wrong-passphrase";
  const failure = await age.decrypt(header, code).catch((error: unknown) => error);
  if (!(failure instanceof age.WrongPassphraseError) || failure.code !== code) throw failure;
}

export const load: (module: typeof shipped) => Promise<void> = age.init;

void (async () => {
  await typed();
  const { job } = await import("./job.mjs");
  console.log(JSON.stringify(await job(age)));
})();
