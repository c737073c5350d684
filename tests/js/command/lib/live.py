"""The Python reference at one end of a live stream. Arguments: read or write, the passphrase, and "-" for pipes or a port of this host.

Reads lines and writes each as a message; or reads messages and writes each at once.
"""

import os
import socket
import sys

import age_rt

task, passphrase, place = sys.argv[1:]
if place == "-":
    read, write = (lambda n: os.read(0, n)), (lambda data: os.write(1, data))
else:
    connection = socket.create_connection(("127.0.0.1", int(place)))
    read, write = connection.recv, connection.sendall


def exactly(count):
    """The reference asks for as many bytes as it needs, and a pipe gives fewer."""
    data = b""
    while len(data) < count:
        part = read(count - len(data))
        if not part:
            break
        data += part
    return data


if task == "write":
    encoder = age_rt.AgeRTEncoder.from_passphrase(passphrase)
    write(encoder.get_header())
    for line in sys.stdin.buffer:
        write(encoder.encode_chunk(line, is_final=False))
    write(encoder.encode_chunk(b"", is_final=True))
else:
    for message in age_rt.iter_decode_callable(exactly, age_rt.AgeRTDecoder(passphrase)):
        os.write(1, message)
