"""An HTTP server that answers word by word, each a message of its own: `PASSPHRASE=… python server.py [port]`.

Needs `pip install age-rt`. What lies between sees how many words there are, how long, and when; not which.
"""

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import age_rt

ANSWER = "It is encrypted here , sent at once , and read there before the next word is made ."
PAUSE_S = 0.05


def words():
    for word in ANSWER.split():
        time.sleep(PAUSE_S)
        yield f"{word} ".encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        # Bytes, not text/event-stream: a proxy that changes text would break them.
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        encoder = age_rt.AgeRTEncoder.from_passphrase(os.environ["PASSPHRASE"])
        for piece in age_rt.iter_encode_chunks(words(), encoder):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("localhost", int(sys.argv[1]) if len(sys.argv) > 1 else 8083), Handler)
print(server.server_port, flush=True)
server.serve_forever()
