"""The workbench of a database: notes, checkpoints, going back to one, and reading the journal."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import msgspec

from trunkline.bench.checkpoint import HEARD, REWIND, Checkpoint, Entry, Note, NoteKind, Rewound
from trunkline.crm.record import Moment
from trunkline.errors import Unauthenticated
from trunkline.store.postgres import kept, watch
from trunkline.store.postgres.database import Connection, Database, lock
from trunkline.store.postgres.definitions import NEXT_VERSION
from trunkline.store.postgres.journal import tell
from trunkline.store.postgres.known import Known
from trunkline.store.postgres.news import TELL, News
from trunkline.store.protocol import Notice, StoreRefused

LISTED = 1000
"""Records that one row of the journal lists, at most."""

ATTEMPTS = 5
"""Times that triggers are switched on for a checkpoint; somebody else may forget the last one meanwhile."""

NOTES = (
    "SELECT n.portal, n.kind, n.name, n.detail FROM note AS n JOIN portal AS p ON p.id = n.portal "
    "WHERE p.removed IS NULL ORDER BY n.portal, n.kind, n.name"
)
KEEP = (
    "INSERT INTO note (portal, kind, name, detail) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (portal, kind, name) DO UPDATE SET detail = excluded.detail"
)
ADD = (
    "INSERT INTO note (portal, kind, name, detail) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (portal, kind, name) DO NOTHING RETURNING name"
)
LET_GO = "DELETE FROM note WHERE portal = $1 AND kind = $2 AND name = coalesce($3::text, name) RETURNING name"
CHECKPOINTS = "SELECT era, name, position, at FROM checkpoint WHERE portal = $1 ORDER BY era"
MARK = (
    "INSERT INTO checkpoint (portal, era, name, position, at) SELECT h.portal, "
    "coalesce((SELECT max(c.era) FROM checkpoint AS c WHERE c.portal = h.portal), 0) + 1, $2, h.position, $3 "
    "FROM head AS h WHERE h.portal = $1 RETURNING position"
)
UNMARK = "DELETE FROM checkpoint WHERE portal = $1 AND era = $2"
UNMARK_AFTER = "DELETE FROM checkpoint WHERE portal = $1 AND era > $2"
MOVE = "UPDATE checkpoint SET position = $3 WHERE portal = $1 AND era = $2"
BLANK = "UPDATE change SET detail = '{}' WHERE portal = $1 AND position > $2 AND kind = 'update'"
END = "SELECT position FROM head WHERE portal = $1"
REWINDS = (
    f"SELECT position, previous FROM change WHERE portal = $1 AND position > $2 AND kind = '{REWIND}' ORDER BY position"
)
JOURNAL = (
    "SELECT position, kind, type, at, app, record, previous, detail FROM change "
    "WHERE portal = $1 AND position > $2 AND position <= $3 ORDER BY portal, position LIMIT $4"
)

_encode = msgspec.json.Encoder().encode

Undone = tuple[dict[kept.Covered, int], dict[str, list[int]]]


class PostgresBench:
    """The workbench of a database; see `trunkline.store.bench`."""

    def __init__(self, database: Database, known: Known, news: News) -> None:
        self._database = database
        self._known = known
        self._news = news

    async def notes(self) -> Sequence[Note]:
        """What is kept of all portals that are there, by portal, kind and name."""
        return [Note(*row) for row in await self._database.fetch(NOTES)]

    async def keep(self, note: Note) -> None:
        """Keeps a note, in the place of one of the same kind and name."""

        async def work(connection: Connection, version: int) -> None:
            await connection.execute(KEEP, note.portal, note.kind, note.name, note.detail)
            await self._tell_of(connection, note.portal, note.kind)

        await self._database.locked(note.portal, work)

    async def add(self, note: Note) -> bool:
        """Keeps a note unless there is one of the same kind and name; says whether it did."""

        async def work(connection: Connection, version: int) -> bool:
            added = bool(await connection.fetch(ADD, note.portal, note.kind, note.name, note.detail))
            if added:
                await self._tell_of(connection, note.portal, note.kind)
            return added

        return await self._database.locked(note.portal, work)

    async def drop(self, portal: int, kind: NoteKind, name: str | None = None) -> int:
        """Drops a note, or all of a kind, and says how many there were."""

        async def work(connection: Connection, version: int) -> int:
            gone = await connection.fetch(LET_GO, portal, kind, name)
            if gone:
                await self._tell_of(connection, portal, kind)
            return len(gone)

        return await self._database.locked(portal, work)

    async def _tell_of(self, connection: Connection, portal: int, kind: NoteKind) -> None:
        """Tells other processes that notes changed by which they work."""
        if kind in HEARD:
            await self._tell(connection, Notice("bench", portal))

    async def _tell(self, connection: Connection, notice: Notice) -> None:
        await connection.execute(TELL, self._news.text(notice))

    async def checkpoints(self, portal: int) -> Sequence[Checkpoint]:
        """The checkpoints of a portal, the oldest first."""
        await self._known.require(portal)
        return [Checkpoint(*row[1:]) for row in await self._database.fetch(CHECKPOINTS, portal)]

    async def mark(self, portal: int, name: str, now: Moment) -> Checkpoint:
        """Makes a checkpoint of the portal as it is; one of the same name is forgotten.

        Raises `StoreRefused` on Citus, and when others write so much that rows cannot be kept from now on.
        """
        await self._known.require(portal)

        async def work(connection: Connection) -> Checkpoint | None:
            if not await watch.held(connection):
                return None
            await lock(connection, portal)
            await _forget(connection, portal, name)
            return Checkpoint(name, await connection.fetchval(MARK, portal, name, now), now)

        for _ in range(ATTEMPTS):
            made = await self._database.write(work)
            if made is not None:
                return made
            await watch.on(self._database)
        raise StoreRefused("The last checkpoint of the database was forgotten meanwhile; try again.")

    async def forget(self, portal: int, name: str) -> bool:
        """Forgets a checkpoint; False when there is none of that name."""

        async def work(connection: Connection, version: int) -> bool:
            return await _forget(connection, portal, name)

        found = await self._database.locked(portal, work)
        if found:
            await watch.off(self._database)
        return found

    async def rewind(self, portal: int, name: str, now: Moment) -> Rewound | None:
        """Undoes all that was changed since a checkpoint, in one transaction; None when there is none of that name."""

        async def work(connection: Connection, version: int) -> Rewound | None:
            eras = await _eras(connection, portal)
            if name not in eras:
                return None
            era, position = eras[name]
            undo = partial(kept.restore, connection, portal, era)
            done = await self._undo(connection, (portal, position, now), undo)
            await kept.drop(connection, portal, era)
            await connection.execute(UNMARK_AFTER, portal, era)
            await connection.execute(MOVE, portal, era, await connection.fetchval(END, portal))
            return done

        done = await self._database.locked(portal, work)
        self._known.forget(portal)
        return done

    async def clear(self, portal: int, now: Moment) -> Rewound:
        """Empties a portal of its records, lists and definitions, and forgets its checkpoints."""

        async def work(connection: Connection, version: int) -> tuple[Rewound, bool]:
            eras = await _eras(connection, portal)
            if eras:
                await kept.drop(connection, portal, 0)
                await connection.execute(UNMARK_AFTER, portal, 0)
            undo = partial(kept.empty, connection, portal)
            return await self._undo(connection, (portal, 0, now), undo), bool(eras)

        done, had_any = await self._database.locked(portal, work)
        if had_any:
            await watch.off(self._database)
        self._known.forget(portal)
        return done

    async def _undo(
        self, connection: Connection, told: tuple[int, int, Moment], undo: Callable[[], Awaitable[Undone]]
    ) -> Rewound:
        """Has all tables restored, and tells the journal that a portal is as it was at a position."""
        portal, position, now = told
        counts, touched = await undo()
        # What was undone is not told any more: once a record goes back, nothing leads from it to these values.
        await connection.execute(BLANK, portal, position)
        if counts[kept.DEFINITION]:
            await connection.execute(NEXT_VERSION, portal)
            await self._tell(connection, Notice("catalog", portal))
        for type_, ids in {"": list[int](), **touched}.items():
            for first in range(0, len(ids) or 1, LISTED):
                detail = _encode(ids[first : first + LISTED]).decode()
                await tell(connection, portal, REWIND, type_, (now, 0), detail, previous=position)
        lists = counts[kept.LIST] + counts[kept.FOLDER]
        return Rewound(counts[kept.RECORD], counts[kept.DEFINITION], lists)

    async def end(self, portal: int) -> int:
        """The position of the newest change of a portal."""
        row = await self._database.one(END, portal)
        if row is None:
            raise Unauthenticated
        return int(row[0])

    async def rewinds(self, portal: int, after: int) -> Sequence[tuple[int, int]]:
        """The rows of the journal that tell of a rewind: their positions, and those that were gone back to."""
        await self._known.require(portal)
        return [(position, to) for position, to in await self._database.fetch(REWINDS, portal, after)]

    async def journal(self, portal: int, after: int, to: int, limit: int) -> Sequence[Entry]:
        """The changes of a portal after one position and up to another, in order, at most `limit`."""
        await self._known.require(portal)
        rows = await self._database.fetch(JOURNAL, portal, after, to, limit)
        return [Entry(**dict(row)) for row in rows]

    async def tell(self, portal: int, entry: Entry) -> int:
        """Adds a row to the journal that tells of no change, at the next position, which it returns."""

        async def work(connection: Connection, version: int) -> int:
            told = entry.at, entry.app
            return await tell(connection, portal, entry.kind, entry.type, told, entry.detail, record=entry.record)

        return await self._database.locked(portal, work)


async def _eras(connection: Connection, portal: int) -> dict[str, tuple[int, int]]:
    """The checkpoints of a portal by name: their eras and positions, the oldest first."""
    rows = await connection.fetch(CHECKPOINTS, portal)
    return {name: (era, position) for era, name, position, _ in rows}


async def _forget(connection: Connection, portal: int, name: str) -> bool:
    eras = await _eras(connection, portal)
    if name not in eras:
        return False
    era = eras[name][0]
    await kept.merge(connection, portal, era, max((other for other, _ in eras.values() if other < era), default=None))
    await connection.execute(UNMARK, portal, era)
    return True
