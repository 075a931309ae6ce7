"""One of several processes that serve one port, started by `trunkline.workers`, which tells it what to do on its input.

It answers with one line on its output, which says that it is ready or why it cannot be, and ends when its input does:
then nobody is left who would stop it.
"""

import os
import signal
import socket
import sys
import threading

import msgspec
from msgspec import Struct

from trunkline import logs
from trunkline.http.memory import place
from trunkline.server import run
from trunkline.settings import Settings
from trunkline.store.protocol import StoreRefused

READY = "ready"

REFUSED = 2
"""The status with which a worker ends that said why."""


class Duty(Struct, frozen=True):
    """What a worker does.

    `listener` and `memory` are the numbers of files that it inherits: the socket, which is of a `family`, and the
    memory of those who share it, in which it has a `place`. `certificate` is that of the server, with its
    key (PEM), if it serves https.
    """

    settings: Settings
    secret: str
    listener: int
    family: int
    memory: int
    place: int = 0
    certificate: str = ""


def main() -> None:
    """Serves until it is told to stop."""
    duty = msgspec.json.decode(sys.stdin.buffer.readline(), type=Duty)
    threading.Thread(target=_end_with_input, daemon=True).start()
    logs.configure(duty.settings.log_level, duty.settings.log_format)
    listener = socket.socket(duty.family, socket.SOCK_STREAM, socket.IPPROTO_TCP, duty.listener)
    mine = place(duty.memory, duty.settings.workers, duty.place)
    try:
        with listener:
            run(duty.settings, listener, duty.secret, lambda: _say(READY), mine, duty.certificate)
    except StoreRefused as cause:
        _say(str(cause))
        sys.exit(REFUSED)


def _say(what: str) -> None:
    print(" ".join(what.split()), flush=True)  # noqa: T201


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
