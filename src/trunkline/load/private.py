"""Files that only their owner may read, as they may be full of people."""

import os
from contextlib import suppress


def private(name: str, flags: int) -> int:
    """Opens a file, which is made if it is not there. What `open` takes as its `opener`."""
    return os.open(name, flags, 0o600)


def own(name: str, flags: int) -> int:
    """The same for a file that is made anew: none that somebody else may have put there, nor what a link leads to."""
    with suppress(FileNotFoundError):
        os.unlink(name)
    return os.open(name, flags | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
