#!/bin/sh
# Versions: tornado 6.6.1, beside aiohttp 3.14.5.
# Behaviour: a range that covers the whole file, as "the first 64 KiB" does of a small one, is answered by
# tornado's StaticFileHandler with 200 and without a Content-Range: a reader that takes 200 for "knows no
# ranges" works with large files and fails with small ones. aiohttp, like most servers, says 206.
# Source: https://github.com/tornadoweb/tornado/pull/794
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
python_packages tornado==6.6.1 aiohttp==3.14.5

mkdir files
head -c 1000 /dev/zero > files/small
head -c 100000 /dev/zero > files/large
cat > ask.py <<'PY'
import asyncio
import aiohttp
import tornado.httpserver
import tornado.netutil
import tornado.web
from aiohttp import web


async def main():
    (socket,) = tornado.netutil.bind_sockets(0, "127.0.0.1")
    application = tornado.web.Application(
        [("/(.*)", tornado.web.StaticFileHandler, {"path": "files"})], log_function=lambda _: None
    )
    server = tornado.httpserver.HTTPServer(application)
    server.add_sockets([socket])
    app = web.Application()
    app.router.add_static("/", "files")
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ports = {"tornado": socket.getsockname()[1], "aiohttp": runner.addresses[0][1]}
    async with aiohttp.ClientSession() as session:
        for name, port in ports.items():
            for file in ("large", "small"):
                url = f"http://127.0.0.1:{port}/{file}"
                async with session.get(url, headers={"Range": "bytes=0-65535"}) as answer:
                    length = len(await answer.read())
                    print(f"{name}: {file}: {answer.status}", answer.headers.get("Content-Range"), length)
    server.stop()
    await runner.cleanup()


asyncio.run(main())
PY
venv/bin/python ask.py > output
seen output <<'END'
tornado: large: 206 bytes 0-65535/100000 65536
tornado: small: 200 None 1000
aiohttp: large: 206 bytes 0-65535/100000 65536
aiohttp: small: 206 bytes 0-999/1000 1000
END
