"""The SQL of lists: definitions and folders are rows with their JSON, each record in a list is a row.

Ids of records go to and fro as one text of JSON: a request may have 100,000 of them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import apsw
import msgspec

from trunkline.crm.record import Moment
from trunkline.crm.segment import Change, Folder, Segment, Shelf
from trunkline.errors import ListNotFound
from trunkline.store.lists import Member, Moved, Span
from trunkline.store.shelf import kept, segment_of, shelf_of, text_of
from trunkline.store.sqlite.definitions import version
from trunkline.store.sqlite.known import Known
from trunkline.store.sqlite.rows import TELL
from trunkline.store.sqlite.schema import LAST_ID
from trunkline.store.sqlite.writer import Writer

ONE = "SELECT detail FROM list WHERE portal = ? AND id = ?"
LISTS = "SELECT detail FROM list WHERE portal = ? ORDER BY id"
FOLDERS = "SELECT detail FROM list_folder WHERE portal = ? ORDER BY id"
KEEP = {
    Segment: "INSERT OR REPLACE INTO list (portal, id, detail) VALUES (?, ?, ?)",
    Folder: "INSERT OR REPLACE INTO list_folder (portal, id, detail) VALUES (?, ?, ?)",
}
LIVE = "FROM json_each(?) AS g CROSS JOIN record AS r ON r.key = g.value WHERE r.archived IS NULL"
THERE = f"SELECT r.key {LIVE}"
JOIN = (
    f"INSERT INTO list_member (portal, list, record, at) SELECT ?, ?, r.key, ? {LIVE} "
    "ON CONFLICT DO NOTHING RETURNING record"
)
LEAVE = (
    "DELETE FROM list_member WHERE portal = ? AND list = ? AND record IN (SELECT value FROM json_each(?)) "
    "RETURNING record"
)
CLEAR = "DELETE FROM list_member WHERE portal = ? AND list = ?"
MEMBERS = (
    "SELECT m.record, m.at FROM list_member AS m CROSS JOIN record AS r ON r.key = m.record "
    "WHERE m.portal = ?1 AND m.list = ?2 AND r.archived IS NULL AND {} ORDER BY {} LIMIT ?5"
)
PAGES = {
    ("id", False): MEMBERS.format("m.record > ?3 AND ?4 IS NOT NULL", "m.record"),
    ("id", True): MEMBERS.format("m.record < ?3 AND ?4 IS NOT NULL", "m.record DESC"),
    ("joined", False): MEMBERS.format("(m.at, m.record) > (?4, ?3)", "m.at, m.record"),
    ("joined", True): MEMBERS.format("(m.at, m.record) < (?4, ?3)", "m.at DESC, m.record DESC"),
}
"""By what is gone by, and whether it falls."""

OF = (
    "SELECT m.list, m.at FROM list_member AS m JOIN record AS r ON r.key = m.record "
    "WHERE m.record = ? AND m.portal = ? AND r.archived IS NULL ORDER BY m.list"
)

_encode = msgspec.json.Encoder().encode


class SqliteLists:
    """The lists of a store's file; see `trunkline.store.lists`."""

    def __init__(self, connection: apsw.Connection, reader: apsw.Connection, writer: Writer, known: Known) -> None:
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self._known = known

    async def shelf(self, portal: int) -> Shelf:
        """All lists and folders of a portal."""
        self._known.require(portal)
        return _shelf(self._reader, portal)

    async def change(
        self, portal: int, change: Change, kind: str, now: Moment, app: int, members: Sequence[int] = ()
    ) -> Segment | Folder:
        """Keeps what becomes of a list or a folder, with the first members of a new list, and tells the journal."""

        def work() -> Segment | Folder:
            version(self._connection, portal)
            shelf = _shelf(self._connection, portal)
            made = change(shelf)
            if kept(shelf, made):
                return made
            text = text_of(made)
            self._connection.execute(KEEP[type(made)], (portal, made.id, text))
            type_ = made.type if isinstance(made, Segment) else ""
            told = (self._known.position, portal, kind, type_, now, app, None, None, text)
            self._connection.execute(TELL, told)
            self._known.position += 1
            if members and isinstance(made, Segment):
                keys = _array(self._keys(portal, made.type, members).values())
                _ids(self._connection, JOIN, portal, made.id, now, keys)
            return made

        return await self._writer.submit(work)

    async def move(
        self, portal: int, id_: int, type_id: str, now: Moment, added: Sequence[int] = (), removed: Sequence[int] = ()
    ) -> Moved:
        """Takes records out of a list, then puts others into it, in one transaction."""

        def work() -> Moved:
            self._require(portal, id_)
            keys = self._keys(portal, type_id, (*removed, *added))
            there = _ids(self._connection, THERE, _array(keys.values()))
            left = _ids(self._connection, LEAVE, portal, id_, _array(keys[one] for one in removed))
            joined = _ids(self._connection, JOIN, portal, id_, now, _array(keys[one] for one in added))
            return Moved(
                [one for one in dict.fromkeys(added) if keys[one] in joined],
                [one for one in dict.fromkeys(removed) if keys[one] in left],
                [one for one, key in keys.items() if key not in there],
            )

        return await self._writer.submit(work)

    def _keys(self, portal: int, type_id: str, ids: Iterable[int]) -> dict[int, int]:
        """The row ids of records, or of those that stand for them; 0, which none has, for what is no id."""
        collection, departed = self._known.collection(portal, type_id), self._known.departed
        keys = {one: collection.key(one) if 0 < one <= LAST_ID else 0 for one in ids}
        return {one: departed.get(key, key) for one, key in keys.items()} if departed else keys

    async def clear(self, portal: int, id_: int) -> None:
        """Takes all records out of a list."""

        def work() -> None:
            self._require(portal, id_)
            self._connection.execute(CLEAR, (portal, id_))

        await self._writer.submit(work)

    def _require(self, portal: int, id_: int) -> None:
        """Raises `ListNotFound` when a list is not there any more."""
        version(self._connection, portal)
        detail = self._connection.execute(ONE, (portal, id_)).get
        if detail is None or segment_of(str(detail)).deleted is not None:
            raise ListNotFound(f"ID {id_}")

    async def members(self, portal: int, type_id: str, id_: int, span: Span) -> list[Member]:
        """The live records of a page that were put into a list; one more than the limit when there are more."""
        collection = self._known.collection(portal, type_id)
        first = Member(LAST_ID, LAST_ID) if span.falling else Member(0, -1)
        start = span.start or first
        bounds = (portal, id_, collection.key(min(start.record, LAST_ID)), start.at, span.limit + 1)
        rows: Any = self._reader.execute(PAGES[span.by, span.falling], bounds)
        return [Member(key & LAST_ID, at) for key, at in rows]

    async def of(self, portal: int, type_id: str, record: int) -> dict[int, Moment]:
        """The lists that a live record was put into, by id, and when; deleted ones too."""
        key = self._keys(portal, type_id, [record])[record]
        rows: Any = self._reader.execute(OF, (key, portal))
        return dict(rows)


def _shelf(connection: apsw.Connection, portal: int) -> Shelf:
    lists, folders = ([str(text) for (text,) in connection.execute(all_, (portal,))] for all_ in (LISTS, FOLDERS))
    return shelf_of(lists, folders)


def _array(numbers: Iterable[int]) -> str:
    return _encode(list(numbers)).decode()


def _ids(connection: apsw.Connection, statement: str, *arguments: int | str) -> set[int]:
    rows: Any = connection.execute(statement, arguments)
    return {key for (key,) in rows}
