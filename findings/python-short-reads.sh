#!/bin/sh
# Version: age-rt 0.2.2 (Python).
# Behaviour: iter_decode_callable() asks its function for n bytes and takes a shorter answer for a damaged
# stream. Files answer in full; sockets and pipes give what has arrived, so the same intact stream fails
# as soon as the network cuts it elsewhere than between chunks.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
python_packages age-rt==0.2.2

cat > read.py <<'PY'
import io
import age_rt

encoder = age_rt.AgeRTEncoder.from_passphrase("passphrase")
stream = b"".join(age_rt.iter_encode_chunks([bytes(5000), b"end"], encoder))


def decoded(most):
    """Decodes the stream from reads that give at most so many bytes, as a socket may."""
    file = io.BytesIO(stream)
    chunks = age_rt.iter_decode_callable(
        lambda n: file.read(min(n, most)), age_rt.AgeRTDecoder("passphrase")
    )
    return [len(chunk) for chunk in chunks]


for most in (10_000, 1_460):
    try:
        print(most, decoded(most))
    except age_rt.DecodeError as error:
        print(most, type(error).__name__, error)
PY
venv/bin/python read.py > output
seen output <<'END'
10000 [5000, 3, 0]
1460 InsufficientDataError Expected 5016 bytes, got 1460
END
