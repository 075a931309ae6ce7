"""A server in a process of its own, as any program can start one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from trunkline.ready import Ready, read

SECONDS = 30.0
SERVE = ("serve", "--port", "0", "--data", ":memory:", "--log-level", "warning", "--ready", "json")
COMMAND = (sys.executable, "-m", "trunkline", *SERVE)


@contextmanager
def started() -> Iterator[Ready]:
    """A server with everything in memory, which ends with the block, or with this process.

    The settings of the environment are not its own. Raises `OSError` when it does not start.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")}
    pipe = subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, env=environment) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise OSError("The server did not start; what it says about that is on standard error.")
            yield read(line)
        finally:
            process.terminate()
            _wait(process)


def _wait(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
