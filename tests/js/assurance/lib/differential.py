"""The reference's part in the differential test: a JSON object a line in, one out, until the input ends.

All its files have one salt, and a key that was derived before is remembered: a derivation takes as long as a thousand streams. All else
is the reference as it is.
"""

import base64
import functools
import json
import sys

import age_rt

SALT = bytes.fromhex(sys.argv[1])
derive = functools.lru_cache(maxsize=None)(age_rt._derive_file_key_from_passphrase)
age_rt._derive_file_key_from_passphrase = derive
encode_header = age_rt._encode_age_scrypt_header
age_rt._encode_age_scrypt_header = lambda passphrase, file_key, _, identifier: encode_header(passphrase, file_key, SALT, identifier)

ENCODERS = {"age": age_rt.AgeEncoder, "age-rt": age_rt.AgeRTEncoder}
DECODERS = {"age": age_rt.AgeDecoder, "age-rt": age_rt.AgeRTDecoder}


def encode(request):
    encoder = ENCODERS[request["format"]].from_passphrase(request["passphrase"], request["size"])
    messages = [base64.b64decode(message) for message in request["messages"]]
    wire = encoder.get_header()
    for index, message in enumerate(messages):
        wire += encoder.encode_chunk(message, is_final=index == len(messages) - 1)
    return {"wire": text(wire)}


def decode(request):
    decoder = DECODERS[request["format"]](request["passphrase"], request["size"])
    pieces = [base64.b64decode(piece) for piece in request["pieces"]]
    chunks = []
    try:
        for chunk in age_rt.iter_decode_chunks(pieces, decoder):
            chunks.append(text(chunk))
    except Exception as error:  # its class is the answer
        return {"chunks": chunks, "error": type(error).__name__}
    return {"chunks": chunks, "error": None}


def text(data):
    return base64.b64encode(data).decode()


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"encode": encode, "decode": decode}[request["task"]](request)), flush=True)
