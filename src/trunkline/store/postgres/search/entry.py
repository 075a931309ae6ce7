"""From a record to what the index has of it."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec
from msgspec import Struct

from trunkline.crm.derivation import Derivations
from trunkline.crm.record import Record
from trunkline.crm.words import words
from trunkline.store.postgres.search import word
from trunkline.store.postgres.search.layout import COLUMNS, LONGEST, Layout
from trunkline.store.search.form import FORMED, Value
from trunkline.store.search.sql import Scalar

NAMES = tuple(f"{family}{number}" for family in "tn" for number in range(COLUMNS))
"""The columns, in the order in which `search_enter` takes them."""

Reader = Callable[[Record], str | None]
"""From a record to the text of one of its values."""

_MOMENTS: dict[str, Callable[[Record], int]] = {
    "created": lambda record: record.created,
    "modified": lambda record: record.updated,
}
"""Derivations that are moments already: writing and reading their texts would take most of the time."""

_encode = msgspec.json.Encoder().encode


class Entries(Struct, frozen=True):
    """Rows for the index: the values by column, the documents, and the parts that got a text too long for a column."""

    ids: list[int]
    columns: dict[str, list[str | None]]
    details: list[str | None]
    long: set[int]

    def arrays(self) -> list[Sequence[object]]:
        """What `search_enter` takes: a column that the layout does not use is empty."""
        return [self.ids, *(self.columns.get(name, []) for name in NAMES), self.details]


class Former:
    """Makes rows of the records of one collection."""

    def __init__(self, portal: int, layout: Layout) -> None:
        self._compared = [(part, _shaper(part.values[0], layout.type)) for part in layout.parts if not part.is_words]
        self._worded = [
            (layout.mark(part, portal), [_reader(value, layout.type) for value in part.values])
            for part in layout.parts
            if part.is_words
        ]

    def empty(self) -> Entries:
        """No rows yet."""
        return Entries([], {part.column: [] for part, _ in self._compared if part.column}, [], set())

    def put(self, record: Record, entries: Entries) -> None:
        """Puts what is compared of a record behind the rows."""
        detail: dict[str, str] = {}
        for part, shape in self._compared:
            found = shape(record)
            if part.column is not None:
                entries.columns[part.column].append(_column(found))
            if isinstance(found, str) and part.column is not None and len(found) > LONGEST:
                entries.long.add(part.number)
                detail[str(part.number)] = found
            elif found is not None and part.column is None:
                detail[str(part.number)] = found if isinstance(found, str) else digits(found)
        entries.ids.append(record.id)
        entries.details.append(_encode(detail).decode() if detail else None)

    def words(self, record: Record) -> str:
        """The words of a record."""
        return word.row(
            (mark, [found for reader in readers for found in words(reader(record) or "")])
            for mark, readers in self._worded
        )


@lru_cache(maxsize=1_000)
def former(portal: int, layout: Layout) -> Former:
    """The former of a layout."""
    return Former(portal, layout)


def digits(number: int | float) -> str:
    """A number as the database reads it: a whole one with all its digits, so that it equals none but itself."""
    return str(int(number)) if number == int(number) else repr(number)


def _column(found: Scalar) -> str | None:
    return found[:LONGEST] if isinstance(found, str) else None if found is None else digits(found)


def _shaper(value: Value, type_id: str) -> Callable[[Record], Scalar]:
    """What gives a value in its form."""
    if value.form == "moment" and value.derivation in _MOMENTS:
        return _MOMENTS[value.derivation]
    reader, formed = _reader(value, type_id), FORMED[value.form]

    def shape(record: Record) -> Scalar:
        text = reader(record)
        found = formed(text) if text else None
        # No text of the database holds a NUL, and no query asks for one.
        return found.replace("\0", "\ufffd") if isinstance(found, str) and "\0" in found else found

    return shape


def _reader(value: Value, type_id: str) -> Reader:
    name, rule = value.name, value.derivation
    if rule is None:
        return lambda record: record.properties.get(name)
    return Derivations(type_id, {name: rule}).rule(name)
