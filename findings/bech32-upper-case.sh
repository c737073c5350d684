#!/bin/sh
# Versions: age 1.1.1 (Debian), pyrage 1.4.0, age-encryption (typage) 0.3.1.
# Behaviour: bech32 (BIP 173) allows a string in upper case as well as in lower case. pyrage takes a
# recipient in upper case and an identity in lower case, and uses them. age and typage tell the type of a
# key by its prefix in one case only, and say that they do not know it.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
age_program 1.1.1
python_packages pyrage==1.4.0
npm_packages age-encryption@0.3.1

age-keygen -o key.txt 2> /dev/null
upper=$(age-keygen -y key.txt | tr a-z A-Z)
lower=$(grep AGE-SECRET-KEY key.txt | tr A-Z a-z)
export upper lower

cat > try.mjs <<'JS'
import { Decrypter, Encrypter } from "age-encryption";
const { upper, lower } = process.env;
for (const [what, run] of [
  ["recipient", () => new Encrypter().addRecipient(upper)],
  ["identity", () => new Decrypter().addIdentity(lower)],
]) {
  try {
    run();
    console.log(`typage: ${what} taken`);
  } catch (error) {
    console.log(`typage: ${what}: ${error.message}`);
  }
}
JS
cat > try.py <<'PY'
import os, pyrage
recipient = pyrage.x25519.Recipient.from_str(os.environ["upper"])
identity = pyrage.x25519.Identity.from_str(os.environ["lower"])
print("pyrage:", pyrage.decrypt(pyrage.encrypt(b"opened", [recipient]), [identity]).decode())
PY
{
  printf x | age -r "$upper" 2>&1 > /dev/null | grep -o 'unknown recipient type' | sed 's/^/age: recipient: /'
  echo "$lower" > lower.txt
  age -d -i lower.txt key.txt 2>&1 | grep -o 'unknown identity type' | sed 's/^/age: identity: /'
  node try.mjs
  venv/bin/python try.py
} > output
seen output <<'END'
age: recipient: unknown recipient type
age: identity: unknown identity type
typage: recipient: unrecognized recipient type
typage: identity: unrecognized identity type
pyrage: opened
END
