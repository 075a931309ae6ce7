"""The two ends of a copy, as every engine has them: what can be read of a store, and how one is filled."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from trunkline.copy.table import Row, Table

Place = tuple[Any, ...]
"""How far in a table a reader has come; only the reader of the same store knows what it means."""

ROWS = 10_000
BYTES = 4 * 2**20
"""What a chunk has of rows, and of bytes in their large columns; the last rows may be beyond it."""


class Chunk(Struct, frozen=True):
    """Some rows of a table, none at its end, and the place after them.

    `values` are the unique values themselves, where the rows have what stands for them and the store has more.
    """

    rows: Sequence[Row]
    place: Place
    values: Sequence[str] | None = None


class Origin(Struct, frozen=True):
    """What a copy is of: the name of the source, its rows by table, and the length of each portal's journal."""

    name: str
    counts: Mapping[str, int]
    journals: Mapping[int, int]


class Progress(Struct, frozen=True):
    """How far the copy of one table has come: the place in the source, the rows up to it and their checksum."""

    place: Place | None = None
    rows: int = 0
    digest: str = "0"
    done: bool = False


class Rows(Protocol):
    """A store that nobody changes, to be read table by table."""

    async def origin(self) -> Origin:
        """What a copy of it would be of; all rows are counted."""

    async def read(self, table: Table, after: Place | None) -> Chunk:
        """The rows after a place, or the first ones."""


class Target(Protocol):
    """A store that is filled. It remembers how far it is, so that a copy that was broken off can go on.

    Until `finish` no server takes it.
    """

    async def begin(self, origin: Origin) -> Mapping[str, Progress]:
        """How far a copy has come, by table; an empty store becomes the beginning of one.

        Raises `StoreRefused` when there is anything in it that is not of this copy.
        """

    async def put(self, table: Table, chunk: Chunk, progress: Progress) -> None:
        """Keeps rows and how far the copy has come with them, both or nothing."""

    async def complete(self) -> None:
        """Adds what follows from the rows, once they are all there."""

    async def rows(self) -> Rows:
        """What is there by now."""

    async def finish(self) -> None:
        """Makes the copy a store like any other."""
