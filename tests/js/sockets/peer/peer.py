"""A peer of the tests: the reference implementation of age-rt behind a `websockets` server.

The query of a socket's URL says what to do: ?passphrase=…&seed=…&send=…&receive=…. It prints the port that it listens on.
"""

import asyncio
import urllib.parse

import age_rt
import websockets
from messages import messages
from websockets.asyncio.server import serve


class Bytes:
    """What arrives at a socket, as the bytes that it is a part of: a message of the socket is no chunk."""

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


async def send(socket, passphrase, seed, count):
    async def chunks():
        for message in messages(seed, count):
            yield message

    encoder = await asyncio.to_thread(age_rt.AgeRTEncoder.from_passphrase, passphrase)
    async for piece in age_rt.aiter_encode_chunks(chunks(), encoder):
        await socket.send(piece)


async def receive(socket, passphrase, seed, count):
    expected = messages(seed, count)
    received = 0
    # Nothing is read past the final chunk: the socket stays open for the other direction.
    async for message in age_rt.aiter_decode_callable(Bytes(socket).read, age_rt.AgeRTDecoder(passphrase)):
        # The empty final chunk, which the reference gives out as a message, is the one too many.
        if received == count and message == b"":
            continue
        if message != next(expected, None):
            raise ValueError(f"message {received} is another")
        received += 1
    if received != count:
        raise ValueError(f"{received} messages instead of {count}")
    return received


async def answer(socket):
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(socket.request.path).query))
    passphrase, seed = query["passphrase"], int(query["seed"])
    try:
        received, _ = await asyncio.gather(
            receive(socket, passphrase, seed, int(query["receive"])),
            send(socket, passphrase, seed + 1, int(query["send"])),
        )
        await socket.close(1000, str(received))
    except Exception as error:  # whatever it is, the test that asked must show it
        await socket.close(1011, repr(error)[:100])


async def main():
    async with serve(answer, "127.0.0.1", 0, max_size=None, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
