#!/bin/sh
# Versions: aiohttp 3.14.5, websockets 15.0.1.
# Behaviour: aiohttp's max_msg_size is the first size that is refused: a message of exactly that many bytes
# closes the connection with 1009. websockets' max_size is the last size that is received.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
python_packages aiohttp==3.14.5 websockets==15.0.1

cat > serve.py <<'PY'
import asyncio
import websockets
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

LIMIT = 2**20


async def aiohttp_server(request):
    socket = web.WebSocketResponse(max_msg_size=LIMIT)
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(str(len(message.data)))
    return socket


async def websockets_server(socket):
    async for message in socket:
        await socket.send(str(len(message)))


async def answer(port, size):
    try:
        # Uncompressed, so that the size on the wire is the size of the message.
        async with connect(f"ws://127.0.0.1:{port}/", compression=None) as socket:
            await socket.send(bytes(size))
            return await socket.recv()
    except websockets.ConnectionClosed as closed:
        return closed.rcvd.code


async def main():
    app = web.Application()
    app.router.add_get("/", aiohttp_server)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    aiohttp_port = runner.addresses[0][1]
    async with serve(websockets_server, "127.0.0.1", 0, max_size=LIMIT) as server:
        port = server.sockets[0].getsockname()[1]
        for size in (LIMIT - 1, LIMIT, LIMIT + 1):
            print(f"{size - LIMIT:+d}: aiohttp {await answer(aiohttp_port, size)},", end=" ")
            print(f"websockets {await answer(port, size)}")
    await runner.cleanup()


asyncio.run(main())
PY
venv/bin/python serve.py 2> /dev/null > output
seen output <<'END'
-1: aiohttp 1048575, websockets 1048575
+0: aiohttp 1009, websockets 1048576
+1: aiohttp 1009, websockets 1009
END
