/** A public key in SSH's form, of a key pair of Node's. */
export function sshText(type, publicKey) {
  const { e, n, x } = publicKey.export({ format: "jwk" });
  const number = (base64) => {
    const bytes = Buffer.from(base64, "base64url");
    return bytes[0] > 127 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
  };
  const parts = [
    Buffer.from(type),
    ...(x ? [Buffer.from(x, "base64url")] : [number(e), number(n)]),
  ];
  const wire = Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
  return `${type} ${wire.toString("base64")}`;
}
