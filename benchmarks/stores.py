"""The files that are measured on: made once, kept, and copied for each use."""

import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from benchmarks import calls
from benchmarks.bare import Bare, prepare
from benchmarks.calls import BATCH, Round
from benchmarks.server import Server
from trunkline.store.sqlite import schema

CHUNK = 500
"""Batches that are made at a time when a store is filled; all of a million calls would take gigabytes."""


class Stores:
    """A folder with the stores that are kept in it, and beneath it one for copies, gone at the end."""

    def __init__(self, folder: Path, command: list[str] | None) -> None:
        self.folder = folder
        self._command = command
        self._work = folder / f"work-{os.getpid()}"
        self._work.mkdir(parents=True)

    def fresh(self) -> Path:
        """A store with the unique property and no calls, made by the server."""
        return self._kept("fresh", self._define)

    def _define(self, path: Path) -> None:
        with Server(path, "full", self._command) as server:
            server.define()

    def filled(self, records: int) -> Path:
        """A store with so many calls, each as it was created, written by the bare loop: the rows are the server's."""
        return self._kept(f"filled-{records}", lambda path: self._fill(path, records))

    def _fill(self, path: Path, records: int) -> None:
        _copy(self.fresh(), path)
        bare = Bare(str(path), "normal")
        for first in range(0, records, CHUNK * BATCH):
            batches = min(CHUNK, (records - first) // BATCH)
            bare.run(prepare(Round("new", first, batches, 0)), 10.0)
        bare.close()

    def copy(self, source: Path, name: str) -> Path:
        """A copy of a store, down to the disk, to do anything with."""
        return _copy(source, self._work / name)

    def clear(self) -> None:
        """Throws the copies away."""
        shutil.rmtree(self._work, ignore_errors=True)

    def _kept(self, name: str, make: Callable[[Path], None]) -> Path:
        """The file of this name, made if it is not there for these tables and these calls."""
        source = Path(calls.__file__).read_bytes() + schema.TABLES.encode()
        path = self.folder / f"{name}-{sha256(source).hexdigest()[:8]}.db"
        if not path.exists():
            for old in self.folder.glob(f"{name}-????????.db"):
                old.unlink()
            partial = self._work / f"{name}.partial"
            make(partial)
            partial.rename(path)
        return path


def _copy(source: Path, target: Path) -> Path:
    for suffix in ("", "-wal", "-shm", ".lock"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return target
