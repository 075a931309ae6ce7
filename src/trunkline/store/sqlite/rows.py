"""The SQL of the hot path: finding records, applying a plan, reading history. Prepared statements, many rows each."""

from collections.abc import Iterable, Sequence
from typing import Any

import apsw
import msgspec

from trunkline.crm.plan import Found, Plan, UniqueKey, Wanted
from trunkline.crm.record import Change, Moment, Record
from trunkline.store.sqlite.associations import Lookup, held, reachable, tie, untie
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.departures import erase, merge, overwriting
from trunkline.store.sqlite.schema import LAST_ID

HOLDERS = "SELECT property, value, record FROM unique_value WHERE collection = ? AND property = ? AND value = ?"
RECORDS = "SELECT key, properties, created, updated, app, archived, last_change FROM record WHERE key = ?"
PAGE = (
    "SELECT key, properties, created, updated, app, archived, last_change FROM record "
    "WHERE key BETWEEN ? AND ? AND {} ORDER BY key LIMIT ?"
)
COUNT = "SELECT count(*) FROM record WHERE key BETWEEN ? AND ? AND archived IS NULL"
ARCHIVED = "archived IS NOT NULL AND key NOT IN (SELECT key FROM departed WHERE successor = 0)"
INSERT_RECORD = "INSERT INTO record (key, properties, created, updated, app) VALUES (?, ?, ?, ?, ?)"
UPDATE_RECORD = "UPDATE record SET properties = ?, updated = ?, last_change = ? WHERE key = ?"
ARCHIVE_RECORD = "UPDATE record SET archived = ?, updated = ?, last_change = ? WHERE key = ?"
CLAIM = "INSERT INTO unique_value (collection, property, value, record) VALUES (?, ?, ?, ?)"
RELEASE = "DELETE FROM unique_value WHERE collection = ? AND property = ? AND value = ?"
TELL = (
    "INSERT INTO change (position, portal, kind, type, at, app, record, previous, detail) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
CHANGE = "SELECT at, app, detail, previous, kind FROM change WHERE position = ?"

_decode = msgspec.json.Decoder(dict[str, str]).decode
_values = msgspec.json.Decoder(dict[str, tuple[str | None, str]])
_encode = msgspec.json.Encoder().encode


def find(
    connection: apsw.Connection, collection: Collection, lookup: Lookup, wanted: Wanted, now: Moment, next_id: int
) -> Found:
    """What the store has of what is wanted; the records of all holders come with it."""
    slot = collection.slot
    holders: dict[UniqueKey, int] = {}
    if wanted.keys:
        rows = connection.executemany(HOLDERS, [(slot, name, value) for name, value in wanted.keys])
        for name, value, id_ in rows:
            holders[name, value] = id_
    ids = {id_ for id_ in (*wanted.ids, *holders.values()) if 0 < id_ <= LAST_ID}
    found = {record.id: record for record in records(connection, collection, ids)}
    ends = reachable(connection, lookup, wanted.ends) if wanted.ends else frozenset()
    return Found(now, next_id, holders, found, ends, held(connection, lookup, wanted.held) if wanted.held else {})


def records(connection: apsw.Connection, collection: Collection, ids: Iterable[int]) -> list[Record]:
    """The records of these ids, in their order; ids that do not exist are left out."""
    keys = [(collection.key(id_),) for id_ in ids]
    if not keys:
        return []
    return [_record(row) for row in connection.executemany(RECORDS, keys)]


def _record(row: Any) -> Record:
    key, properties, created, updated, app, archived, last_change = row
    return Record(
        id=key & LAST_ID,
        properties=_decode(properties),
        created=created,
        updated=updated,
        app=app,
        archived=archived,
        last_change=last_change,
    )


def apply(connection: apsw.Connection, collection: Collection, lookup: Lookup, plan: Plan, position: int) -> int:
    """Writes a plan; the journal's rows start at `position`. Returns the first position that is free then.

    Values are released before any is claimed, so that one may change hands inside a batch.
    """
    if not plan.erased:
        return _apply(connection, collection, lookup, plan, position)
    with overwriting(connection):
        return _apply(connection, collection, lookup, plan, position)


def _apply(connection: apsw.Connection, collection: Collection, lookup: Lookup, plan: Plan, position: int) -> int:
    slot = collection.slot
    if plan.released:
        connection.executemany(RELEASE, [(slot, name, value) for name, value in plan.released])
    if plan.creates:
        position = _create(connection, collection, plan, position)
    if plan.updates:
        position = _update(connection, collection, plan, position)
    if plan.archives:
        position = _archive(connection, collection, plan, position)
    if plan.claimed:
        connection.executemany(CLAIM, [(slot, name, value, id_) for (name, value), id_ in plan.claimed])
    if plan.ties and (ties := tie(connection, collection, lookup, plan.ties, plan.now, plan.app)):
        position = _tell(connection, collection, plan, position, "associate", _encode(ties).decode())
    if plan.cuts and (cuts := untie(connection, collection, lookup, plan.cuts)):
        position = _tell(connection, collection, plan, position, "dissociate", _encode(cuts).decode())
    for merger in plan.mergers:
        merge(connection, collection.key(merger.record), collection.key(merger.successor))
        position = _tell(connection, collection, plan, position, "merge", "{}", merger.record)
    for record in plan.erased:
        erase(connection, collection, record, position)
        position = _tell(connection, collection, plan, position, "erase", "{}", record.id)
    return position


def _tell(
    connection: apsw.Connection,
    collection: Collection,
    plan: Plan,
    position: int,
    kind: str,
    detail: str,
    record: int | None = None,
) -> int:
    row = (position, collection.portal, kind, collection.type, plan.now, plan.app, record, None, detail)
    connection.execute(TELL, row)
    return position + 1


def _create(connection: apsw.Connection, collection: Collection, plan: Plan, position: int) -> int:
    rows = [(collection.key(r.id), _encode(r.properties).decode(), r.created, r.updated, r.app) for r in plan.creates]
    connection.executemany(INSERT_RECORD, rows)
    return _tell(connection, collection, plan, position, "create", _encode([r.id for r in plan.creates]).decode())


def _update(connection: apsw.Connection, collection: Collection, plan: Plan, position: int) -> int:
    portal, type_ = collection.portal, collection.type
    rows = []
    told = []
    for update in plan.updates:
        record, change = update.record, update.change
        rows.append((_encode(record.properties).decode(), record.updated, position, collection.key(record.id)))
        detail = _encode(change.values).decode()
        told.append((position, portal, "update", type_, change.at, change.app, record.id, change.previous, detail))
        position += 1
    connection.executemany(UPDATE_RECORD, rows)
    connection.executemany(TELL, told)
    return position


def _archive(connection: apsw.Connection, collection: Collection, plan: Plan, position: int) -> int:
    for record in plan.archives:
        archived = (record.archived, record.updated, position, collection.key(record.id))
        connection.execute(ARCHIVE_RECORD, archived)
        at, portal, type_ = record.updated, collection.portal, collection.type
        told = (position, portal, "archive", type_, at, plan.app, record.id, record.last_change, "{}")
        connection.execute(TELL, told)
        position += 1
    return position


def changes(connection: apsw.Connection, record: Record, limit: int) -> list[Change]:
    """The updates of a record, newest first: a walk along its links, of at most `limit` rows."""
    found: list[Change] = []
    position = record.last_change
    while position is not None and len(found) < limit:
        row: Any = connection.execute(CHANGE, (position,)).fetchall()[0]
        at, app, detail, position, kind = row
        if kind == "update":
            found.append(Change(at=at, app=app, values=_values.decode(detail), previous=position))
    return found


def page(
    connection: apsw.Connection, collection: Collection, first: int, limit: int, *, archived: bool
) -> list[Record]:
    """The records from an id on, in the order of their ids, either those that are archived or the others."""
    select = PAGE.format(ARCHIVED if archived else "archived IS NULL")
    rows = connection.execute(select, (collection.key(min(first, LAST_ID)), collection.last_key, limit))
    return [_record(row) for row in rows]


def count(connection: apsw.Connection, collection: Collection) -> int:
    """How many live records there are; every row is looked at."""
    rows: list[Any] = connection.execute(COUNT, (collection.key(0), collection.last_key)).fetchall()
    return int(rows[0][0])


def holders(connection: apsw.Connection, collection: Collection, keys: Sequence[UniqueKey]) -> list[int]:
    """The ids of the records that hold these unique values."""
    rows = connection.executemany(HOLDERS, [(collection.slot, name, value) for name, value in keys])
    return [id_ for _, _, id_ in rows]
