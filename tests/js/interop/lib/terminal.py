"""Runs a program at a terminal of its own and types an answer for each secret that it asks for. The seconds that it ran come out at the end."""

import os
import pty
import select
import sys
import termios
import time

LIMIT_SECONDS = 60


def main(answers, command):
    start = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    typed = False
    said = b""
    deadline = start + LIMIT_SECONDS
    while time.monotonic() < deadline:
        if not typed and asks_for_a_secret(terminal):
            # All at once: a program reads a line at a time, and between two questions there may be no time to see.
            os.write(terminal, "".join(f"{answer}\n" for answer in answers).encode())
            typed = True
        if not select.select([terminal], [], [], 0.005)[0]:
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:  # how Linux says that the program has closed its terminal
            part = b""
        if not part:
            break
        said += part
    else:
        os.kill(pid, 9)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    seconds = time.monotonic() - start
    sys.stdout.buffer.write(said + f"\n{seconds}".encode())
    sys.exit(0 if status == 0 else 1)


def asks_for_a_secret(terminal):
    return not termios.tcgetattr(terminal)[3] & termios.ECHO


split = sys.argv.index("--")
main(sys.argv[1:split], sys.argv[split + 1 :])
