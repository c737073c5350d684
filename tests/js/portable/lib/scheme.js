/**
 * A recipient and an identity as a user of the package writes them: the file key sealed with
 * AES-GCM under the hash of a secret.
 */
const TYPE = "example.com/secret";

async function keyOf(secret) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return crypto.subtle.importKey("raw", hash, "AES-GCM", false, ["encrypt", "decrypt"]);
}

export class SecretRecipient {
  constructor(secret) {
    this.key = keyOf(secret);
  }
  async wrapFileKey(fileKey) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.key, fileKey);
    return [{ args: [TYPE, String(iv)], body: new Uint8Array(sealed) }];
  }
}

export class SecretIdentity extends SecretRecipient {
  async unwrapFileKey(stanzas) {
    for (const { args, body } of stanzas) {
      if (args[0] !== TYPE) continue;
      const iv = Uint8Array.from(args[1].split(","));
      const opened = crypto.subtle.decrypt({ name: "AES-GCM", iv }, await this.key, body);
      const fileKey = await opened.catch(() => null);
      if (fileKey) return new Uint8Array(fileKey);
    }
    return null;
  }
}
