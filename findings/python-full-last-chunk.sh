#!/bin/sh
# Versions: age-rt 0.2.2 (Python), pyrage 1.4.0, age-encryption (typage) 0.3.1.
# Behaviour: iter_encode_chunks() of age-rt learns only after a chunk of 65,536 bytes that it was the last
# one, and then writes an empty final chunk. The age format allows that for an empty file only, so a file
# whose length is a multiple of 65,536 opens with age-rt itself and with no other implementation.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
python_packages age-rt==0.2.2 pyrage==1.4.0
npm_packages age-encryption@0.3.1

cat > write.py <<'PY'
import age_rt
for length in (65535, 65536):
    encoder = age_rt.AgeEncoder.from_passphrase("passphrase")
    with open(f"{length}.age", "wb") as file:
        for part in age_rt.iter_encode_chunks([bytes(length)], encoder):
            file.write(part)
PY
cat > open.py <<'PY'
import age_rt, pyrage
for length in (65535, 65536):
    data = open(f"{length}.age", "rb").read()
    chunks = age_rt.iter_decode_chunks([data], age_rt.AgeDecoder("passphrase"))
    print(length, "age-rt:", sum(map(len, chunks)))
    try:
        print(length, "pyrage:", len(pyrage.passphrase.decrypt(data, "passphrase")))
    except pyrage.DecryptError as error:
        print(length, "pyrage:", str(error).split(".")[0])
PY
cat > open.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Decrypter } from "age-encryption";
for (const length of [65535, 65536]) {
  const decrypter = new Decrypter();
  decrypter.addPassphrase("passphrase");
  const opened = decrypter.decrypt(readFileSync(`${length}.age`));
  console.log(length, "typage:", await opened.then((bytes) => bytes.length, (error) => error.message));
}
JS
venv/bin/python write.py
{ venv/bin/python open.py; node open.mjs; } > output
seen output <<'END'
65535 age-rt: 65535
65535 pyrage: 65535
65536 age-rt: 65536
65536 pyrage: Last STREAM chunk is empty
65535 typage: 65535
65536 typage: final chunk is empty
END
