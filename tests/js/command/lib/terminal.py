"""Runs a program at a terminal of its own, and does what a person does: waits for what it says, and types.

Takes a JSON object: command, cwd, env, and steps of {"wait": pattern, "type": text, "run": command line}. What a step runs happens
while the program stands still. Prints what was said, how it ended, and whether the terminal echoes afterwards.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT_SECONDS = 120

task = json.loads(sys.argv[1])
# The terminal stays open here, so that its state can be seen when the program has gone.
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for descriptor in (0, 1, 2):
        os.dup2(slave, descriptor)
    os.close(master)
    os.chdir(task["cwd"])
    os.execvpe(task["command"][0], task["command"], {**os.environ, **task["env"]})

said = b""
seen = 0
steps = list(task["steps"])
echoed_at = []
deadline = time.monotonic() + LIMIT_SECONDS
status = None
while time.monotonic() < deadline:
    if select.select([master], [], [], 0.01)[0]:
        said += os.read(master, 65536)
    elif status is not None:
        break
    else:
        done, code = os.waitpid(pid, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(code)
    if steps:
        found = re.search(steps[0]["wait"].encode(), said[seen:])
        if found:
            seen += found.end()
            echoed_at.append(bool(termios.tcgetattr(slave)[3] & termios.ECHO))
            step = steps.pop(0)
            if step["run"]:
                os.kill(pid, signal.SIGSTOP)
                subprocess.run(step["run"], shell=True, check=True, cwd=task["cwd"])
                os.kill(pid, signal.SIGCONT)
            os.write(master, step["type"].encode())
else:
    os.kill(pid, 9)
echo = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
print(
    json.dumps(
        {
            "said": said.decode(errors="replace"),
            "status": status,
            "echo": echo,
            "echoedAt": echoed_at,
            "left": steps,
        }
    )
)
