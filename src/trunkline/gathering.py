"""Measures that several processes of one server gather, so that whichever is asked tells those of all.

The process that starts the others makes the place, before they import anything: it is then that they look for it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from msgspec import Struct

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which a process looks for the folder; without it, it measures for itself alone."""


class Gathering(Struct, frozen=True):
    """A folder to which each process writes what it measures."""

    folder: str

    @property
    def variables(self) -> Mapping[str, str]:
        """What the environment of each process must say when it starts."""
        return {FOLDER: self.folder}

    def left(self, pid: int) -> None:
        """A process ended: what it counted stays, what it had open does not count any more."""
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid, self.folder)


@contextmanager
def gathering() -> Iterator[Gathering]:
    """A new place, which is removed at the end; only the user that runs the server can read it."""
    with TemporaryDirectory(prefix="trunkline-") as folder:
        yield Gathering(folder)
