"""What the index has of one collection: a table with a column for each indexed value, and tables of words.

    c7        one row for each live record of slot 7: its key, and the columns `p0`, `p1`, …
    i7_0      the index on the column p0; the key is the end of each of its entries
    w7_0      the words of one or several properties, in the columns `t0`, `t1`, …, by key
    v7_0      the distinct words of w7_0, for patterns, and u7_0 where each occurs

A part that is added later is filled a stretch of keys at a time, from the lowest on; `filled` says how far that has
come. Meanwhile changes reach it like all others.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from trunkline.crm.catalog import TypeData
from trunkline.store.search import form
from trunkline.store.search.form import Value


class Column(Struct, frozen=True):
    """One value of each record. `filled` is the key up to which it is there, None when it is there for all."""

    number: int
    value: Value
    filled: int | None = None
    indexed: bool = False

    @property
    def name(self) -> str:
        """The column of the table."""
        return f"p{self.number}"

    @property
    def values(self) -> tuple[Value, ...]:
        """The one value."""
        return (self.value,)

    @property
    def ready(self) -> bool:
        """Whether searches can rely on it."""
        return self.filled is None and self.indexed


class Words(Struct, frozen=True):
    """The words of some properties, a column for each; `filled` as for a column.

    `loose` says that so much has come that the parts in which FTS5 keeps it are to be merged into few.
    """

    number: int
    values: tuple[Value, ...]
    filled: int | None = None
    loose: bool = False

    @property
    def ready(self) -> bool:
        """Whether searches can rely on it."""
        return self.filled is None


class Layout(Struct, frozen=True):
    """The tables of one collection.

    `analyzed` is how many records it had when statistics were last made of it; `tainted` says that something of an
    erased record may still be in them.
    """

    slot: int
    type: str
    columns: tuple[Column, ...] = ()
    words: tuple[Words, ...] = ()
    analyzed: int = 0
    tainted: bool = False

    @property
    def parts(self) -> tuple[Column | Words, ...]:
        """All of them, columns first."""
        return (*self.columns, *self.words)

    @property
    def table(self) -> str:
        """The table of the columns."""
        return f"c{self.slot}"

    def index_of(self, column: Column) -> str:
        """The index on a column."""
        return f"i{self.slot}_{column.number}"

    def words_of(self, words: Words) -> str:
        """The name of a table of words, without its first letter."""
        return f"{self.slot}_{words.number}"

    def part(self, wanted: Value) -> Column | Words | None:
        """Where a value is. Whether there is a value at all is told by its text, too."""
        parts = self.words if wanted.form == "words" else self.columns
        found = [part for part in parts if wanted in part.values]
        if not found and wanted.form == "present":
            text = msgspec.structs.replace(wanted, form="text")
            found = [column for column in self.columns if column.value == text and column.ready]
        return found[0] if found else None

    def unready(self, wanted: Iterable[Value]) -> list[Value]:
        """Those of the wanted values that searches cannot rely on yet."""
        return [value for value in wanted if (part := self.part(value)) is None or not part.ready]

    def replaced(self, part: Column | Words) -> "Layout":
        """The layout with a newer state of one of its parts, which have their numbers in order."""
        if isinstance(part, Column):
            columns = (*self.columns[: part.number], part, *self.columns[part.number + 1 :])
            return msgspec.structs.replace(self, columns=columns)
        words = (*self.words[: part.number], part, *self.words[part.number + 1 :])
        return msgspec.structs.replace(self, words=words)


def usual(slot: int, type_: TypeData) -> Layout:
    """What a collection starts with."""
    columns, words = form.usual(type_)
    return Layout(
        slot,
        type_.type_id,
        tuple(Column(number, kept) for number, kept in enumerate(columns)),
        (Words(0, words),) if words else (),
    )
