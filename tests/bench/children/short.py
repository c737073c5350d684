"""Encodes and decodes 64-byte messages: how many is asked on a line, the seconds that it took are the answer."""

import sys
import time

import age_rt

PASSPHRASE = "a passphrase"
MESSAGE = bytes(range(64))

encoder = age_rt.AgeRTEncoder.from_passphrase(PASSPHRASE)
decoder = age_rt.AgeRTDecoder(PASSPHRASE)


def decode(wire):
    at = 0
    message = None
    while at < len(wire):
        wanted = decoder.bytes_wanted
        message = decoder.feed(wire[at : at + wanted])
        at += wanted
    return message


decode(encoder.get_header())
for line in sys.stdin:
    count = int(line)
    start = time.perf_counter()
    for _ in range(count):
        if decode(encoder.encode_chunk(MESSAGE)) != MESSAGE:
            raise ValueError("what was opened is not what was sealed")
    print(time.perf_counter() - start, flush=True)
