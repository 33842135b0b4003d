"""Runs a command on a terminal of its own and presses Ctrl-C once a file is there: ctrl_c.py FILE COMMAND..."""

import os
import pty
import sys
import threading
import time


def press(terminal: int, file: str) -> None:
    while not os.path.exists(file):
        time.sleep(0.1)
    os.write(terminal, b"\x03")


child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
threading.Thread(target=press, args=(terminal, sys.argv[1]), daemon=True).start()
try:
    while data := os.read(terminal, 4096):
        os.write(1, data)
except OSError:
    pass  # the terminal ends with its last user
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
