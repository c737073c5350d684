"""Sessions as SESSION.md has them, over the reference implementation of age-rt: passphrases only."""
import asyncio
import hashlib
import hmac
import io
import os

from age_rt import AgeRTDecoder, AgeRTEncoder

VERSION = b"age-rt-session/1"
HELLO, CONFIRM, DATA, PING, PONG, NEXT, SWITCH, END = range(1, 9)
MAX_DATA_LEN, MAX_HEADER_LEN = 65_531, 65_536


class SessionError(Exception):
    pass  # its text is the error's code


def need(condition, code="session-protocol"):
    if not condition:
        raise SessionError(code)


def prefixed(data):
    return len(data).to_bytes(4, "big") + data


async def within(seconds, work):
    done, _ = await asyncio.wait([asyncio.ensure_future(work)], timeout=seconds)
    need(done, "peer-silent")
    return done.pop().result()


class Session:
    def __init__(self, send, receive, passphrase, role, peer_role):
        # send(data) and receive(), which gives b"" at the end, are coroutine functions of the transport
        self.transport, self.arrival, self.passphrase = send, receive, passphrase
        self.role, self.peer_role = role.encode(), peer_role.encode()
        self.buffer, self.start, self.next, self.pong = b"", b"", None, None

    async def open(self):
        (self.decoder, self.theirs), _ = await asyncio.gather(self.begin(self.read), self.say_hello())
        hello = await self.hear(HELLO)
        field = io.BytesIO(hello[1:])
        version, role, expected = (field.read((field.read(1) or b"\0")[0]) for _ in range(3))
        need(version == VERSION and len(random := field.read()) == 32)
        need(role != self.role and random != self.hello[-32:], "reflected")
        need([role, expected] == [self.peer_role, self.role])
        sides = sorted([(self.role, self.start, self.hello), (self.peer_role, self.theirs, hello)])
        parts = [part for role, start, hello in sides for part in (role, start[:-16], start[-16:], hello)]
        mine, theirs = (hashlib.sha256(b"".join(map(prefixed, [VERSION, sender, *parts]))).digest() for sender in (self.role, self.peer_role))
        await self.say(bytes([CONFIRM]) + mine)
        need(len(confirm := await self.hear(CONFIRM)) == 33)
        need(hmac.compare_digest(confirm[1:], theirs), "replayed")

    async def say_hello(self):
        self.encoder = await asyncio.to_thread(AgeRTEncoder.from_passphrase, self.passphrase)
        names = b"".join(bytes([len(name)]) + name for name in (VERSION, self.role, self.peer_role))
        self.start, self.hello = self.encoder.get_header(), bytes([HELLO]) + names + os.urandom(32)
        await self.transport(self.start + self.encoder.encode_chunk(self.hello))

    async def begin(self, read):
        header = b""
        while not (header.endswith(b"\n") and b"\n--- " in header):
            header += (byte := await read(1))
            need(byte and len(header) <= MAX_HEADER_LEN)
        need(header != self.start[:-16], "reflected")
        decoder, nonce = AgeRTDecoder(self.passphrase), await read(16)
        await asyncio.to_thread(lambda: [decoder.feed(bytes([byte])) for byte in header] + [decoder.feed(nonce)])
        return decoder, header + nonce

    async def read(self, count):
        while len(self.buffer) < count:
            need(data := await self.arrival(), "truncated")
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    async def hear(self, kind=None):
        while (message := self.decoder.feed(await self.read(self.decoder.bytes_wanted))) is None: pass
        need(message and (kind is None or message[0] == kind))
        need(self.decoder.is_done() == (message[0] in (SWITCH, END)))
        return message

    async def messages(self):
        while (message := await self.hear()) != bytes([END]):
            kind, rest, size = message[0], message[1:], 4 + int.from_bytes(message[1:5], "big")
            if kind == DATA and 4 <= size <= len(rest) and not any(rest[size:]):
                yield rest[4:size]
            elif kind == PING and len(rest) == 8:
                await self.say(bytes([PONG]) + rest)
            elif kind == PONG and self.pong and rest == self.pong[0]:
                self.pong = self.pong[1].set()
            elif kind == NEXT and not self.next:
                self.next = asyncio.create_task(self.begin_next(io.BytesIO(rest)))
            else:
                need(kind == SWITCH and not rest and self.next)
                self.decoder, self.next = await self.next, None

    async def begin_next(self, start):
        decoder, whole = await self.begin(lambda count: asyncio.sleep(0, start.read(count)))
        need(whole == start.getvalue() != self.theirs)
        self.theirs = whole; return decoder

    async def say(self, message, final=False):
        await self.transport(self.encoder.encode_chunk(message, is_final=final))

    async def write(self, data):
        need(len(data) <= MAX_DATA_LEN)
        await self.say(bytes([DATA]) + prefixed(data))

    async def ping(self, timeout):
        self.pong = os.urandom(8), asyncio.Event()
        await asyncio.gather(self.say(bytes([PING]) + self.pong[0]), within(timeout, self.pong[1].wait()))

    async def renew(self):
        encoder = await asyncio.to_thread(AgeRTEncoder.from_passphrase, self.passphrase)
        await self.say(bytes([NEXT]) + encoder.get_header())
        await self.say(bytes([SWITCH]), final=True)
        self.encoder = encoder
