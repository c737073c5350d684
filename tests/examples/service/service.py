"""A service behind a WebSocket that answers every message in capitals: `PASSPHRASE=… python service.py [port]`.

Needs `pip install age-rt websockets`.
"""

import asyncio
import os
import sys

import age_rt
import websockets
from websockets.asyncio.server import serve


class Bytes:
    """What arrives at a socket, as one row of bytes: a proxy may cut and join messages, so that none need be a chunk."""

    def __init__(self, socket):
        self.socket = socket
        self.buffer = bytearray()

    async def read(self, count):
        while len(self.buffer) < count:
            try:
                self.buffer += await self.socket.recv()
            except websockets.ConnectionClosed:
                break
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data


async def answers(socket, passphrase):
    # aiter_decode_callable reads nothing past the final chunk, after which the page still listens. The empty message is that chunk.
    async for message in age_rt.aiter_decode_callable(Bytes(socket).read, age_rt.AgeRTDecoder(passphrase)):
        if message:
            yield message.decode().upper().encode()


async def talk(socket):
    passphrase = os.environ["PASSPHRASE"]
    encoder = await asyncio.to_thread(age_rt.AgeRTEncoder.from_passphrase, passphrase)
    async for piece in age_rt.aiter_encode_chunks(answers(socket, passphrase), encoder):
        await socket.send(piece)


async def main():
    async with serve(talk, "localhost", int(sys.argv[1]) if len(sys.argv) > 1 else 8082) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
