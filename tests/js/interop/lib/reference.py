"""The reference implementation's part in the interoperability tests: a JSON object a line in, one out, until the input ends."""

import base64
import importlib.metadata
import json
import sys

import age_rt

ENCODERS = {"age": age_rt.AgeEncoder, "age-rt": age_rt.AgeRTEncoder}
DECODERS = {"age": age_rt.AgeDecoder, "age-rt": age_rt.AgeRTDecoder}


def encode(request):
    encoder = ENCODERS[request["format"]].from_passphrase(request["passphrase"])
    messages = [base64.b64decode(message) for message in request["messages"]]
    last = len(messages) - 1
    # Not its iterator, which ends full chunks with an empty one: the age format forbids that.
    wire = [encoder.encode_chunk(message, is_final=index == last) for index, message in enumerate(messages)]
    return {"wire": text(encoder.get_header() + b"".join(wire))}


def decode(request):
    decoder = DECODERS[request["format"]](request["passphrase"])
    chunks = age_rt.iter_decode_chunks([base64.b64decode(request["wire"])], decoder)
    return {"chunks": [text(chunk) for chunk in chunks]}


def text(data):
    return base64.b64encode(data).decode()


def answer(request):
    try:
        return {"encode": encode, "decode": decode}[request["task"]](request)
    except Exception as error:  # whatever it is, the test that asked must show it
        return {"error": repr(error)}


def say(message):
    print(json.dumps(message), flush=True)


say({"version": importlib.metadata.version("age-rt")})
for line in sys.stdin:
    say(answer(json.loads(line)))
