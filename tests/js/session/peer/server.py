"""A WebSocket server whose sockets are sessions: ?role=…&peer=…&send=…&seconds=…. It says each message again, then sends as many of its own."""

import asyncio
import sys
import urllib.parse

import age_rt
import websockets
from session import END, Session, SessionError, within
from websockets.asyncio.server import serve

CODES = {
    age_rt.ChunkAuthenticationError: "chunk-authentication",
    age_rt.HeaderParseError: "header",
}


async def answer(socket):
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(socket.request.path).query))

    async def receive():
        try:
            return await socket.recv()
        except websockets.ConnectionClosed:
            return b""

    session = Session(socket.send, receive, sys.argv[1], query.get("role", "server"), query.get("peer", "client"))
    try:
        await within(float(query.get("seconds", 60)), session.open())
        every = int(query.get("renew", 0))
        count = 0
        pinging = asyncio.create_task(session.ping(20)) if "ping" in query else None
        async for message in session.messages():
            await session.write(message)
            count += 1
            if every and count % every == 0:
                await session.renew()
        if pinging:
            await pinging
        for index in range(int(query.get("send", 0))):
            await session.write(str(index).encode())
        await session.say(bytes([END]), final=True)
        await socket.wait_closed()
    except Exception as error:  # whatever it is, the test must see it
        code = str(error) if isinstance(error, SessionError) else CODES.get(type(error), repr(error))
        await socket.close(1008, code[:100])


async def main():
    async with serve(answer, "127.0.0.1", 0, max_size=None, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
