"""Servers that say how long each message was: websockets and aiohttp, as they come and with a limit that was raised. Prints their ports."""

import asyncio

from aiohttp import WSMsgType, web
from websockets.asyncio.server import serve

RAISED = 16 * 2**20


async def websockets_server(socket):
    async for message in socket:
        await socket.send(len(message).to_bytes(4, "big"))


def aiohttp_server(**options):
    async def answer(request):
        socket = web.WebSocketResponse(**options)
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.BINARY:
                break
            await socket.send_bytes(len(message.data).to_bytes(4, "big"))
        return socket

    return answer


async def main():
    app = web.Application()
    app.router.add_get("/", aiohttp_server())
    app.router.add_get("/raised", aiohttp_server(max_msg_size=RAISED))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with (
        serve(websockets_server, "127.0.0.1", 0) as first,
        serve(websockets_server, "127.0.0.1", 0, max_size=RAISED) as second,
    ):
        ports = [server.sockets[0].getsockname()[1] for server in (first, second)]
        print(*ports, runner.addresses[0][1], flush=True)
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
