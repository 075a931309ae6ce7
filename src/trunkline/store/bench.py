"""What every storage engine does for the workbench: checkpoints, going back to one, and reading the journal."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from trunkline.bench.checkpoint import Checkpoint, Entry, Note, NoteKind, Rewound
from trunkline.crm.record import Moment


@runtime_checkable
class Bench(Protocol):
    """The workbench of a store. A portal that is not there is refused as `Unauthenticated`.

    A checkpoint covers the records, associations, lists and definitions of a portal: not its tokens, apps and people,
    nor the work to be carried out later. Nothing is copied when it is made; from then on what a row was like is kept
    when it is first changed.
    """

    async def notes(self) -> Sequence[Note]:
        """What is kept of all portals that are there, by portal, kind and name."""

    async def keep(self, note: Note) -> None:
        """Keeps a note, in the place of one of the same kind and name."""

    async def add(self, note: Note) -> bool:
        """Keeps a note unless there is one of the same kind and name; says whether it did."""

    async def drop(self, portal: int, kind: NoteKind, name: str | None = None) -> int:
        """Drops a note, or all of a kind, and says how many there were."""

    async def checkpoints(self, portal: int) -> Sequence[Checkpoint]:
        """The checkpoints of a portal, the oldest first."""

    async def mark(self, portal: int, name: str, now: Moment) -> Checkpoint:
        """Makes a checkpoint of the portal as it is; one of the same name is forgotten.

        Raises `StoreRefused` where a store cannot have any.
        """

    async def forget(self, portal: int, name: str) -> bool:
        """Forgets a checkpoint; False when there is none of that name."""

    async def rewind(self, portal: int, name: str, now: Moment) -> Rewound | None:
        """Undoes all that was changed since a checkpoint, in one transaction; None when there is none of that name.

        Checkpoints that were made after it are forgotten, and it stays. The journal goes on and tells of it; the values
        that were undone are no longer in it. No id of a record is given again. What was erased stays so.
        """

    async def clear(self, portal: int, now: Moment) -> Rewound:
        """Empties a portal of its records, lists and definitions, in one transaction, and forgets its checkpoints."""

    async def end(self, portal: int) -> int:
        """The position of the newest change of a portal, or a later one."""

    async def rewinds(self, portal: int, after: int) -> Sequence[tuple[int, int]]:
        """The rows of the journal that tell of a rewind: their positions, and those that were gone back to."""

    async def journal(self, portal: int, after: int, to: int, limit: int) -> Sequence[Entry]:
        """The changes of a portal after one position and up to another, in order, at most `limit`."""

    async def tell(self, portal: int, entry: Entry) -> int:
        """Adds a row to the journal that tells of no change, at the next position, which it returns."""
