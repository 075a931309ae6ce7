"""The ledger that a search index is held against, on the tables of the embedded engine."""

from contextlib import AbstractContextManager
from typing import Any

import msgspec
from store.ledger import PORTAL, Ledger

from trunkline.crm.catalog import shipped_types
from trunkline.crm.record import Record
from trunkline.store.sqlite import rows
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import FIRST_ID, LAST_ID, SLOT_BITS, migrate

_encode = msgspec.json.Encoder().encode


class FileLedger(Ledger):
    """A store's file, or one in memory; what is there already is taken in."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.connection = connect(path)
        migrate(self.connection, path)
        self.connection.execute("INSERT OR IGNORE INTO portal (id, name, created) VALUES (?, 'p', 0)", (PORTAL,))
        insert = "INSERT OR IGNORE INTO collection (portal, type) VALUES (?, ?)"
        self.connection.executemany(insert, [(PORTAL, data.type_id) for data in shipped_types()])
        slots: Any = self.connection.execute("SELECT type, slot FROM collection")
        self.collections = {type_: Collection(slot, PORTAL, type_) for type_, slot in slots}
        last: Any = self.connection.execute("SELECT coalesce(max(position), 0) FROM change").fetchall()
        self.position = last[0][0]
        self.records = {type_: self._load(collection) for type_, collection in self.collections.items()}
        self._next = max((FIRST_ID, *(id_ + 1 for found in self.records.values() for id_ in found)))

    def _load(self, collection: Collection) -> dict[int, Record]:
        select = "SELECT key & ? FROM record WHERE key >> ? = ?"
        ids: Any = self.connection.execute(select, (LAST_ID, SLOT_BITS, collection.slot)).fetchall()
        return {record.id: record for record in rows.records(self.connection, collection, [id_ for (id_,) in ids])}

    def close(self) -> None:
        self.connection.close()

    def whole(self) -> AbstractContextManager[object]:
        return self.connection

    def _write(self, type_: str, record: Record) -> None:
        columns = "key, properties, created, updated, app, archived"
        insert = f"INSERT OR REPLACE INTO record ({columns}) VALUES (?, ?, ?, ?, ?, ?)"
        properties = _encode(record.properties).decode()
        row = (properties, record.created, record.updated, record.app, record.archived)
        self.connection.execute(insert, (self.collections[type_].key(record.id), *row))

    def _note(self, position: int, kind: str, type_: str, record: int | None, detail: str) -> None:
        columns = "position, portal, kind, type, at, app, record, detail"
        insert = f"INSERT INTO change ({columns}) VALUES (?, ?, ?, ?, ?, 3, ?, ?)"
        self.connection.execute(insert, (position, PORTAL, kind, type_, self.now, record, detail))

    def _bind(self, one: tuple[str, int], other: tuple[str, int]) -> None:
        ends = self.collections[one[0]].key(one[1]), self.collections[other[0]].key(other[1])
        insert = "INSERT OR IGNORE INTO association (source, target, category, kind, at, app) VALUES (?, ?, 0, ?, 0, 3)"
        self.connection.executemany(insert, [(*ends, 194), (*ends[::-1], 193)])

    def _put(self, list_: int, type_: str, id_: int) -> None:
        insert = "INSERT OR IGNORE INTO list_member (portal, list, record, at) VALUES (?, ?, ?, 0)"
        self.connection.execute(insert, (PORTAL, list_, self.collections[type_].key(id_)))
