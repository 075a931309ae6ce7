"""One server to a file: whoever holds the lock serves it, and says in it where the others find the server."""

import fcntl
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from trunkline.store.protocol import StoreRefused


class Served(Struct, frozen=True):
    """Where the server of a file is reached, and the secret of its control namespace.

    `authority` is the file of the certificate by which it is known, if it serves https.
    """

    pid: int
    url: str
    secret: str
    authority: str = ""


class ServerLock:
    """The lock of one store's file, beside it as `calls.db.lock`, readable by its owner only."""

    def __init__(self, path: str) -> None:
        self._path = Path(f"{path}.lock")
        self._file: int | None = None

    def acquire(self) -> None:
        """Takes the lock; raises `StoreRefused` that names the server that has it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise StoreRefused(f"{self._path.with_suffix('')} is {_in_use(self.served())}.") from None
        self._file = file

    def announce(self, served: Served) -> None:
        """Writes into the lock where its holder is reached."""
        assert self._file is not None, "only the holder announces"
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, msgspec.json.encode(served), 0)

    def served(self) -> Served | None:
        """What the holder announced; None when nobody holds the lock, or its holder is not ready yet."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Served)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def release(self) -> None:
        """Lets go. The file stays: removing it would let two servers lock two different files of one name."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None


def _in_use(served: Served | None) -> str:
    if served is None:
        return "in use by another Trunkline"
    return f"in use by another Trunkline, process {served.pid} at {served.url}"
