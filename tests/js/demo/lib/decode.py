"""Decrypts a file with the reference implementation: decode.py FORMAT PASSPHRASE ENCRYPTED DECRYPTED."""

import sys

import age_rt

form, passphrase, encrypted, decrypted = sys.argv[1:]
decoder = {"age": age_rt.AgeDecoder, "age-rt": age_rt.AgeRTDecoder}[form](passphrase)
with open(encrypted, "rb") as source, open(decrypted, "wb") as target:
    for chunk in age_rt.decode_file(source, decoder):
        target.write(chunk)
    if source.read(1):
        sys.exit("there are bytes after the final chunk")
