"""The file that cases are written to, one whole line after the other, readable by its owner only."""

import os
import secrets
import stat
from pathlib import Path

import msgspec

from trunkline.load.stopped import Stopped
from trunkline.recording.case import Case

KEY_BYTES = 32


class Tape:
    """A file that only grows. Its key, from which pseudonyms come, is in a file beside it, as `cases.jsonl.key`."""

    def __init__(self, path: Path) -> None:
        """Raises `Stopped` with a sentence when it cannot go on where the file ends."""
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self.key = _key(key_path(path))
        except OSError as cause:
            raise Stopped(f"{path}: {cause.strerror}.") from cause
        if stat.S_IMODE(os.fstat(self._file).st_mode) & 0o077:
            raise Stopped(f"{path} can be read by others. Run chmod 600 on it, or name another file with --out.")
        self.path = path
        self.count = self._lines()

    def write(self, case: Case) -> None:
        """Adds a case. It is there as a whole before anybody has the answer, or not at all."""
        line = memoryview(msgspec.json.encode(case) + b"\n")
        before = os.fstat(self._file).st_size
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError:
            os.ftruncate(self._file, before)
            raise
        self.count += 1

    def close(self) -> None:
        """No more is written."""
        os.close(self._file)

    def _lines(self) -> int:
        data = self.path.read_bytes()
        if data and not data.endswith(b"\n"):
            raise Stopped(f"{self.path} ends in the middle of a line; remove that line first.")
        return data.count(b"\n")


def key_path(path: Path) -> Path:
    """Where the key of a file of cases is."""
    return path.with_name(f"{path.name}.key")


def _key(path: Path) -> bytes:
    """The key in a file, made when it is not there."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise Stopped(f"{path} is no key. Remove it, and the cases that were masked with it, or both.") from None
        return key
    with open(file, "wb") as new:
        key = secrets.token_bytes(KEY_BYTES)
        new.write(key)
    return key
