"""A live log over a WebSocket, line by line: `PASSPHRASE=… python server.py [port]`.

Needs `pip install age-rt websockets`. What lies between sees how many lines there are, how long, and when; not which.
"""

import asyncio
import os
import sys

import age_rt
from websockets.asyncio.server import serve

LINES = [f"line {i}" for i in range(1, 21)]
PAUSE_S = 0.02


async def lines():
    for line in LINES:
        yield line.encode()
        await asyncio.sleep(PAUSE_S)


async def send_log(socket):
    # On a thread: the derivation takes half a second, in which other sockets must be served.
    encoder = await asyncio.to_thread(age_rt.AgeRTEncoder.from_passphrase, os.environ["PASSPHRASE"])
    async for part in age_rt.aiter_encode_chunks(lines(), encoder):
        await socket.send(part)
        if socket.request.path == "/broken":
            # As a server that is restarted: its readers must not take what they have for all.
            await socket.close(1012)
            return


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8085
    async with serve(send_log, "localhost", port) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
