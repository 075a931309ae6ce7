"""A store's file written by hand, record for record and change for change, and what a search of it must find.

The oracle knows nothing of the index: it looks at each record with the functions that say what a value is.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.operand import OPERANDS
from trunkline.crm.query import Condition, Field, Operand, Query
from trunkline.crm.record import Record
from trunkline.crm.values import Unfit
from trunkline.crm.view import value
from trunkline.crm.words import words
from trunkline.store.sqlite import rows
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import FIRST_ID, LAST_ID, SLOT_BITS, migrate

PORTAL = 7
CALLS = "0-48"
CONTACTS = "0-1"

_encode = msgspec.json.Encoder().encode


class Ledger:
    """A store of one portal: what is written goes to the tables and is remembered here, but for what was there."""

    def __init__(self, path: str) -> None:
        self.connection = connect(path)
        migrate(self.connection, path)
        self.connection.execute("INSERT OR IGNORE INTO portal (id, name, created) VALUES (?, 'p', 0)", (PORTAL,))
        insert = "INSERT OR IGNORE INTO collection (portal, type) VALUES (?, ?)"
        self.connection.executemany(insert, [(PORTAL, data.type_id) for data in shipped_types()])
        slots: Any = self.connection.execute("SELECT type, slot FROM collection")
        self.collections = {type_: Collection(slot, PORTAL, type_) for type_, slot in slots}
        self.now = 1_700_000_000_000
        self.ties: set[tuple[int, str, int]] = set()
        last: Any = self.connection.execute("SELECT coalesce(max(position), 0) FROM change").fetchall()
        self.position: int = last[0][0]
        self.records = {type_: self._load(collection) for type_, collection in self.collections.items()}
        self._next = max((FIRST_ID, *(id_ + 1 for found in self.records.values() for id_ in found)))

    def _load(self, collection: Collection) -> dict[int, Record]:
        select = "SELECT key & ? FROM record WHERE key >> ? = ?"
        ids: Any = self.connection.execute(select, (LAST_ID, SLOT_BITS, collection.slot)).fetchall()
        return {record.id: record for record in rows.records(self.connection, collection, [id_ for (id_,) in ids])}

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()

    def create(self, *all_values: dict[str, str], type_: str = CALLS) -> list[int]:
        """New records, told in one change."""
        self.now += 1
        ids = list(range(self._next, self._next + len(all_values)))
        self._next += len(ids)
        with self.connection:
            for id_, values in zip(ids, all_values, strict=True):
                record = Record(id=id_, properties=values, created=self.now, updated=self.now, app=3)
                self.records[type_][id_] = record
                self._write(type_, record)
            self._tell("create", type_, None, ids)
        return ids

    def update(self, id_: int, values: dict[str, str], type_: str = CALLS) -> None:
        """New values of a record; "" clears."""
        old = self.records[type_][id_]
        changed = {name: (old.properties.get(name), text) for name, text in values.items()}
        self._change(type_, msgspec.structs.replace(old, properties=old.properties | values), "update", changed)

    def archive(self, id_: int, type_: str = CALLS) -> None:
        """A record that searches find no more."""
        self._change(type_, msgspec.structs.replace(self.records[type_][id_], archived=self.now), "archive", {})

    def restore(self, id_: int, type_: str = CALLS) -> None:
        """An archived record that is live again."""
        self._change(type_, msgspec.structs.replace(self.records[type_][id_], archived=None), "restore", {})

    def erase(self, id_: int, type_: str = CALLS) -> None:
        """A record that is blanked for good."""
        blank = msgspec.structs.replace(self.records[type_][id_], archived=self.now, properties={})
        self._change(type_, blank, "erase", {})

    def tie(self, id_: int, other: int, type_: str = CONTACTS) -> None:
        """An association between a call and a record of another type."""
        self.ties.add((id_, type_, other))
        ends = self.collections[CALLS].key(id_), self.collections[type_].key(other)
        insert = "INSERT OR IGNORE INTO association (source, target, category, kind, at, app) VALUES (?, ?, 0, ?, 0, 3)"
        self.connection.executemany(insert, [(*ends, 194), (*ends[::-1], 193)])
        self._tell("associate", CALLS, None, [[id_, type_, other, 194, "HUBSPOT_DEFINED"]])

    def _change(self, type_: str, record: Record, kind: str, detail: object) -> None:
        self.now += 1
        record = msgspec.structs.replace(record, updated=self.now)
        self.records[type_][record.id] = record
        with self.connection:
            self._write(type_, record)
            self._tell(kind, type_, record.id, detail)

    def _write(self, type_: str, record: Record) -> None:
        columns = "key, properties, created, updated, app, archived"
        insert = f"INSERT OR REPLACE INTO record ({columns}) VALUES (?, ?, ?, ?, ?, ?)"
        properties = _encode(record.properties).decode()
        row = (properties, record.created, record.updated, record.app, record.archived)
        self.connection.execute(insert, (self.collections[type_].key(record.id), *row))

    def _tell(self, kind: str, type_: str, record: int | None, detail: object) -> None:
        self.position += 1
        columns = "position, portal, kind, type, at, app, record, detail"
        insert = f"INSERT INTO change ({columns}) VALUES (?, ?, ?, ?, ?, 3, ?, ?)"
        row = (self.position, PORTAL, kind, type_, self.now, record, _encode(detail).decode())
        self.connection.execute(insert, row)

    def find(self, query: Query, type_: ObjectType) -> list[int]:
        """The ids of all records that a query asks for, in order."""
        records = [record for record in self.records[type_.id].values() if record.archived is None]
        found = [record for record in records if self._meets(record, query, type_)]
        falls = query.sort is not None and query.sort.descending
        found.sort(key=lambda record: record.id, reverse=falls)
        if query.sort is not None:
            by = query.sort.field
            keys = {record.id: self._operands(record, by, type_) for record in found}
            found.sort(key=lambda record: keys[record.id], reverse=falls)
            found.sort(key=lambda record: not keys[record.id])
        return [record.id for record in found]

    def _meets(self, record: Record, query: Query, type_: ObjectType) -> bool:
        held = [word for name in query.searched for word in words(value(record, type_, name) or "")]
        if not all(any(word.startswith(start) for word in held) for start in query.words):
            return False
        groups = query.groups or ((),)
        return any(all(self._met(record, condition, type_) for condition in group) for group in groups)

    def _met(self, record: Record, condition: Condition, type_: ObjectType) -> bool:
        wanted, operator = condition.values, condition.operator
        if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
            text = value(record, type_, condition.field.name) or ""
            if not self._is_there(record, condition.field, type_):
                return False
            held = words(text)
            contains = all(any(_matches(str(pattern), word) for word in held) for pattern in wanted)
            return contains == (operator == "CONTAINS_TOKEN")
        there = self._is_there(record, condition.field, type_)
        if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            return there == (operator == "HAS_PROPERTY")
        operands = self._operands(record, condition.field, type_)
        return there and _TESTS[operator](operands, wanted)

    def _is_there(self, record: Record, looked_at: Field, type_: ObjectType) -> bool:
        return bool(self._operands(record, looked_at, type_))

    def _operands(self, record: Record, looked_at: Field, type_: ObjectType) -> list[Operand]:
        """The value of a field in the form it is compared in: none, one, or of many options each."""
        if looked_at.kind == "linked":
            tied = (other for id_, to, other in self.ties if (id_, to) == (record.id, looked_at.name))
            return [other for other in tied if self.records[looked_at.name][other].archived is None]
        text = value(record, type_, looked_at.name)
        if not text:
            return []
        parts = [part for part in text.split(";") if part] if looked_at.kind == "many" else [text]
        try:
            return [OPERANDS[looked_at.kind](part) for part in parts]
        except Unfit:
            return []


def _matches(pattern: str, word: str) -> bool:
    if "*" not in pattern:
        return pattern == word
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), word))


Test = Callable[[Sequence[Any], Sequence[Any]], bool]

_TESTS: dict[str, Test] = {
    "EQ": lambda have, wanted: wanted[0] in have,
    "NEQ": lambda have, wanted: wanted[0] not in have,
    "LT": lambda have, wanted: have[0] < wanted[0],
    "LTE": lambda have, wanted: have[0] <= wanted[0],
    "GT": lambda have, wanted: have[0] > wanted[0],
    "GTE": lambda have, wanted: have[0] >= wanted[0],
    "BETWEEN": lambda have, wanted: wanted[0] <= have[0] <= wanted[1],
    "IN": lambda have, wanted: not set(wanted).isdisjoint(have),
    "NOT_IN": lambda have, wanted: set(wanted).isdisjoint(have),
}
