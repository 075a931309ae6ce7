"""The workbench of a file: notes, checkpoints, going back to one, and reading the journal."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import apsw
import msgspec

from trunkline.bench.checkpoint import REWIND, Checkpoint, Entry, Note, NoteKind, Rewound
from trunkline.crm.record import Moment
from trunkline.store.sqlite import departures, kept
from trunkline.store.sqlite.definitions import NEXT_VERSION, version
from trunkline.store.sqlite.departures import overwriting
from trunkline.store.sqlite.known import Known, number
from trunkline.store.sqlite.rows import TELL
from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS
from trunkline.store.sqlite.writer import Writer

T = TypeVar("T")

LISTED = 1000
"""Records that one row of the journal lists, at most."""

NOTES = (
    "SELECT n.portal, n.kind, n.name, n.detail FROM note AS n JOIN portal AS p ON p.id = n.portal "
    "WHERE p.removed IS NULL ORDER BY n.portal, n.kind, n.name"
)
KEEP = "INSERT OR REPLACE INTO note (portal, kind, name, detail) VALUES (?, ?, ?, ?)"
ADD = "INSERT OR IGNORE INTO note (portal, kind, name, detail) VALUES (?, ?, ?, ?) RETURNING name"
DROP = "DELETE FROM note WHERE portal = ?1 AND kind = ?2 AND name = coalesce(?3, name) RETURNING name"
CHECKPOINTS = "SELECT era, name, position, at FROM checkpoint WHERE portal = ? ORDER BY era"
MARK = "INSERT INTO checkpoint (portal, name, position, at) VALUES (?, ?, ?, ?)"
UNMARK = "DELETE FROM checkpoint WHERE era IN (SELECT value FROM json_each(?))"
MOVE = "UPDATE checkpoint SET position = ? WHERE era = ?"
BLANK = "UPDATE change SET detail = '{}' WHERE position > ? AND portal = ? AND kind = 'update'"
TOUCHED = (
    f"SELECT c.type, u.key & {LAST_ID} FROM temp.undone AS u JOIN collection AS c ON c.slot = u.key >> {SLOT_BITS} "
    "ORDER BY u.key"
)
END = "SELECT max(position) FROM change"
REWINDS = f"SELECT position, previous FROM change WHERE position > ? AND portal = ? AND kind = '{REWIND}'"
JOURNAL = (
    "SELECT position, kind, type, at, app, record, previous, detail FROM change "
    "WHERE position > ? AND position <= ? AND portal = ? ORDER BY position LIMIT ?"
)

_encode = msgspec.json.Encoder().encode


class Apart(Protocol):
    """Reads at length, so that others are served meanwhile."""

    def __call__(self, work: Callable[[apsw.Connection], T], /) -> Awaitable[T]:
        """What a function makes of a connection of its own."""


class SqliteBench:
    """The workbench of a store's file; see `trunkline.store.bench`.

    `noted` is told the position of the journal that a rewind came to.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        reader: apsw.Connection,
        writer: Writer,
        known: Known,
        apart: Apart,
        noted: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self._known = known
        self._apart = apart
        self._noted = noted
        kept.watch(connection)

    async def notes(self) -> Sequence[Note]:
        """What is kept of all portals that are there, by portal, kind and name."""
        rows: Any = self._reader.execute(NOTES)
        return [Note(*row) for row in rows]

    async def keep(self, note: Note) -> None:
        """Keeps a note, in the place of one of the same kind and name."""
        self._known.require(note.portal)
        row = (note.portal, note.kind, note.name, note.detail)
        await self._writer.submit(lambda: self._connection.execute(KEEP, row))

    async def add(self, note: Note) -> bool:
        """Keeps a note unless there is one of the same kind and name; says whether it did."""
        self._known.require(note.portal)
        row = (note.portal, note.kind, note.name, note.detail)
        return bool(await self._writer.submit(lambda: self._connection.execute(ADD, row).fetchall()))

    async def drop(self, portal: int, kind: NoteKind, name: str | None = None) -> int:
        """Drops a note, or all of a kind, and says how many there were."""
        self._known.require(portal)
        return len(await self._writer.submit(lambda: self._connection.execute(DROP, (portal, kind, name)).fetchall()))

    async def checkpoints(self, portal: int) -> Sequence[Checkpoint]:
        """The checkpoints of a portal, the oldest first."""
        self._known.require(portal)
        return list(_checkpoints(self._reader, portal).values())

    async def mark(self, portal: int, name: str, now: Moment) -> Checkpoint:
        """Makes a checkpoint of the portal as it is; one of the same name is forgotten."""

        def work() -> Checkpoint:
            version(self._connection, portal)
            made = Checkpoint(name, self._known.position - 1, now)
            _forget(self._connection, portal, name)
            self._connection.execute(MARK, (portal, name, made.position, now))
            kept.watch(self._connection)
            return made

        return await self._writer.submit(work)

    async def forget(self, portal: int, name: str) -> bool:
        """Forgets a checkpoint; False when there is none of that name."""

        def work() -> bool:
            version(self._connection, portal)
            found = _forget(self._connection, portal, name)
            kept.watch(self._connection)
            return found

        return await self._writer.submit(work)

    async def rewind(self, portal: int, name: str, now: Moment) -> Rewound | None:
        """Undoes all that was changed since a checkpoint, in one transaction; None when there is none of that name."""

        def work() -> Rewound | None:
            version(self._connection, portal)
            checkpoints = _checkpoints(self._connection, portal)
            to = _era(checkpoints, name)
            if to is None:
                return None
            eras = _listed(era for era in checkpoints if era >= to)
            done = self._undo(
                portal, checkpoints[to].position, now, lambda table: kept.restore(self._connection, table, eras)
            )
            kept.drop(self._connection, eras)
            self._connection.execute(UNMARK, (_listed(era for era in checkpoints if era > to),))
            self._connection.execute(MOVE, (self._known.position - 1, to))
            return done

        return self._settled(await self._writer.submit(work))

    async def clear(self, portal: int, now: Moment) -> Rewound:
        """Empties a portal of its records, lists and definitions, and forgets its checkpoints."""

        def work() -> Rewound:
            version(self._connection, portal)
            eras = _listed(_checkpoints(self._connection, portal))
            kept.drop(self._connection, eras)
            self._connection.execute(UNMARK, (eras,))
            kept.watch(self._connection)
            return self._undo(portal, 0, now, lambda table: kept.empty(self._connection, table, portal))

        return self._settled(await self._writer.submit(work))

    def _settled(self, done: T) -> T:
        self._known.departed = departures.load(self._reader)
        self._noted(self._known.position - 1)
        return done

    def _undo(self, portal: int, to: int, now: Moment, restore: Callable[[kept.Covered], int]) -> Rewound:
        """Has all tables restored, and tells the journal that the portal is as it was at a position."""
        counts: dict[kept.Covered, int] = {}
        touched: dict[str, list[int]] = {"": []}
        with overwriting(self._connection):
            for covered in kept.COVERED:
                counts[covered] = restore(covered)
                if covered is kept.RECORD:
                    for type_, id_ in self._connection.execute(TOUCHED):
                        touched.setdefault(str(type_), []).append(int(str(id_)))
            # What was undone is not told any more: once a record goes back, nothing leads from it to these values.
            self._connection.execute(BLANK, (to, portal))
        if counts[kept.DEFINITION]:
            self._connection.execute(NEXT_VERSION, (portal,))
        self._tell(portal, to, now, touched)
        lists = counts[kept.LIST] + counts[kept.FOLDER]
        return Rewound(counts[kept.RECORD], counts[kept.DEFINITION], lists)

    def _tell(self, portal: int, to: int, now: Moment, touched: dict[str, list[int]]) -> None:
        for type_, ids in touched.items():
            for first in range(0, len(ids) or 1, LISTED):
                detail = _listed(ids[first : first + LISTED])
                row = (self._known.position, portal, REWIND, type_, now, 0, None, to, detail)
                self._connection.execute(TELL, row)
                self._known.position += 1

    async def end(self, portal: int) -> int:
        """The position of the newest change that is committed."""
        self._known.require(portal)
        return number(self._reader, END)

    async def rewinds(self, portal: int, after: int) -> Sequence[tuple[int, int]]:
        """The rows of the journal that tell of a rewind: their positions, and those that were gone back to."""
        self._known.require(portal)

        def read(connection: apsw.Connection) -> Sequence[tuple[int, int]]:
            rows: Any = connection.execute(REWINDS, (after, portal))
            return [(position, to) for position, to in rows]

        return await self._apart(read)

    async def journal(self, portal: int, after: int, to: int, limit: int) -> Sequence[Entry]:
        """The changes of a portal after one position and up to another, in order, at most `limit`."""
        self._known.require(portal)

        def read(connection: apsw.Connection) -> Sequence[Entry]:
            rows: Any = connection.execute(JOURNAL, (after, to, portal, limit))
            return [_entry(row) for row in rows]

        return await self._apart(read)

    async def tell(self, portal: int, entry: Entry) -> int:
        """Adds a row to the journal that tells of no change, at the next position, which it returns."""
        self._known.require(portal)

        def work() -> int:
            position = self._known.position
            row = (position, portal, entry.kind, entry.type, entry.at, entry.app, entry.record, None, entry.detail)
            self._connection.execute(TELL, row)
            self._known.position += 1
            return position

        return await self._writer.submit(work)


def _entry(row: Any) -> Entry:
    position, kind, type_, at, app, record, previous, detail = row
    return Entry(
        position=position, kind=kind, type=type_, at=at, app=app, record=record, previous=previous, detail=detail
    )


def _checkpoints(connection: apsw.Connection, portal: int) -> dict[int, Checkpoint]:
    """The checkpoints of a portal by era, the oldest first."""
    rows: Any = connection.execute(CHECKPOINTS, (portal,))
    return {era: Checkpoint(name, position, at) for era, name, position, at in rows}


def _era(checkpoints: Mapping[int, Checkpoint], name: str) -> int | None:
    return next((era for era, one in checkpoints.items() if one.name == name), None)


def _forget(connection: apsw.Connection, portal: int, name: str) -> bool:
    checkpoints = _checkpoints(connection, portal)
    era = _era(checkpoints, name)
    if era is None:
        return False
    kept.merge(connection, era, max((other for other in checkpoints if other < era), default=None))
    connection.execute(UNMARK, (_listed([era]),))
    return True


def _listed(numbers: Iterable[int]) -> str:
    return _encode(list(numbers)).decode()
