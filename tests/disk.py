"""A disk that loses power: of what was written and not yet synced, it keeps any part or nothing.

A layer beneath SQLite notes every write and every sync of every file. At chosen operations it writes into a folder what
a disk might hold if the power went off just then: all that was synced, and of later writes each sector or not.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

SECTOR = 512
BENEATH = "unix"
NAME = "losing"


class Content:
    """A file: what of it is synced, and the writes since, in order; a write without bytes cuts it off at its offset."""

    def __init__(self, synced: bytes) -> None:
        self.synced = bytearray(synced)
        self.later: list[tuple[int, bytes | None]] = []

    def sync(self) -> None:
        """All that was written is there for good."""
        for offset, data in self.later:
            _apply(self.synced, offset, data)
        self.later = []

    def survivor(self, chance: random.Random) -> bytes:
        """What might be left of it."""
        left, share = bytearray(self.synced), chance.choice((0.0, 0.5, 0.9, 1.0))
        for offset, data in self.later:
            if data is None:
                if chance.random() < share:
                    _apply(left, offset, None)
                continue
            for start in range(0, len(data), SECTOR):
                if chance.random() < share:
                    _apply(left, offset + start, data[start : start + SECTOR])
        return bytes(left)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


class Disk(apsw.VFS):
    """The layer. `cut` is asked at each write and sync, by its number, whether the power goes off there, and where to.

    What `cut` returns is the folder for what is left; None lets it go on.
    """

    def __init__(self, cut: Callable[[int], Path | None], chance: random.Random) -> None:
        self._cut, self._chance = cut, chance
        self._files: dict[str, Content] = {}
        self._lock = threading.RLock()
        self._steps = 0
        super().__init__(NAME, BENEATH, makedefault=True)

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        """Opens a file through the layer."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return _File(self, path if isinstance(path, str) else None, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        """Removes a file."""
        with self._lock:
            self._files.pop(name, None)
        super().xDelete(name, sync)

    def content(self, path: str) -> Content:
        """What is known of a file; what it held before is taken for synced."""
        with self._lock:
            if path not in self._files:
                there = Path(path)
                self._files[path] = Content(there.read_bytes() if there.exists() else b"")
            return self._files[path]

    @contextmanager
    def step(self) -> Iterator[None]:
        """Around each operation: the power may go off before it."""
        with self._lock:
            self._steps += 1
            folder = self._cut(self._steps)
            if folder is not None:
                folder.mkdir()
                for path, content in self._files.items():
                    (folder / Path(path).name).write_bytes(content.survivor(self._chance))
            yield


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, path: str | None, name: object, flags: list[int]) -> None:
        super().__init__(BENEATH, name, flags)  # type: ignore[arg-type]
        self._disk = disk
        self._content = disk.content(path) if path else Content(b"")

    def xWrite(self, data: bytes, offset: int) -> None:
        with self._disk.step():
            self._content.later.append((offset, bytes(data)))
            super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        with self._disk.step():
            self._content.later.append((size, None))
            super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        with self._disk.step():
            super().xSync(flags)
            self._content.sync()


@contextmanager
def losing(cut: Callable[[int], Path | None], chance: random.Random) -> Iterator[None]:
    """While it lasts, every SQLite file of this process is on such a disk."""
    disk = Disk(cut, chance)
    try:
        yield
    finally:
        disk.unregister()
        apsw.set_default_vfs(BENEATH)
