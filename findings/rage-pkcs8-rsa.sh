#!/bin/sh
# Version: age 1.1.1, pyrage 1.4.0 (the age crate of rage).
# Behaviour: an RSA key that `ssh-keygen -m PKCS8` wrote is an identity for age and an "invalid SSH
# identity" for pyrage. In PKCS #1 (`-m PEM`) and in OpenSSH's own form the same kind of key opens
# files with both. The public keys look alike, so that nobody sees it before the file is there.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
python_packages pyrage==1.4.0
age_program 1.1.1

cat > open.py <<'PY'
import sys
import pyrage

try:
    identity = pyrage.ssh.Identity.from_buffer(open(sys.argv[1], "rb").read())
    print("pyrage:", pyrage.decrypt(open("file.age", "rb").read(), [identity]).decode())
except pyrage.IdentityError as error:
    print("pyrage:", error)
PY
for form in PKCS8 PEM RFC4716; do
  ssh-keygen -q -m "$form" -t rsa -b 2048 -N "" -C "" -f "key-$form"
  printf opened | age -R "key-$form.pub" -o file.age
  echo "$form: $(head -n 1 "key-$form" | tr -d -)"
  echo "age: $(age -d -i "key-$form" file.age)"
  venv/bin/python open.py "key-$form"
done > output
seen output <<'END'
PKCS8: BEGIN PRIVATE KEY
age: opened
pyrage: invalid SSH identity
PEM: BEGIN RSA PRIVATE KEY
age: opened
pyrage: opened
RFC4716: BEGIN OPENSSH PRIVATE KEY
age: opened
pyrage: opened
END
