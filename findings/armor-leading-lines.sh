#!/bin/sh
# Versions: age 1.1.1 (Debian), pyrage 1.4.0, age-encryption (typage) 0.3.1.
# Behaviour: the specification of the armor lets white space stand before and after an armored file. All
# three tools ignore it after the END line. Before the BEGIN line typage ignores it too, while age and
# pyrage no longer see that the file is armored: they say that its header is not age's.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
age_program 1.1.1
python_packages pyrage==1.4.0
npm_packages age-encryption@0.3.1

age-keygen -o key.txt 2> /dev/null
printf hello | age --armor -r "$(age-keygen -y key.txt)" > plain.txt
{ cat plain.txt; printf '\n \n'; } > after.txt
{ printf '\n \n'; cat plain.txt; } > before.txt

cat > open.mjs <<'JS'
import { readFileSync } from "node:fs";
import { armor, Decrypter } from "age-encryption";
const decrypter = new Decrypter();
decrypter.addIdentity(/AGE-SECRET-KEY-\S+/.exec(readFileSync("key.txt", "utf8"))[0]);
const file = armor.decode(readFileSync(process.argv[2], "utf8"));
console.log(await decrypter.decrypt(file, "text"));
JS
cat > open.py <<'PY'
import re, sys, pyrage
key = pyrage.x25519.Identity.from_str(re.search(r"AGE-SECRET-KEY-\S+", open("key.txt").read()).group())
print(pyrage.decrypt(open(sys.argv[1], "rb").read(), [key]).decode())
PY
for name in plain after before; do
  if age -d -i key.txt $name.txt > out 2> error; then echo "$name: age: $(cat out)"
  else echo "$name: age: $(grep -o 'unexpected intro' error | head -n 1)"; fi
  if venv/bin/python open.py $name.txt > out 2> error; then echo "$name: pyrage: $(cat out)"
  else echo "$name: pyrage: $(grep -o 'Header is invalid' error | head -n 1)"; fi
  echo "$name: typage: $(node open.mjs $name.txt)"
done > output
seen output <<'END'
plain: age: hello
plain: pyrage: hello
plain: typage: hello
after: age: hello
after: pyrage: hello
after: typage: hello
before: age: unexpected intro
before: pyrage: Header is invalid
before: typage: hello
END
