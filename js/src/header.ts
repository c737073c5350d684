/**
 * What an age file is, without opening it; its header apart from its payload; and other keys for a
 * file as it is.
 *
 * @packageDocumentation
 */
export { decryptHeader, fileKeyIdentity } from "./header/file-key.js";
export { type Inspection, inspect, splitHeader } from "./header/inspect.js";
export { rekey, RekeyStream } from "./header/rekey.js";
