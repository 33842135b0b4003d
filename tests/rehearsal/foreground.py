"""Runs a command with the signals that a terminal's shell would leave it: a background job of a script ignores SIGINT."""

import os
import signal
import sys

for number in (signal.SIGINT, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
