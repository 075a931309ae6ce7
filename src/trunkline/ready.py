"""The line with which a server tells a program that started it where it is and what opens it; and when to stop."""

import os
import signal
import stat
import sys
import threading
from typing import Literal, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from trunkline import __version__
from trunkline.clock import Clock
from trunkline.settings import Settings
from trunkline.store.sqlite.lock import Served

Form = Literal["text", "json"]
FORMS: tuple[Form, ...] = get_args(Form)
"""How a server says that it is ready: to people, or to programs."""

PIECE = 4096


class Ready(Struct, frozen=True):
    """Where a server is, its default portal, a token with every scope in it, and the secret of the control namespace.

    `authority` is the file with the certificate that it is known by, if it serves https.
    """

    url: str
    token: str
    portal: int
    secret: str
    pid: int
    version: str = __version__
    authority: str | None = None


def told(url: str, settings: Settings, authority: str = "") -> str:
    """The line of a server that answers at a URL, in JSON; the server is asked for its default portal."""
    # A client is slow to import, and most servers are started by people.
    from trunkline.access import Remote
    from trunkline.server import reachable

    served = Served(os.getpid(), reachable(url), settings.secret or "", authority)
    portal = Remote(served).ask("GET", "/portals")["results"][0]["id"]
    ready = Ready(served.url, settings.token or "", portal, served.secret, served.pid, authority=authority or None)
    return msgspec.json.encode(ready).decode()


def read(line: str | bytes) -> Ready:
    """What such a line says; raises `ValueError` for anything else."""
    return msgspec.json.decode(line, type=Ready)


def opened(settings: Settings) -> Settings:
    """The same with a token and a secret, new ones where none was set: a program is told both."""
    token = settings.token or f"pat-local-{Clock().secret()}"
    return replace(settings, token=token, secret=settings.secret or Clock().secret())


def stop_with_input() -> None:
    """Has the server stop when its standard input ends, if that is a pipe or a socket.

    Then a program that ends, however it does, leaves no server behind. A terminal, a file or nothing is not heeded.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        threading.Thread(target=_stop_at_the_end, args=(sys.stdin.fileno(),), daemon=True).start()


def _stop_at_the_end(descriptor: int) -> None:
    while os.read(descriptor, PIECE):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
