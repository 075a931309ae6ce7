"""A store written by hand, record for record and change for change, and what a search of it must find.

The oracle knows nothing of the index: it looks at each record with the functions that say what a value is.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.cut import Counted, Cut, Cycle, Part, Ranges, Values
from trunkline.crm.operand import OPERANDS
from trunkline.crm.query import (
    Condition,
    Every,
    Exactly,
    Field,
    Not,
    Operand,
    Piece,
    Query,
    Recurring,
    Some,
    Test,
    Tied,
    Within,
)
from trunkline.crm.record import Record
from trunkline.crm.values import Unfit
from trunkline.crm.view import value
from trunkline.crm.words import words

PORTAL = 7
FIRST_ID = 100_000_000_000
CALLS = "0-48"
CONTACTS = "0-1"

_encode = msgspec.json.Encoder().encode


class Ledger:
    """A store of one portal: what is written is remembered here, and goes to the tables of an engine."""

    portal = PORTAL

    def __init__(self) -> None:
        self.now = 1_700_000_000_000
        self.position = 0
        self.ties: set[tuple[int, str, int]] = set()
        self.members: set[tuple[int, int]] = set()
        self.records: dict[str, dict[int, Record]] = {data.type_id: {} for data in shipped_types()}
        self._next = FIRST_ID

    def close(self) -> None:
        """Lets go of the engine."""

    def whole(self) -> AbstractContextManager[object]:
        """What is written inside is there as a whole."""
        raise NotImplementedError

    def create(self, *all_values: dict[str, str], type_: str = CALLS) -> list[int]:
        """New records, told in one change."""
        self.now += 1
        ids = list(range(self._next, self._next + len(all_values)))
        self._next += len(ids)
        with self.whole():
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
        self._bind((CALLS, id_), (type_, other))
        self._tell("associate", CALLS, None, [[id_, type_, other, 194, "HUBSPOT_DEFINED"]])

    def put(self, list_: int, id_: int) -> None:
        """A call is put into a list."""
        self.members.add((list_, id_))
        self._put(list_, CALLS, id_)

    def _change(self, type_: str, record: Record, kind: str, detail: object) -> None:
        self.now += 1
        record = msgspec.structs.replace(record, updated=self.now)
        self.records[type_][record.id] = record
        with self.whole():
            self._write(type_, record)
            self._tell(kind, type_, record.id, detail)

    def _tell(self, kind: str, type_: str, record: int | None, detail: object) -> None:
        self.position += 1
        self._note(self.position, kind, type_, record, _encode(detail).decode())

    def _write(self, type_: str, record: Record) -> None:
        """Writes a record, or over the one that is there."""
        raise NotImplementedError

    def _note(self, position: int, kind: str, type_: str, record: int | None, detail: str) -> None:
        """Tells the journal."""
        raise NotImplementedError

    def _bind(self, one: tuple[str, int], other: tuple[str, int]) -> None:
        """Ties a call to a contact, in both directions."""
        raise NotImplementedError

    def _put(self, list_: int, type_: str, id_: int) -> None:
        """Puts a record into a list."""
        raise NotImplementedError

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

    def tabulate(self, query: Query, type_: ObjectType, cuts: Sequence[Cut]) -> Counted:
        """How many records a query asks for, and how many of them are in each part."""
        found = [self.records[type_.id][id_] for id_ in self.find(query, type_)]
        return Counted(len(found), [self._parts(found, type_, cut) for cut in cuts])

    def _parts(self, found: list[Record], type_: ObjectType, cut: Cut) -> dict[Part, int]:
        values: list[Any] = [next(iter(self._operands(record, cut.field, type_)), None) for record in found]
        there = [value for value in values if value is not None]
        match cut:
            case Values(most=most):
                order = sorted(Counter(values).items(), key=lambda one: (-one[1], one[0] is not None, one[0]))
                return dict(order[:most])
            case Ranges(bounds=bounds):
                inside = [value for value in there if bounds[0] <= value < bounds[-1]]
                return dict(Counter(max(bound for bound in bounds if bound <= value) for value in inside))
            case Cycle(step=step, length=length):
                return dict(Counter(value // step % length for value in there))

    def _meets(self, record: Record, query: Query, type_: ObjectType) -> bool:
        held = [word for name in query.searched for word in words(value(record, type_, name) or "")]
        if not all(any(word.startswith(start) for word in held) for start in query.words):
            return False
        groups = query.groups or ((),)
        if not any(all(self._met(record, condition, type_) for condition in group) for group in groups):
            return False
        return query.test is None or self._tested(record, query.test, type_)

    def _tested(self, record: Record, test: Test, type_: ObjectType) -> bool:
        match test:
            case Condition():
                return self._met(record, test, type_)
            case Every(parts):
                return all(self._tested(record, part, type_) for part in parts)
            case Some(parts):
                return any(self._tested(record, part, type_) for part in parts)
            case Not(part):
                return not self._tested(record, part, type_)
            case Within(_, list_):
                return (list_, record.id) in self.members
            case Piece(looked_at, place, text):
                texts = [str(operand) for operand in self._operands(record, looked_at, type_)]
                return any(_PLACES[place](operand, text) for operand in texts)
            case Exactly(looked_at, options):
                return sorted(map(str, self._operands(record, looked_at, type_))) == sorted(options)
            case Recurring(looked_at, step, length, wanted):
                there = self._operands(record, looked_at, type_)
                return [int(moment) // step % length for moment in there] == [wanted]
            case Tied(other, _, _, part):
                near = [self.records[other.id][id_] for id_ in self._near(record.id, type_.id, other.id)]
                return any(one.archived is None and self._tested(one, part, other) for one in near)

    def _near(self, id_: int, type_: str, other: str) -> list[int]:
        """The records of another type to which one is tied, archived ones too."""
        if type_ == CALLS:
            return [target for source, to, target in self.ties if (source, to) == (id_, other)]
        return [source for source, to, target in self.ties if (to, target, other) == (type_, id_, CALLS)]

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
            near = self._near(record.id, type_.id, looked_at.name)
            return [other for other in near if self.records[looked_at.name][other].archived is None]
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


_PLACES: dict[str, Callable[[str, str], bool]] = {
    "anywhere": lambda have, text: text in have,
    "start": str.startswith,
    "end": str.endswith,
}
_TESTS: dict[str, Callable[[Sequence[Any], Sequence[Any]], bool]] = {
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
