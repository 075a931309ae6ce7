"""Reading a file that nobody writes to, table by table."""

import asyncio
from collections.abc import Iterator
from typing import Any

import apsw

from trunkline.copy.ends import BYTES, ROWS, Chunk, Origin, Place
from trunkline.copy.notes import translated
from trunkline.copy.sqlite.selects import BESIDE, JOURNAL, NEW_RUN, SELECTS, SO_FAR
from trunkline.copy.table import Row, Table
from trunkline.store.postgres.keys import kept

TYPED = frozenset({"portal", "app", "person", "event"})
"""The tables that have texts which an older Trunkline took as people typed them."""

NUL, REPLACED = "\0", "\N{REPLACEMENT CHARACTER}"
"""What not every engine can keep in a text, and what is kept for it."""


class SqliteRows:
    """The rows of a file; see `trunkline.copy.ends.Rows`. `name` is what it is called."""

    def __init__(self, connection: apsw.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._lengths: dict[int, int] | None = None

    async def origin(self) -> Origin:
        """What a copy of it would be of; all rows are counted."""
        return await asyncio.to_thread(self._origin)

    async def read(self, table: Table, after: Place | None) -> Chunk:
        """The rows after a place, or the first ones."""
        return await asyncio.to_thread(self._read, table, after)

    def _origin(self) -> Origin:
        journals = self._journals()
        counts = {name: self._number(select.count) for name, select in SELECTS.items()}
        return Origin(self._name, counts, journals)

    def _read(self, table: Table, after: Place | None) -> Chunk:
        self._journals()
        select = SELECTS[table.name]
        width, place = len(table.columns), tuple(after or select.first)
        rows: list[Row] = []
        for row in self._page(select.page, place, table.weights):
            rows.append(row[:width])
            place = row[width:]
        if table.name == "unique_value":
            return Chunk([(*r[:3], kept(r[3]), r[4]) for r in rows], place, [row[3] for row in rows])
        if table.name == "note":
            return Chunk([(*row[:3], translated(row[0], row[1], row[3], self._so_far)) for row in rows], place)
        return Chunk([_clean(row) for row in rows] if table.name in TYPED else rows, place)

    def _page(self, select: str, place: Place, weights: tuple[int, ...]) -> Iterator[Row]:
        """The next rows, until they are many or large."""
        size = 0
        cursor = self._connection.execute(select, (*place, ROWS))
        for row in cursor:
            yield row
            size += sum(len(row[at] or ()) for at in weights)
            if size >= BYTES:
                cursor.close()
                return

    def _journals(self) -> dict[int, int]:
        """The length of the journal of each portal; looked up once."""
        if self._lengths is None:
            with self._connection:
                self._connection.execute(BESIDE)
                lengths = dict.fromkeys(self._portals(), 0)
                self._connection.executemany(NEW_RUN, self._runs(lengths))
            self._lengths = lengths
        return self._lengths

    def _runs(self, lengths: dict[int, int]) -> Iterator[tuple[int, int, int]]:
        """The runs of all journals, one after the other; counts the changes of each portal."""
        behinds: dict[int, int] = {}
        for portal, position in self._rows(JOURNAL):
            lengths[portal] = rank = lengths[portal] + 1
            if behinds.get(portal) != position - rank:
                behinds[portal] = position - rank
                yield portal, position, position - rank

    def _so_far(self, portal: int, position: int) -> int | None:
        """How many changes of a portal there are up to a position, which may be that of another one's."""
        length = self._journals().get(portal)
        if length is None:
            return None
        found: Any = self._connection.execute(SO_FAR, (portal, position)).fetchall()
        so_far, most = found[0]
        return int(min(so_far, length if most is None else most))

    def _portals(self) -> list[int]:
        return [id_ for (id_,) in self._rows("SELECT id FROM main.portal WHERE removed IS NULL ORDER BY id")]

    def _rows(self, select: str) -> Any:
        return self._connection.execute(select)

    def _number(self, select: str) -> int:
        return int(self._rows(select).fetchall()[0][0])


def _clean(row: Row) -> Row:
    return tuple(value.replace(NUL, REPLACED) if isinstance(value, str) else value for value in row)
