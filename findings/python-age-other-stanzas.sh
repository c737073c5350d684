#!/bin/sh
# Versions: age 0.5.1 (the Python package), age-encryption (typage) 0.3.1, pyrage 1.4.0.
# Behaviour: a header may hold stanzas for keys of other kinds, and rage adds a random one to each file
# that it makes for a key ("grease"). The Python package writes the header anew before it checks the MAC:
# it ends a stanza without arguments with a space, and forgets the empty line after a last line of 64
# characters. So it opens one rage file and calls the next, for the same key, wrongly signed: about one
# in five. And of an empty plaintext it writes no chunk, so that others find its file truncated.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
python_packages age==0.5.1 pyrage==1.4.0
npm_packages age-encryption@0.3.1

# Files with an X25519 stanza, and a second one that nobody has the key for.
cat > write.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { Encrypter, Stanza } from "age-encryption";

for (const [name, args, length] of [
  ["an argument, 32 bytes", ["other", "argument"], 32],
  ["no argument, 32 bytes", ["other"], 32],
  ["an argument, 48 bytes", ["other", "argument"], 48],
]) {
  const encrypter = new Encrypter();
  encrypter.addRecipient(readFileSync("recipient", "utf8"));
  encrypter.addRecipient({ wrapFileKey: () => [new Stanza(args, new Uint8Array(length))] });
  writeFileSync(name, await encrypter.encrypt("opened"));
}
JS
cat > keys.py <<'PY'
import pyrage
identity = pyrage.x25519.Identity.generate()
open("identity", "w").write(str(identity))
open("recipient", "w").write(str(identity.to_public()))
PY
cat > open.py <<'PY'
import io
import pyrage
from age.file import Decryptor, Encryptor
from age.keys.agekey import AgePrivateKey

theirs = pyrage.x25519.Identity.from_str(open("identity").read())
ours = AgePrivateKey.from_private_string(open("identity").read())
for name in ("an argument, 32 bytes", "no argument, 32 bytes", "an argument, 48 bytes"):
    data = open(name, "rb").read()
    print(f"{name}: pyrage: {pyrage.decrypt(data, [theirs]).decode()}")
    try:
        with Decryptor([ours], io.BytesIO(data)) as decryptor:
            print(f"{name}: age: {decryptor.read().decode()}")
    except Exception as error:
        print(f"{name}: age: {type(error).__name__}")
for length in (1, 0):
    file = io.BytesIO()
    with Encryptor([ours.public_key()], file) as encryptor:
        encryptor.write(bytes(length))
    try:
        print(f"{length} bytes of age: pyrage:", len(pyrage.decrypt(file.getvalue(), [theirs])))
    except pyrage.DecryptError as error:
        print(f"{length} bytes of age: pyrage:", error)
PY
venv/bin/python keys.py
node write.mjs
venv/bin/python open.py 2> /dev/null > output
seen output <<'END'
an argument, 32 bytes: pyrage: opened
an argument, 32 bytes: age: opened
no argument, 32 bytes: pyrage: opened
no argument, 32 bytes: age: InvalidSignature
an argument, 48 bytes: pyrage: opened
an argument, 48 bytes: age: InvalidSignature
1 bytes of age: pyrage: 1
0 bytes of age: pyrage: age file is truncated
END
