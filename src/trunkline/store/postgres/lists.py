"""The SQL of lists: definitions and folders are rows with their JSON, each record in a list is a row.

A request may have 100,000 ids of records. Their rows are looked up one by one (LATERAL … LIMIT 1), whatever a plan was
made for.
"""

from collections.abc import Iterable, Sequence

from trunkline.crm.record import Moment
from trunkline.crm.segment import Change, Folder, Segment, Shelf
from trunkline.errors import ListNotFound
from trunkline.store.lists import Member, Moved, Span
from trunkline.store.numbers import LAST_ID
from trunkline.store.postgres.database import Connection, Database, Row
from trunkline.store.postgres.journal import tell
from trunkline.store.postgres.known import Known
from trunkline.store.postgres.rows import in_range
from trunkline.store.shelf import kept, segment_of, shelf_of, text_of

ONE = "SELECT detail FROM list WHERE portal = $1 AND id = $2"
SHELF = (
    "SELECT 1 AS board, id, detail FROM list WHERE portal = $1 "
    "UNION ALL SELECT 2, id, detail FROM list_folder WHERE portal = $1 ORDER BY board, id"
)
KEEP = {
    kind: f"INSERT INTO {table} (portal, id, detail) VALUES ($1, $2, $3) "
    "ON CONFLICT (portal, id) DO UPDATE SET detail = excluded.detail"
    for kind, table in ((Segment, "list"), (Folder, "list_folder"))
}
STAND = (
    "SELECT g.id, d.successor FROM unnest($3::bigint[]) AS g (id) CROSS JOIN LATERAL ("
    "SELECT successor FROM departed WHERE portal = $1 AND type = $2 AND id = g.id LIMIT 1) AS d"
)
LIVE = (
    "unnest($3::bigint[]) AS g (id) CROSS JOIN LATERAL (SELECT portal, type, id FROM record "
    "WHERE portal = $1 AND type = $2 AND id = g.id AND archived IS NULL LIMIT 1) AS r"
)
THERE = f"SELECT r.id FROM {LIVE}"
JOIN = (
    "INSERT INTO list_member (portal, list, type, record, at) "
    f"SELECT r.portal, $4::bigint, r.type, r.id, $5::bigint FROM {LIVE} ON CONFLICT DO NOTHING RETURNING record"
)
LEAVE = (
    "DELETE FROM list_member AS m USING unnest($3::bigint[]) AS g (id) CROSS JOIN LATERAL ("
    "SELECT ctid FROM list_member WHERE portal = $1 AND list = $4 AND type = $2 AND record = g.id LIMIT 1) AS found "
    "WHERE m.portal = $1 AND m.ctid = found.ctid RETURNING m.record"
)
CLEAR = "DELETE FROM list_member WHERE portal = $1 AND list = $2"
MEMBERS = (
    "SELECT m.record, m.at FROM list_member AS m CROSS JOIN LATERAL (SELECT 1 FROM record "
    "WHERE portal = $1 AND type = $2 AND id = m.record AND archived IS NULL LIMIT 1) AS r "
    "WHERE m.portal = $1 AND m.type = $2 AND m.list = $3 AND {} ORDER BY {} LIMIT $4"
)
PAGES = {
    ("id", False): MEMBERS.format("m.record > $5", "m.record"),
    ("id", True): MEMBERS.format("m.record < $5", "m.record DESC"),
    ("joined", False): MEMBERS.format("(m.at, m.record) > ($6, $5)", "m.at, m.record"),
    ("joined", True): MEMBERS.format("(m.at, m.record) < ($6, $5)", "m.at DESC, m.record DESC"),
}
"""By what is gone by, and whether it falls."""

OF = (
    "SELECT m.list, m.at FROM list_member AS m CROSS JOIN LATERAL (SELECT 1 FROM record "
    "WHERE portal = $1 AND type = $2 AND id = m.record AND archived IS NULL LIMIT 1) AS r "
    "WHERE m.portal = $1 AND m.type = $2 AND m.record = "
    "coalesce((SELECT successor FROM departed WHERE portal = $1 AND type = $2 AND id = $3), $3) ORDER BY m.list"
)


class PostgresLists:
    """The lists of a database; see `trunkline.store.lists`."""

    def __init__(self, database: Database, known: Known) -> None:
        self._database = database
        self._known = known

    async def shelf(self, portal: int) -> Shelf:
        """All lists and folders of a portal."""
        await self._known.require(portal)
        return _shelf(await self._database.fetch(SHELF, portal))

    async def change(
        self, portal: int, change: Change, kind: str, now: Moment, app: int, members: Sequence[int] = ()
    ) -> Segment | Folder:
        """Keeps what becomes of a list or a folder, with the first members of a new list, and tells the journal."""

        async def work(connection: Connection, version: int) -> Segment | Folder:
            shelf = _shelf(await connection.fetch(SHELF, portal))
            made = change(shelf)
            if kept(shelf, made):
                return made
            text = text_of(made)
            await connection.execute(KEEP[type(made)], portal, made.id, text)
            await tell(connection, portal, kind, made.type if isinstance(made, Segment) else "", (now, app), text)
            if members and isinstance(made, Segment):
                stand = await _stand(connection, portal, made.type, members)
                await connection.execute(JOIN, portal, made.type, in_range(stand.values()), made.id, now)
            return made

        return await self._database.locked(portal, work)

    async def move(
        self, portal: int, id_: int, type_id: str, now: Moment, added: Sequence[int] = (), removed: Sequence[int] = ()
    ) -> Moved:
        """Takes records out of a list, then puts others into it, in one transaction."""

        async def work(connection: Connection, version: int) -> Moved:
            await _require(connection, portal, id_)
            stand = await _stand(connection, portal, type_id, (*removed, *added))

            async def ids(statement: str, named: Iterable[int], *bound: int) -> set[int]:
                meant = in_range(stand[one] for one in named)
                return {row[0] for row in await connection.fetch(statement, portal, type_id, meant, *bound)}

            there = await ids(THERE, stand)
            left = await ids(LEAVE, removed, id_)
            joined = await ids(JOIN, added, id_, now)
            return Moved(
                [one for one in dict.fromkeys(added) if stand[one] in joined],
                [one for one in dict.fromkeys(removed) if stand[one] in left],
                [one for one, meant in stand.items() if meant not in there],
            )

        return await self._database.locked(portal, work)

    async def clear(self, portal: int, id_: int) -> None:
        """Takes all records out of a list."""

        async def work(connection: Connection, version: int) -> None:
            await _require(connection, portal, id_)
            await connection.execute(CLEAR, portal, id_)

        await self._database.locked(portal, work)

    async def members(self, portal: int, type_id: str, id_: int, span: Span) -> list[Member]:
        """The live records of a page that were put into a list; one more than the limit when there are more."""
        await self._known.require(portal)
        first = Member(LAST_ID, LAST_ID) if span.falling else Member(0, -1)
        start = span.start or first
        bound = (min(start.record, LAST_ID), *((start.at,) if span.by == "joined" else ()))
        page = PAGES[span.by, span.falling]
        rows = await self._database.fetch(page, portal, type_id, id_, span.limit + 1, *bound)
        return [Member(record, at) for record, at in rows]

    async def of(self, portal: int, type_id: str, record: int) -> dict[int, Moment]:
        """The lists that a live record was put into, by id, and when; deleted ones too."""
        await self._known.require(portal)
        if not 0 < record <= LAST_ID:
            return {}
        rows = await self._database.fetch(OF, portal, type_id, record)
        return {row[0]: row[1] for row in rows}


def _shelf(rows: Iterable[Row]) -> Shelf:
    boards: dict[int, list[str]] = {1: [], 2: []}
    for board, _, text in rows:
        boards[board].append(text)
    return shelf_of(boards[1], boards[2])


async def _require(connection: Connection, portal: int, id_: int) -> None:
    """Raises `ListNotFound` when a list is not there any more."""
    detail = await connection.fetchval(ONE, portal, id_)
    if detail is None or segment_of(detail).deleted is not None:
        raise ListNotFound(f"ID {id_}")


async def _stand(connection: Connection, portal: int, type_id: str, ids: Iterable[int]) -> dict[int, int]:
    """Each of the ids with the one of the record that stands for it; 0, which none has, for what is no id."""
    stand = {one: one if 0 < one <= LAST_ID else 0 for one in ids}
    return stand | dict(await connection.fetch(STAND, portal, type_id, in_range(stand)))
