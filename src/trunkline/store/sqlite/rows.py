"""The SQL of the hot path: finding records, applying a plan, reading history. Prepared statements, many rows each."""

from collections.abc import Iterable, Sequence
from typing import Any

import apsw
import msgspec

from trunkline.crm.plan import Found, Plan, UniqueKey, Wanted
from trunkline.crm.record import Change, Moment, Record
from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS

HOLDERS = "SELECT property, value, record FROM unique_value WHERE collection = ? AND property = ? AND value = ?"
RECORDS = "SELECT key, properties, created, updated, app, archived, last_change FROM record WHERE key = ?"
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

_properties = msgspec.json.Decoder(dict[str, str])
_values = msgspec.json.Decoder(dict[str, tuple[str | None, str]])
_encode = msgspec.json.Encoder().encode


class Collection(msgspec.Struct, frozen=True):
    """One portal's records of one object type."""

    slot: int
    portal: int
    type: str

    def key(self, id_: int) -> int:
        """The row id of a record."""
        return self.slot << SLOT_BITS | id_


def find(connection: apsw.Connection, collection: Collection, wanted: Wanted, now: Moment, next_id: int) -> Found:
    """What the store has of what is wanted; the records of all holders come with it."""
    slot = collection.slot
    holders: dict[UniqueKey, int] = {}
    if wanted.keys:
        rows = connection.executemany(HOLDERS, [(slot, name, value) for name, value in wanted.keys])
        for name, value, id_ in rows:
            holders[name, value] = id_
    ids = {id_ for id_ in (*wanted.ids, *holders.values()) if 0 < id_ <= LAST_ID}
    return Found(now, next_id, holders, {record.id: record for record in records(connection, collection, ids)})


def records(connection: apsw.Connection, collection: Collection, ids: Iterable[int]) -> list[Record]:
    """The records of these ids, in their order; ids that do not exist are left out."""
    keys = [(collection.key(id_),) for id_ in ids]
    if not keys:
        return []
    decode = _properties.decode
    return [
        Record(
            id=key & LAST_ID,
            properties=decode(properties),
            created=created,
            updated=updated,
            app=app,
            archived=archived,
            last_change=last_change,
        )
        for key, properties, created, updated, app, archived, last_change in connection.executemany(RECORDS, keys)
    ]


def apply(connection: apsw.Connection, collection: Collection, plan: Plan, position: int) -> int:
    """Writes a plan; the journal's rows start at `position`. Returns the first position that is free then.

    Values are released before any is claimed, so that one may change hands inside a batch.
    """
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
    return position


def _create(connection: apsw.Connection, collection: Collection, plan: Plan, position: int) -> int:
    rows = [(collection.key(r.id), _encode(r.properties).decode(), r.created, r.updated, r.app) for r in plan.creates]
    connection.executemany(INSERT_RECORD, rows)
    ids = _encode([r.id for r in plan.creates]).decode()
    change = (position, collection.portal, "create", collection.type, plan.now, plan.app, None, None, ids)
    connection.execute(TELL, change)
    return position + 1


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


def holders(connection: apsw.Connection, collection: Collection, keys: Sequence[UniqueKey]) -> list[int]:
    """The ids of the records that hold these unique values."""
    rows = connection.executemany(HOLDERS, [(collection.slot, name, value) for name, value in keys])
    return [id_ for _, _, id_ in rows]
