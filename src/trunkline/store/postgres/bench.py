"""The workbench of a database: nothing yet but the answer that it has none."""

from collections.abc import Sequence
from typing import NoReturn

from trunkline.bench.checkpoint import Checkpoint, Entry, Note, NoteKind, Rewound
from trunkline.crm.record import Moment
from trunkline.store.protocol import StoreRefused


class PostgresBench:
    """Refuses everything; see `trunkline.store.bench`."""

    async def notes(self) -> Sequence[Note]:
        """None."""
        return []

    async def keep(self, note: Note) -> None:
        """Raises `StoreRefused`."""
        _refuse()

    async def drop(self, portal: int, kind: NoteKind, name: str | None = None) -> int:
        """None."""
        return 0

    async def checkpoints(self, portal: int) -> Sequence[Checkpoint]:
        """None."""
        return []

    async def mark(self, portal: int, name: str, now: Moment) -> Checkpoint:
        """Raises `StoreRefused`."""
        _refuse()

    async def forget(self, portal: int, name: str) -> bool:
        """There is none."""
        return False

    async def rewind(self, portal: int, name: str, now: Moment) -> Rewound | None:
        """There is none to go back to."""
        return None

    async def clear(self, portal: int, now: Moment) -> Rewound:
        """Raises `StoreRefused`."""
        _refuse()

    async def end(self, portal: int) -> int:
        """Raises `StoreRefused`."""
        _refuse()

    async def rewinds(self, portal: int, after: int) -> Sequence[tuple[int, int]]:
        """None."""
        return []

    async def journal(self, portal: int, after: int, to: int, limit: int) -> Sequence[Entry]:
        """Raises `StoreRefused`."""
        _refuse()


def _refuse() -> NoReturn:
    raise StoreRefused("The workbench needs the embedded store.")
