"""A file that becomes a copy. What is committed survives a power cut; how far the copy is, is committed with it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from itertools import accumulate
from pathlib import Path

import apsw
import msgspec

from trunkline.copy.default import require_new
from trunkline.copy.ends import Chunk, Origin, Progress
from trunkline.copy.notes import translated
from trunkline.copy.sqlite.inserts import (
    BASE,
    EMPTY,
    FORGET_SEQUENCE,
    HALF_COPIED,
    IDS,
    INSERTS,
    NEW_BASE,
    OF_BASE,
    PROGRESS,
    PROGRESSES,
    TYPES,
    WHOLE,
)
from trunkline.copy.sqlite.originals import Originals
from trunkline.copy.sqlite.rows import SqliteRows
from trunkline.copy.sqlite.source import alone
from trunkline.copy.state import ORIGIN, resumed
from trunkline.copy.table import Row, Table
from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite.connection import folder_of
from trunkline.store.sqlite.index.file import place
from trunkline.store.sqlite.known import enrol_custom
from trunkline.store.sqlite.schema import LAST_ID, is_half_copied

CACHE_MB = 64
LOG_PAGES = 16_384
"""Pages in the write-ahead log at which they are moved into the file: 64 MiB."""

SCHEMAS = "SELECT portal, name FROM definition WHERE kind = 'schema' ORDER BY portal, name"


class SqliteTarget:
    """See `trunkline.copy.ends.Target`."""

    def __init__(self, connection: apsw.Connection, path: str) -> None:
        self._connection = connection
        self._path = path
        self._name = str(Path(path).resolve())
        self._enrolled: set[tuple[int, str]] = set()
        self._originals = Originals(connection)

    async def begin(self, origin: Origin) -> Mapping[str, Progress]:
        """How far a copy has come, by table; raises `StoreRefused` when there is anything that is not of this copy."""
        self._number(origin.journals)
        if is_half_copied(self._connection):
            return resumed(dict(self._texts()), origin, self._name)
        await require_new(await self.rows())
        with self._connection:
            for statement in (*EMPTY, HALF_COPIED):
                self._connection.execute(statement)
            self._keep(ORIGIN, origin)
        for suffix in ("", "-wal", "-shm"):
            Path(place(self._path) + suffix).unlink(missing_ok=True)
        return {}

    async def put(self, table: Table, chunk: Chunk, progress: Progress) -> None:
        """Keeps rows and how far the copy has come with them, both or nothing."""
        await asyncio.to_thread(self._put, table, chunk, progress)

    async def complete(self) -> None:
        """Adds what follows from the rows: the collections of custom objects, also of those without records.

        Those of all other types are made when the file is opened.
        """
        with self._connection:
            for portal, type_id in self._connection.execute(SCHEMAS).fetchall():
                enrol_custom(self._connection, int(str(portal)), str(type_id))

    async def rows(self) -> SqliteRows:
        """What is there by now."""
        return SqliteRows(self._connection, self._name)

    async def finish(self) -> None:
        """Makes the copy a store like any other."""
        self._connection.execute(WHOLE)
        await asyncio.to_thread(self._connection.wal_checkpoint, mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def _number(self, journals: Mapping[int, int]) -> None:
        """Gives each portal its stretch of the file's journal."""
        starts = accumulate(journals.values(), initial=0)
        self._connection.execute(BASE)
        self._connection.executemany(NEW_BASE, list(zip(journals, starts, strict=False)))

    def _texts(self) -> Iterable[tuple[str, str]]:
        return ((str(name), str(detail)) for name, detail in self._connection.execute(PROGRESSES))

    def _keep(self, name: str, what: Origin | Progress) -> None:
        self._connection.execute(PROGRESS, (name, msgspec.json.encode(what).decode()))

    def _put(self, table: Table, chunk: Chunk, progress: Progress) -> None:
        rows = chunk.rows
        with self._connection:
            self._require_room(table, rows)
            self._enrol(table, rows)
            if table.name == "sequence":
                self._connection.executemany(FORGET_SEQUENCE, [row[:1] for row in rows])
            if table.name == "unique_value":
                values = chunk.values or self._originals.of(rows)
                rows = [(*row[:3], value, row[4]) for row, value in zip(rows, values, strict=True)]
            if table.name == "note":
                rows = [(*row[:3], translated(row[0], row[1], row[3], self._position)) for row in rows]
            self._connection.executemany(INSERTS[table.name], rows)
            self._keep(table.name, progress)

    def _position(self, portal: int, rank: int) -> int | None:
        """The position in the file of a change of a portal."""
        found = self._connection.execute(OF_BASE, (portal,)).fetchone()
        return None if found is None else int(str(found[0])) + rank

    def _require_room(self, table: Table, rows: Iterable[Row]) -> None:
        if (name := IDS.get(table.name)) is not None:
            at = table.columns.index(name)
            if max((row[at] for row in rows), default=0) > LAST_ID:
                raise StoreRefused(f"A record's id is beyond {LAST_ID}, the last one that a SQLite file can keep.")

    def _enrol(self, table: Table, rows: Iterable[Row]) -> None:
        """Makes the collections that the rows are in."""
        for name in TYPES.get(table.name, ()):
            at = table.columns.index(name)
            for portal, type_id in {(row[0], row[at]) for row in rows} - self._enrolled:
                enrol_custom(self._connection, portal, type_id)
                self._enrolled.add((portal, type_id))


@asynccontextmanager
async def target(path: str) -> AsyncIterator[SqliteTarget]:
    """The file that becomes a copy; raises `StoreRefused`."""
    folder_of(path)
    with alone(path, cache_mb=CACHE_MB) as connection:
        connection.pragma("wal_autocheckpoint", LOG_PAGES)
        yield SqliteTarget(connection, path)
