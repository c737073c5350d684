"""The messages of ../lib/messages.js."""

import array
import sys

MAX_MESSAGE_LEN = 65_536
POOL_LEN = 1 << 20


def numbers(seed):
    word = seed or 1
    while True:
        word ^= (word << 13) & 0xFFFFFFFF
        word ^= word >> 17
        word ^= (word << 5) & 0xFFFFFFFF
        yield word


def messages(seed, count):
    random = numbers(seed)
    words = array.array("I", (next(random) for _ in range(POOL_LEN // 4)))
    if sys.byteorder == "big":
        words.byteswap()
    pool = words.tobytes()
    for index in range(count):
        length = index * MAX_MESSAGE_LEN if index < 2 else next(random) % ((2 << (next(random) % 16)) + 1)
        start = next(random) % (POOL_LEN - MAX_MESSAGE_LEN)
        yield pool[start : start + length]
