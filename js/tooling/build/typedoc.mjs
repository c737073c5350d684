/**
 * The API's reference: `npm run docs` writes it to target/docs. Whatever lacks documentation is an
 * error.
 */

/**
 * What a member is called and does is the platform's to say, and what is in an object literal its
 * owner's.
 */
const platform = {
  DataChannelLike: [
    "readyState",
    "ordered",
    "maxRetransmits",
    "maxPacketLifeTime",
    "bufferedAmount",
    "bufferedAmountLowThreshold",
    "binaryType",
    "send",
    "close",
    "addEventListener",
    "removeEventListener",
  ],
  WebSocketLike: [
    "readyState",
    "binaryType",
    "send",
    "close",
    "addEventListener",
    "removeEventListener",
  ],
  WorkerLike: ["postMessage", "terminate", "onmessage", "onmessageerror", "onerror"],
  NodeFileHandle: ["read.__type.bytesRead", "write.__type.bytesWritten"],
  SocketStream: ["closed.__type.code", "closed.__type.reason"],
};

export default {
  name: "age-rt-wasm",
  entryPoints: [
    "../../src/index.ts",
    "../../src/header.ts",
    "../../src/reader.ts",
    "../../src/passphrase.ts",
    "../../src/recipients.ts",
    "../../src/session.ts",
  ],
  tsconfig: "../../tsconfig.json",
  readme: "../../../pkg-template/README.md",
  out: "../../../target/docs",
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeExternals: true,
  disableSources: true,
  hideGenerator: true,
  sort: ["source-order"],
  highlightLanguages: ["bash", "html", "javascript", "nginx", "python", "sh", "typescript"],
  requiredToBeDocumented: [
    "Variable",
    "Function",
    "Class",
    "Interface",
    "Property",
    "Method",
    "Accessor",
    "TypeAlias",
    "Constructor",
  ],
  intentionallyNotDocumented: Object.entries(platform).flatMap(([name, members]) =>
    members.map((member) => `index.${name}.${member}`),
  ),
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  treatWarningsAsErrors: true,
};
