/** What must compile in a CommonJS module. */
import age = require("age-rt-wasm");
import "age-rt-wasm/worker";
import { AgeRtEncryptStream, type Out } from "age-rt-wasm";

export const stream: age.ByteTransform = new AgeRtEncryptStream("passphrase");
export const bytes: Out = new Uint8Array(1);
