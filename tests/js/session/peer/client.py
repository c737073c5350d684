"""A client: the reference implementation behind the package `websockets`. It says three messages and prints what it hears."""

import asyncio
import json
import sys

import age_rt
import websockets
from websockets.asyncio.client import connect


async def main(url, passphrase):
    async with connect(url, max_size=None, compression=None) as socket:
        buffer = bytearray()

        async def read(count):
            while len(buffer) < count:
                try:
                    buffer.extend(await socket.recv())
                except websockets.ConnectionClosed:
                    break
            data = bytes(buffer[:count])
            del buffer[:count]
            return data

        async def chunks():
            for message in (b"Hello", b"", b"World"):
                yield message

        encoder = await asyncio.to_thread(age_rt.AgeRTEncoder.from_passphrase, passphrase)
        async for piece in age_rt.aiter_encode_chunks(chunks(), encoder):
            await socket.send(piece)
        decoder = age_rt.AgeRTDecoder(passphrase)
        heard = [message.decode() async for message in age_rt.aiter_decode_callable(read, decoder)]
        # The last is the empty final chunk.
        print(json.dumps(heard[:-1]))


asyncio.run(main(*sys.argv[1:]))
