#!/bin/sh
# Versions: asyncssh 2.24.1, cryptography 50.0.2, paramiko 5.1.0, ssh2 1.17.0, sshpk 1.18.0.
# Behaviour: `ssh-keygen -Z` chooses the cipher of a private key's passphrase. All five libraries open
# aes256-ctr, its default. Of the two authenticated ciphers, whose tag stands behind the key, sshpk and
# paramiko know neither, cryptography and ssh2 know AES-GCM only, and asyncssh knows both. Only
# cryptography names the cipher; from the other messages one would think the key damaged.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
python_packages asyncssh==2.24.1 cryptography==50.0.2 paramiko==5.1.0
npm_packages ssh2@1.17.0 sshpk@1.18.0

cat > open.py <<'PY'
import sys
import asyncssh
import paramiko
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

path = sys.argv[1]
data = open(path, "rb").read()
for name, load in (
    ("asyncssh", lambda: asyncssh.import_private_key(data, "passphrase")),
    ("cryptography", lambda: load_ssh_private_key(data, b"passphrase")),
    ("paramiko", lambda: paramiko.Ed25519Key.from_private_key_file(path, "passphrase")),
):
    try:
        load()
        print(f"  {name}: opened")
    except Exception as error:
        print(f"  {name}: {type(error).__name__}: {error}")
PY
cat > open.mjs <<'JS'
import { readFileSync } from "node:fs";
import ssh2 from "ssh2";
import sshpk from "sshpk";

const data = readFileSync(process.argv[2]);
const key = ssh2.utils.parseKey(data, "passphrase");
console.log(`  ssh2: ${key instanceof Error ? key.message : "opened"}`);
try {
  sshpk.parsePrivateKey(data, "openssh", { passphrase: "passphrase" });
  console.log("  sshpk: opened");
} catch (error) {
  console.log(`  sshpk: ${error.message}`);
}
JS
for cipher in aes256-ctr aes256-gcm@openssh.com chacha20-poly1305@openssh.com; do
  ssh-keygen -q -t ed25519 -Z "$cipher" -a 1 -N passphrase -C "" -f "$cipher"
  echo "$cipher"
  venv/bin/python -W ignore open.py "$cipher"
  node open.mjs "$cipher"
done > output
seen output <<'END'
aes256-ctr
  asyncssh: opened
  cryptography: opened
  paramiko: opened
  ssh2: opened
  sshpk: opened
aes256-gcm@openssh.com
  asyncssh: opened
  cryptography: opened
  paramiko: KeyError: 'mode'
  ssh2: opened
  sshpk: Failed to parse (unnamed) as a valid openssh format key: excess bytes left after key
chacha20-poly1305@openssh.com
  asyncssh: opened
  cryptography: UnsupportedAlgorithm: Unsupported cipher: b'chacha20-poly1305@openssh.com'
  paramiko: SSHException: Invalid key
  ssh2: Invalid initialization vector
  sshpk: Failed to parse (unnamed) as a valid openssh format key: excess bytes left after key
END
